//! Saved sessions on a real directory.

use std::fs;

use super::*;
use crate::config::Position;
use crate::model::grid_layout::Weights;
use crate::model::session_kind::SshTarget;

fn three_panes() -> SavedSession {
    let shell =
        SavedPane { name: "one".into(), agent: "shell".into(), cwd: "/tmp/ä \"b\"".into(), ..SavedPane::default() };
    let claude = SavedPane {
        name: "two".into(),
        agent: "claude".into(),
        cwd: "/".into(),
        title: "✳ t\u{1b}\u{202e}".into(),
        command: Some(vec!["claude".into(), String::new(), "-c".into()]),
        ..SavedPane::default()
    };
    let machine = SshTarget { host: "box".into(), port: Some(2222), user: None };
    let remote = Some(RemoteSession { machine, session: "dev".into() });
    let far = SavedPane { name: "three".into(), agent: "shell".into(), remote, ..SavedPane::default() };
    let weights = Weights { columns: vec![700, 1300, 1000], rows: vec![1000], last_row: vec![1000, 1000, 1000] };
    SavedSession { layout: Layout::Grid(weights), panes: vec![shell, claude, far] }
}

fn problem(result: Result<impl std::fmt::Debug, ConfigError>) -> FileError {
    match result {
        Err(ConfigError::File(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_saved_is_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let sessions = dir.path().join("sessions");
    assert_eq!(list(&sessions), Vec::<String>::new());
    save(
        &sessions,
        "work",
        &SavedSession {
            panes: vec![SavedPane { agent: "shell".into(), ..SavedPane::default() }],
            ..SavedSession::default()
        },
    )
    .unwrap();
    save(&sessions, "work", &three_panes()).unwrap();
    save(&sessions, "ä b.c", &three_panes()).unwrap();
    let opened = load(&sessions, "work").unwrap();
    assert_eq!(opened, Opened { session: three_panes(), read_only: false, warnings: Vec::new() });
    assert_eq!(list(&sessions), ["work", "ä b.c"]);
}

#[test]
fn names_that_would_lead_elsewhere_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let long = "x".repeat(65);
    for name in ["", " ", "../x", "a/b", ".hidden", "-x", "a\nb", " a", "a ", &long, &"\u{1f600}".repeat(61)] {
        assert!(matches!(save(dir.path(), name, &three_panes()), Err(ConfigError::BadName { .. })), "{name:?}");
        assert!(matches!(load(dir.path(), name), Err(ConfigError::BadName { .. })), "{name:?}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    assert!(save(dir.path(), &long[1..], &three_panes()).is_ok());
}

#[test]
fn a_session_that_is_not_there_is_answered_with_those_that_are() {
    let dir = tempfile::tempdir().unwrap();
    save(dir.path(), "work", &three_panes()).unwrap();
    assert_eq!(
        load(dir.path(), "wrok").unwrap_err().to_string(),
        "there is no saved session \"wrok\"; there are: work"
    );
}

#[test]
fn a_broken_file_is_refused_with_its_place_and_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = save(dir.path(), "work", &three_panes()).unwrap();
    let whole = fs::read(&path).unwrap();
    // The last byte is the line's end, without which the file is whole.
    for cut in 0..whole.len() - 1 {
        fs::write(&path, &whole[..cut]).unwrap();
        assert!(problem(load(dir.path(), "work")).at.is_some(), "cut at {cut}");
        problem(save(dir.path(), "work", &three_panes()));
        assert_eq!(fs::read(&path).unwrap(), &whole[..cut], "cut at {cut}");
    }
    assert_eq!(list(dir.path()), ["work"], "a broken file is still listed");
}

#[test]
fn a_wrong_type_is_refused_and_an_unknown_field_is_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.ron");
    let cases = [
        ("(format: 1, panes: [\n(agent: 3, cwd: \"/\")])", 2, "expected string"),
        ("(format: 1, panes: [\n(agent: \"shell\")])", 2, "the field cwd is missing"),
        ("(format: 1, panes: [])", 1, "a list of 1 to 12, not of 0"),
        ("(panes: [])", 1, "the field format is missing"),
        ("(format: 1, panes: [(agent: \"shell\", cwd: \"/\", command: [])])", 1, "begins with the name"),
    ];
    for (text, line, what) in cases {
        fs::write(&path, text).unwrap();
        let error = problem(load(dir.path(), "s"));
        assert_eq!(error.at.map(|at| at.line), Some(line), "{text}: {error}");
        assert!(error.to_string().contains(what), "{text}: {error}");
    }
    fs::write(&path, "(format: 1,\n queue: [1], panes: [(agent: \"shell\", cwd: \"/\")])").unwrap();
    let opened = load(dir.path(), "s").unwrap();
    assert_eq!((opened.session.panes.len(), opened.read_only), (1, false));
    assert_eq!(opened.warnings[0].at, Position { line: 2, column: 2 });
}

#[test]
fn a_newer_file_opens_read_only_and_is_never_saved_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s.ron");
    for (text, readable) in [
        ("(format: 2, splits: Tree(1), panes: [(agent: \"shell\", cwd: \"/\", queue: [])])", true),
        ("(format: 2, panes: Tree([1, 2]))", false),
    ] {
        fs::write(&path, text).unwrap();
        match load(dir.path(), "s") {
            Ok(opened) => assert!(readable && opened.read_only && !opened.warnings.is_empty(), "{opened:?}"),
            error => assert!(!readable && problem(error).problem == Problem::Newer { found: 2, known: 1 }),
        }
        assert_eq!(problem(save(dir.path(), "s", &three_panes())).problem, Problem::Newer { found: 2, known: 1 });
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn what_could_not_be_opened_again_is_not_saved() {
    let dir = tempfile::tempdir().unwrap();
    problem(save(dir.path(), "s", &SavedSession::default()));
    problem(save(dir.path(), "s", &SavedSession { panes: vec![SavedPane::default(); 13], ..SavedSession::default() }));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}
