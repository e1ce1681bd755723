//! The open database: every statement that reads or writes what is kept.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};

use super::message::Kept;
use super::row::{Changes, SessionRow, Status, WorkspaceRow};
use super::schema::{self, Header, MIGRATIONS};
use super::snapshot::{KEPT, Snapshot};
use super::trouble::Trouble;
use crate::base::SessionId;

/// How long another program may hold the file before that is told. Nothing waits for the store meanwhile, but whoever
/// ends the host.
const BUSY: Duration = Duration::from_secs(1);
/// Most bytes of one value: what a file claims beyond that is not believed.
const MAX_VALUE: i32 = 256 << 20;

/// Whether this build could use the file that is there; none is as good as an empty one. Changes nothing.
///
/// # Errors
/// [`Trouble::Refused`] alone: everything else may pass, or is dealt with by who opens it.
pub fn readable(path: &Path) -> Result<(), Trouble> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let Ok(db) = Connection::open_with_flags(path, flags) else { return Ok(()) };
    match schema::header(&db) {
        Err(refused @ Trouble::Refused(_)) => Err(refused),
        _ => Ok(()),
    }
}

#[derive(Debug)]
pub(super) struct Database {
    db: Connection,
}

impl Database {
    /// Opens the file, which has to be there, looks through it, and makes its tables those of this build.
    ///
    /// # Errors
    /// Every [`Trouble`]. A file that is refused is as it was.
    pub(super) fn open(path: &Path) -> Result<Self, Trouble> {
        let flags =
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let mut db = Connection::open_with_flags(path, flags)?;
        // Until it is known whose it is, closing it must not bring its log into it.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        // What stands in a file is data: nothing of it is to be run (https://sqlite.org/security.html).
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        db.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE)?;
        db.busy_timeout(BUSY)?;
        db.execute_batch("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;")?;
        let version = match schema::header(&db)? {
            Header::Empty => {
                // Only an empty file takes it.
                db.execute_batch("PRAGMA auto_vacuum = INCREMENTAL;")?;
                0
            }
            Header::Known(version) => {
                schema::check(&db, version)?;
                version
            }
        };
        let mode: String = db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        // With a log, power loss costs the last moments at most; without one it could cost the file.
        let synchronous = if mode == "wal" { "NORMAL" } else { "FULL" };
        db.execute_batch(&format!(
            "PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = {};",
            16 << 20
        ))?;
        schema::migrate(&mut db, version, MIGRATIONS)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        Ok(Self { db })
    }

    /// Whatever ran when the last host ended runs no more, and how it ended nobody knows.
    ///
    /// # Errors
    /// [`Trouble`]; then nothing has changed.
    pub(super) fn end_all(&mut self, now_ms: u64) -> Result<(), Trouble> {
        self.change(|db| {
            db.execute(
                "UPDATE sessions SET status = 'terminated', exit_code = NULL, ended_at = ?1 WHERE status <> 'terminated'",
                [now_ms],
            )?;
            db.execute("UPDATE workspaces SET closed_at = ?1 WHERE closed_at IS NULL", [now_ms])?;
            Ok(())
        })
    }

    /// Keeps all of this or nothing.
    ///
    /// # Errors
    /// [`Trouble`]; then nothing has changed.
    pub(super) fn save(&mut self, changes: &Changes, now_ms: u64) -> Result<Kept, Trouble> {
        self.change(|db| {
            // A session names its workspace, which therefore comes first.
            changes.workspaces.iter().try_for_each(|row| save_workspace(db, row, now_ms))?;
            changes.sessions.iter().try_for_each(|row| save_session(db, row, now_ms))?;
            for name in &changes.closed {
                db.execute("UPDATE workspaces SET closed_at = ?2 WHERE name = ?1", params![name, now_ms])?;
            }
            kept(db)
        })
    }

    /// Forgets the sessions that ended before this, and what was kept of them; workspaces go when nothing names them.
    ///
    /// # Errors
    /// [`Trouble`]; then nothing has changed.
    pub(super) fn forget(&mut self, before_ms: u64) -> Result<Kept, Trouble> {
        let (gone, kept) = self.change(|db| {
            let sessions =
                db.execute("DELETE FROM sessions WHERE status = 'terminated' AND ended_at < ?1", [before_ms])?;
            let workspaces = db.execute(
                "DELETE FROM workspaces WHERE closed_at < ?1 AND name NOT IN \
                 (SELECT workspace FROM sessions WHERE workspace IS NOT NULL)",
                [before_ms],
            )?;
            Ok((sessions + workspaces, kept(db)?))
        })?;
        if gone > 0 {
            // Each row that it gives is a page given back to the system.
            let mut vacuum = self.db.prepare("PRAGMA incremental_vacuum")?;
            let mut pages = vacuum.query([])?;
            while pages.next()?.is_some() {}
        }
        Ok(kept)
    }

    /// Keeps a snapshot of a session, and drops the oldest of more than [`KEPT`]. False when the session is not kept.
    ///
    /// # Errors
    /// [`Trouble`]; then nothing has changed.
    pub(super) fn save_snapshot(&mut self, session: SessionId, snapshot: &Snapshot) -> Result<bool, Trouble> {
        let session = session.to_string();
        self.change(|db| {
            let Snapshot { taken_at_ms, terminal_buffer, scrollback } = snapshot;
            let kept = db.execute(
                "INSERT INTO session_snapshots (session, taken_at, terminal_buffer, scrollback)
                 SELECT id, ?2, ?3, ?4 FROM sessions WHERE id = ?1",
                params![session, taken_at_ms, terminal_buffer, scrollback],
            )?;
            db.execute(
                "DELETE FROM session_snapshots WHERE session = ?1 AND id NOT IN
                 (SELECT id FROM session_snapshots WHERE session = ?1 ORDER BY taken_at DESC, id DESC LIMIT ?2)",
                params![session, KEPT],
            )?;
            Ok(kept > 0)
        })
    }

    /// The newest snapshot of a session.
    ///
    /// # Errors
    /// [`Trouble`].
    pub(super) fn load_snapshot(&self, session: SessionId) -> Result<Option<Snapshot>, Trouble> {
        let newest = self.db.query_row(
            "SELECT taken_at, terminal_buffer, scrollback FROM session_snapshots
             WHERE session = ?1 ORDER BY taken_at DESC, id DESC LIMIT 1",
            [session.to_string()],
            |row| Ok(Snapshot { taken_at_ms: row.get(0)?, terminal_buffer: row.get(1)?, scrollback: row.get(2)? }),
        );
        Ok(newest.optional()?)
    }

    fn change<T>(&mut self, what: impl FnOnce(&Transaction) -> rusqlite::Result<T>) -> Result<T, Trouble> {
        // Asked for at once: one that began by reading could not wait for another writer.
        let change = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = what(&change)?;
        change.commit()?;
        Ok(result)
    }

    #[cfg(test)]
    pub(super) fn connection(&self) -> &Connection {
        &self.db
    }
}

fn kept(db: &Transaction) -> rusqlite::Result<Kept> {
    Ok(Kept { sessions: db.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0))? })
}

/// One that was closed begins anew.
fn save_workspace(db: &Transaction, row: &WorkspaceRow, now_ms: u64) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO workspaces (name, layout, kept, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)
         ON CONFLICT (name) DO UPDATE SET layout = excluded.layout, kept = excluded.kept, updated_at = excluded.updated_at, closed_at = NULL,
         created_at = iif(closed_at IS NULL, created_at, excluded.created_at)",
        params![row.name, row.layout, row.kept, now_ms],
    )?;
    Ok(())
}

fn save_session(db: &Transaction, row: &SessionRow, now_ms: u64) -> rusqlite::Result<()> {
    let id = row.id.to_string();
    let ended_at = (row.status == Status::Terminated).then_some(now_ms);
    db.execute(
        "INSERT INTO sessions (id, name, kind, target, agent, command, cwd, project, status, exit_code, workspace,
         pane_index, created_at, last_active, ended_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, (SELECT name FROM workspaces WHERE name = ?11), ?12, ?13, ?14, ?15)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, target = excluded.target,
         agent = excluded.agent, command = excluded.command, cwd = excluded.cwd, project = excluded.project,
         status = excluded.status, exit_code = excluded.exit_code, workspace = excluded.workspace,
         pane_index = excluded.pane_index, created_at = excluded.created_at, last_active = excluded.last_active,
         ended_at = iif(excluded.ended_at IS NULL, NULL, coalesce(ended_at, excluded.ended_at))",
        params![
            id,
            row.name,
            row.kind,
            row.target,
            row.agent,
            row.command,
            row.cwd,
            row.project,
            row.status.name(),
            row.exit_code,
            row.workspace,
            row.pane_index,
            row.created_at_ms,
            row.last_active_ms,
            ended_at,
        ],
    )?;
    for (key, value) in &row.state {
        db.execute(
            "INSERT INTO session_state (session, key, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (session, key) DO UPDATE SET value = excluded.value",
            params![id, key, value],
        )?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "database_tests.rs"]
pub(super) mod tests;
