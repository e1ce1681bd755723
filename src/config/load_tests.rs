//! Settings, keymap, theme and agents as a user's directory has them.

use std::fs;

use super::*;
use crate::base::Rgb;
use crate::config::{LogLevel, OnQuit, Position};
use crate::model::Action;

/// A directory of settings with these files.
fn home(files: &[(&str, &str)]) -> (tempfile::TempDir, ConfigDirs) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("synk");
    for (name, text) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    (dir, ConfigDirs::at(root))
}

fn only_error(loaded: &Loaded) -> FileError {
    match &loaded.errors[..] {
        [ConfigError::File(error)] => error.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_files_the_defaults_hold() {
    let (_dir, dirs) = home(&[]);
    assert_eq!(load(&dirs), Loaded::default());
    assert_eq!(Loaded::default().agents.len(), 4);
}

#[test]
fn every_setting_takes_effect() {
    let synk = r#"Settings(
        font_family: "Hack", font_size: 12, theme: "day", cursor_blink: false, history_lines: 500, history_bytes: 65536,
        ask_on_quit: Keep, socket_path: "/srv/me/synk.sock", database_path: "/srv/me/synk.db", log_level: Debug,
        clean_up_stopped_s: 5, clean_up_detached_s: 600, hibernate_after_s: 7, keep_ended_days: 7, save_every_s: 30,
        saved_states: 3, restore_on_start: false, detach_key: "f12", attach_title: false, attach_clipboard: false,
    )"#;
    let keymap = r#"(unbind: ["Ctrl+B"], bind: {"ctrl+shift+n": "new_shell", "ctrl+0": "zoom"})"#;
    let (_dir, dirs) = home(&[
        ("synk.ron", synk),
        ("keymap.ron", keymap),
        ("themes/day.ron", "(bg: \"#ffffff\")"),
        ("agents.ron", r#"(agents: {"aider": (command: "aider")})"#),
    ]);
    let loaded = load(&dirs);
    assert_eq!((&loaded.errors[..], &loaded.warnings[..]), (&[][..], &[][..]));
    let settings = Settings {
        font_family: Some("Hack".into()),
        font_size: 12.0,
        theme: "day".into(),
        cursor_blink: false,
        history_lines: 500,
        history_bytes: 65536,
        ask_on_quit: OnQuit::Keep,
        socket_path: Some("/srv/me/synk.sock".into()),
        database_path: Some("/srv/me/synk.db".into()),
        log_level: LogLevel::Debug,
        clean_up_stopped_s: 5,
        clean_up_detached_s: 600,
        hibernate_after_s: 7,
        keep_ended_days: 7,
        save_every_s: 30,
        saved_states: 3,
        restore_on_start: false,
        detach_key: "f12".parse().unwrap(),
        attach_title: false,
        attach_clipboard: false,
    };
    assert_eq!(loaded.settings, settings);
    let action = |chord: &str| loaded.keymap.get(chord.parse().unwrap());
    assert_eq!((action("ctrl+b"), action("ctrl+0")), (None, Some(Action::Zoom)));
    assert_eq!((action("ctrl+shift+n"), action("ctrl+shift+t")), (Some(Action::NewShell), Some(Action::NewShell)));
    assert_eq!(loaded.theme, Theme { bg: Rgb::from_u32(0xff_ff_ff), ..Theme::default() });
    assert_eq!(loaded.agents.len(), 5);
}

#[test]
fn an_unknown_field_warns_with_its_place_and_the_rest_applies() {
    let (_dir, dirs) = home(&[("synk.ron", "(\n    fontsize: 20,\n    font_size: 20,\n)")]);
    let loaded = load(&dirs);
    assert_eq!((loaded.settings.font_size, &loaded.errors[..]), (20.0, &[][..]));
    assert_eq!(loaded.warnings[0].at, Position { line: 2, column: 5 });
    assert!(
        loaded.warnings[0].to_string().starts_with(&format!("{}:2:5: the field fontsize", dirs.settings().display()))
    );
}

#[test]
fn a_wrong_value_refuses_the_file_and_says_what_would_be_right() {
    let cases = [
        ("synk.ron", "(\n font_size: 900,\n cursor_blink: false)", 2, "from 6 to 96"),
        ("synk.ron", "(cursor_blink: false,\n font_size: \"big\")", 2, "expected float"),
        ("synk.ron", "(history_lines: 1000001)", 1, "from 0 to 1000000"),
        ("synk.ron", "(history_lines: -1)", 1, ""),
        ("synk.ron", "(theme: \"../x\")", 1, "the name of a file in themes/"),
        ("synk.ron", "(ask_on_quit: Never)", 1, "`Ask`"),
        ("synk.ron", "(font_family: \"\")", 1, "not empty"),
        ("synk.ron", "(detach_key: \"a\")", 1, "is typed into programs"),
        ("synk.ron", "", 1, ""),
        ("keymap.ron", "(bind: {\n\"strg+t\": \"zoom\"})", 2, "expected modifiers"),
        ("keymap.ron", "(bind: {\n\"ctrl+t\": \"zom\"})", 2, "known are"),
        ("keymap.ron", "(bind: {\"ctrl+t\": \"zoom\",\n \"Ctrl+T\": \"copy\"})", 2, "twice"),
        ("themes/synk.ron", "(fg: \"red\")", 1, "#rrggbb"),
        ("themes/synk.ron", "(ansi: [\"#000000\"])", 1, "16 colours"),
    ];
    for (name, text, line, what) in cases {
        let (_dir, dirs) = home(&[(name, text)]);
        let loaded = load(&dirs);
        let error = only_error(&loaded);
        assert_eq!(error.at.map(|at| at.line), Some(line), "{text}: {error}");
        assert!(error.to_string().contains(what), "{text}: {error}");
        assert_eq!(Loaded { errors: Vec::new(), ..loaded }, Loaded::default(), "{text}");
    }
}

#[test]
fn an_agent_without_a_command_and_a_missing_theme_are_refused_by_name() {
    let (_dir, dirs) = home(&[("agents.ron", r#"(agents: {"aider": ()})"#)]);
    assert!(only_error(&load(&dirs)).to_string().ends_with("agents.ron: the agent \"aider\" names no command"));
    let (_dir, dirs) = home(&[("synk.ron", r#"(theme: "night")"#)]);
    assert!(only_error(&load(&dirs)).to_string().ends_with("night.ron: there is no such theme; synk is built in"));
}

#[test]
fn a_file_that_breaks_later_leaves_the_last_good_state() {
    let (_dir, dirs) = home(&[("synk.ron", "(font_size: 20)"), ("keymap.ron", r#"(unbind: ["ctrl+b"])"#)]);
    let mut loaded = load(&dirs);
    let good = loaded.clone();
    fs::write(dirs.settings(), "(font_size: 30").unwrap();
    fs::write(dirs.keymap(), b"(unbind: [\"\xff\"])").unwrap();
    loaded.reload(&dirs);
    assert_eq!((&loaded.settings, &loaded.keymap, loaded.errors.len()), (&good.settings, &good.keymap, 2));
    let ConfigError::File(not_text) = &loaded.errors[1] else { panic!("{:?}", loaded.errors) };
    assert_eq!((not_text.at, &not_text.problem), (Some(Position { line: 1, column: 12 }), &Problem::NotText));
    fs::remove_file(dirs.settings()).unwrap();
    fs::remove_file(dirs.keymap()).unwrap();
    loaded.reload(&dirs);
    assert_eq!(loaded, Loaded::default(), "without files the defaults hold again");
}

#[test]
fn what_is_no_file_is_refused_and_not_waited_for() {
    let (_dir, dirs) = home(&[("synk.ron/x", "")]);
    assert!(only_error(&load(&dirs)).to_string().contains("not a regular file"));
    let (_dir, dirs) = home(&[("keymap.ron", &" ".repeat(1 << 21))]);
    assert!(matches!(only_error(&load(&dirs)).problem, Problem::TooLong { .. }));
}

#[test]
fn a_file_cut_anywhere_never_gives_half_a_state() {
    let text = "Settings(font_family: \"Hück\", font_size: 12, theme: \"synk\", cursor_blink: false, zork: [1, (2)],\n history_lines: 500, ask_on_quit: Keep)";
    for cut in 0..text.len() {
        let (_dir, dirs) = home(&[]);
        fs::create_dir_all(dirs.sessions()).unwrap();
        fs::write(dirs.settings(), &text.as_bytes()[..cut]).unwrap();
        let loaded = load(&dirs);
        assert_eq!((loaded.settings, loaded.errors.len()), (Settings::default(), 1), "cut at {cut}");
    }
}

#[test]
fn the_shipped_files_say_what_holds_without_them() {
    let asset =
        |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(name)).unwrap();
    let (keymap, theme, synk) = (asset("keymap.ron"), asset("themes/synk.ron"), asset("synk.ron"));
    let (_dir, dirs) = home(&[("keymap.ron", &keymap), ("themes/synk.ron", &theme), ("synk.ron", &synk)]);
    let loaded = load(&dirs);
    assert_eq!((&loaded.errors[..], &loaded.warnings[..]), (&[][..], &[][..]));
    assert_eq!((&loaded.theme, &loaded.settings), (&Theme::default(), &Settings::default()));
    for action in Action::ALL {
        let mut mine: Vec<_> = loaded.keymap.chords(*action).collect();
        let mut built_in: Vec<_> = Keymap::default().chords(*action).collect();
        mine.sort();
        built_in.sort();
        assert_eq!(mine, built_in, "{action}");
        for chord in built_in {
            assert!(keymap.contains(&format!("\"{chord}\": \"{action}\"")), "keymap.ron does not show {chord}");
        }
    }
}
