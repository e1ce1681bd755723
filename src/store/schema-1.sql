-- Times are Unix times in milliseconds.
CREATE TABLE workspaces (
    name TEXT PRIMARY KEY NOT NULL,
    layout TEXT NOT NULL,
    kept INTEGER NOT NULL,
    active_session TEXT REFERENCES sessions (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    closed_at INTEGER
) STRICT;
CREATE TABLE sessions (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    target TEXT,
    agent TEXT NOT NULL,
    command TEXT NOT NULL,
    cwd TEXT NOT NULL,
    project TEXT,
    status TEXT NOT NULL CHECK (status IN ('active', 'detached', 'terminated')),
    exit_code INTEGER,
    workspace TEXT REFERENCES workspaces (name) ON UPDATE CASCADE ON DELETE SET NULL,
    pane_index INTEGER,
    created_at INTEGER NOT NULL,
    last_active INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE TABLE session_state (
    session TEXT NOT NULL REFERENCES sessions (id) ON UPDATE CASCADE ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (session, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE session_snapshots (
    id INTEGER PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions (id) ON UPDATE CASCADE ON DELETE CASCADE,
    taken_at INTEGER NOT NULL,
    terminal_buffer BLOB NOT NULL,
    scrollback BLOB NOT NULL
) STRICT;
CREATE INDEX workspaces_active_session ON workspaces (active_session);
CREATE INDEX sessions_status ON sessions (status, ended_at);
CREATE INDEX sessions_workspace ON sessions (workspace, pane_index);
CREATE INDEX sessions_last_active ON sessions (last_active);
CREATE INDEX session_snapshots_session ON session_snapshots (session, taken_at);
