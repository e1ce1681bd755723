//! The files that people have must go on meaning what they mean, and the system's refusals must lose nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use synk::base::{PxRect, Rgb};
use synk::config::{
    ConfigDirs, ConfigError, LogLevel, OnQuit, SavedPane, SavedSession, Settings, load, load_from_env, saved, template,
};
use synk::model::grid_layout::Weights;
use synk::model::{Action, Layout, Theme};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/config").join(name)
}

fn session() -> SavedSession {
    let pane = |name: &str, agent: &str, cwd: &str, title: &str, command: Option<&[&str]>| SavedPane {
        name: name.into(),
        agent: agent.into(),
        cwd: cwd.into(),
        title: title.into(),
        command: command.map(|words| words.iter().map(|w| (*w).into()).collect()),
        ..SavedPane::default()
    };
    SavedSession {
        layout: Layout::Grid(Weights { columns: vec![700, 1300], rows: vec![1000, 1000], last_row: vec![1000] }),
        panes: vec![
            pane("shell-1", "shell", "/home/u/src", "vim", None),
            pane("claude-1", "claude", "/home/u/src", "✳ fix", None),
            pane("top", "shell", "/", "", Some(&["htop", "-d", "5"])),
        ],
    }
}

#[test]
fn an_old_saved_session_reads_and_a_new_one_looks_the_same() {
    let dir = tempfile::tempdir().unwrap();
    fs::copy(fixture("session-1.ron"), dir.path().join("old.ron")).unwrap();
    let opened = saved::load(dir.path(), "old").unwrap();
    assert_eq!((&opened.session, opened.read_only, &opened.warnings[..]), (&session(), false, &[][..]));
    let path = saved::save(dir.path(), "new", &session()).unwrap();
    let frozen = fs::read_to_string(fixture("session-1.ron")).unwrap();
    let (_, frozen) = frozen.split_once('\n').unwrap();
    assert_eq!(fs::read_to_string(path).unwrap(), frozen, "the written form has changed: is it a new format?");
}

#[test]
fn an_old_template_reads() {
    let template = template::load(&fixture("template-1.ron")).unwrap();
    let pane = |name: &str, agent: &str, cwd: &str| SavedPane {
        name: name.into(),
        agent: agent.into(),
        cwd: cwd.into(),
        ..SavedPane::default()
    };
    let edit = SavedPane { command: Some(vec!["vim".into(), "-p".into()]), ..pane("edit", "shell", "src") };
    let server = SavedPane { env: [("PORT".into(), "8080".into())].into(), ..pane("server", "shell", "") };
    assert_eq!((template.name.as_str(), template.warnings.len()), ("shop", 0));
    assert_eq!(template.session.panes, [edit, pane("", "claude", "~"), server]);
    let placed = template.session.layout.place(3, PxRect::new(0, 0, 500, 300), 0).panes;
    assert_eq!(
        placed,
        [(0, 0, 300, 300), (300, 0, 200, 200), (300, 200, 200, 100)].map(|(x, y, w, h)| PxRect::new(x, y, w, h))
    );
}

#[test]
fn a_split_is_saved_beside_what_older_builds_read() {
    let dir = tempfile::tempdir().unwrap();
    let layout = template::load(&fixture("template-1.ron")).unwrap().session.layout;
    let split = SavedSession { layout, ..session() };
    let path = saved::save(dir.path(), "split", &split).unwrap();
    assert_eq!(saved::load(dir.path(), "split").unwrap().session, split);
    let text = fs::read_to_string(path).unwrap();
    let without: String = text
        .split_inclusive('\n')
        .scan(0, |deep, line| {
            let inside = *deep > 0 || line.trim_start().starts_with("layout:");
            *deep += if inside {
                line.matches(['(', '[']).count() as i32 - line.matches([')', ']']).count() as i32
            } else {
                0
            };
            Some(if inside { "" } else { line })
        })
        .collect();
    fs::write(dir.path().join("old.ron"), without).unwrap();
    let old = saved::load(dir.path(), "old").unwrap();
    assert_eq!(old.session, SavedSession { layout: Layout::Grid(Weights::equal(3)), ..session() });
}

#[test]
fn the_example_of_the_documents_is_a_template() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/templates.md")).unwrap();
    let (_, example) = page.split_once("```ron\n").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shop.ron");
    fs::write(&path, example.split_once("```").unwrap().0).unwrap();
    let template = template::load(&path).unwrap();
    assert_eq!((template.session.panes.len(), template.warnings.len()), (3, 0));
}

#[test]
fn old_settings_read() {
    let dir = tempfile::tempdir().unwrap();
    let dirs = ConfigDirs::at(dir.path().to_owned());
    fs::create_dir(dirs.themes()).unwrap();
    for (name, to) in [
        ("synk-1.ron", dirs.settings()),
        ("keymap-1.ron", dirs.keymap()),
        ("theme-1.ron", dirs.themes().join("day.ron")),
        ("agents-1.ron", dirs.agents()),
    ] {
        fs::copy(fixture(name), to).unwrap();
    }
    let loaded = load(&dirs);
    assert_eq!((&loaded.errors[..], &loaded.warnings[..]), (&[][..], &[][..]));
    let settings = Settings {
        socket_path: None,
        database_path: None,
        log_level: LogLevel::Warn,
        clean_up_stopped_s: 60,
        clean_up_detached_s: 0,
        hibernate_after_s: 60,
        keep_ended_days: 30,
        save_every_s: 5,
        saved_states: 10,
        restore_on_start: true,
        detach_key: "ctrl+\\".parse().unwrap(),
        attach_title: true,
        attach_clipboard: true,
        font_family: Some("Hack".into()),
        font_size: 12.0,
        theme: "day".into(),
        cursor_blink: false,
        history_lines: 500,
        history_bytes: 65536,
        ask_on_quit: OnQuit::Stop,
    };
    assert_eq!(loaded.settings, settings);
    let action = |chord: &str| loaded.keymap.get(chord.parse().unwrap());
    assert_eq!((action("ctrl+b"), action("ctrl+shift+n")), (None, Some(Action::NewShell)));
    assert_eq!((action("super+plus"), action("ctrl+shift+w")), (Some(Action::FontBigger), Some(Action::ClosePane)));
    let mut n = 0;
    let mut next = || {
        n += 1;
        Rgb::from_u32(n)
    };
    let theme = Theme {
        fg: Rgb::from_u32(0x10_11_12),
        bg: Rgb::from_u32(0xfa_fa_fa),
        cursor: next(),
        selection_bg: next(),
        ansi: std::array::from_fn(|i| Rgb::from_u32(i as u32)),
        gap: next(),
        header_bg: next(),
        header_fg: next(),
        accent: next(),
        warning: next(),
        running: next(),
        quiet: next(),
        exited: next(),
    };
    assert_eq!(loaded.theme, theme);
    let agents: Vec<_> = loaded.agents.iter().map(|a| (a.id.as_str(), a.command.as_str(), a.args.len())).collect();
    let expected = [
        ("claude", "claude", 1),
        ("gemini", "gemini", 0),
        ("codex", "codex", 0),
        ("aider", "aider", 1),
        ("shell", "$SHELL", 0),
    ];
    assert_eq!(agents, expected);
}

/// Runs something as nobody special: root passes every permission check. On Linux each thread has its own user.
fn as_nobody<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            if rustix::process::geteuid().is_root() {
                rustix::thread::set_thread_gid(rustix::process::Gid::from_raw(65534)).unwrap();
                rustix::thread::set_thread_uid(rustix::process::Uid::from_raw(65534)).unwrap();
            }
            work()
        });
        thread.join().unwrap()
    })
}

/// A directory that `nobody` may look into and not write to.
fn sealed_dir() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    saved::save(dir.path(), "work", &session()).unwrap();
    fs::set_permissions(dir.path().join("work.ron"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o555)).unwrap();
    dir
}

#[test]
fn a_directory_that_cannot_be_written_keeps_what_it_has() {
    let dir = sealed_dir();
    let shorter = SavedSession { panes: session().panes[..1].to_vec(), ..session() };
    let error = as_nobody(|| saved::save(dir.path(), "work", &shorter).unwrap_err());
    assert!(error.to_string().contains("cannot be written: Permission denied"), "{error}");
    assert_eq!(saved::load(dir.path(), "work").unwrap().session, session());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_file_that_cannot_be_read_is_said_and_the_defaults_hold() {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(dir.path().join("synk.ron"), "(font_size: 20)").unwrap();
    fs::set_permissions(dir.path().join("synk.ron"), fs::Permissions::from_mode(0o000)).unwrap();
    let loaded = as_nobody(|| load(&ConfigDirs::at(dir.path().to_owned())));
    assert_eq!(loaded.settings, Settings::default());
    assert!(
        loaded.errors[0].to_string().contains("synk.ron: cannot be read: Permission denied"),
        "{:?}",
        loaded.errors
    );
}

#[test]
fn without_a_home_the_defaults_hold() {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["child_has_no_home", "--exact", "--ignored"]).env_remove("HOME").env_remove("XDG_CONFIG_HOME");
    let out = child.output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
    assert!(String::from_utf8_lossy(&out.stdout).contains("1 passed"));
}

#[test]
#[ignore = "run by without_a_home_the_defaults_hold"]
fn child_has_no_home() {
    let loaded = load_from_env();
    assert_eq!((loaded.settings, &loaded.errors[..]), (Settings::default(), &[ConfigError::NoHome][..]));
}
