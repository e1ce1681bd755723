//! A window that shows one workspace after the other.

use serde_json::{Value, json};

use std::collections::BTreeMap;

use super::*;
use crate::app::options::Command;

fn list(names: &[&str]) -> Value {
    let one = |name: &&str| json!({"name": name, "panes": [], "weights": {}, "clients": 0});
    json!({"workspaces": names.iter().map(one).collect::<Vec<_>>()})
}

impl Desk {
    /// The host tells the grid of a workspace.
    fn grid(&mut self, name: &str, panes: &[u32]) {
        let panes = panes.iter().copied().map(SessionNo).collect();
        let workspace = Workspace { name: name.into(), panes, ..Workspace::default() };
        self.step(Event::Board(self.core.connection.attempt, BoardEvent::Workspace(workspace)));
    }

    /// Presses the keys, and answers with this list; what was done then.
    fn go(&mut self, keys: &str, workspaces: &[&str]) -> String {
        self.keys(keys);
        let asked = self.out.iter().find_map(|effect| match effect {
            Effect::Call(id, Call::ListWorkspaces) => Some(*id),
            _ => None,
        });
        self.out.clear();
        self.reply(asked.expect("the list was asked for"), Ok(list(workspaces)));
        self.did()
    }
}

const NEXT: &str = "ctrl+shift+alt+pagedown";
const PREVIOUS: &str = "ctrl+shift+alt+pageup";
const NAMES: &[&str] = &["default", "other"];

/// Four sessions, two in the default workspace and two in another.
fn desk() -> Desk {
    let mut desk = Desk::new(4);
    desk.grid("default", &[1, 2]);
    desk.keys("ctrl+shift+right");
    desk.out.clear();
    desk
}

#[test]
fn another_workspace_is_shown_and_each_keeps_its_focus() {
    let mut desk = desk();
    assert_eq!(desk.go(NEXT, NAMES), "open");
    assert_eq!(desk.core.focus, Some(SessionNo(2)), "until the other grid is there");
    desk.grid("other", &[3, 4]);
    assert_eq!((desk.core.focus, desk.notice()), (Some(SessionNo(3)), "Workspace other"));
    // What is left is left, and no more is said to it.
    let did = desk.did();
    let left = ["1:left", "2:left", "3:+", "4:+"];
    assert!(left.iter().all(|one| did.contains(one)) && !did.contains(":-"), "{did}");
    desk.keys("ctrl+shift+right ctrl+shift+enter");
    desk.out.clear();
    assert_eq!(desk.go(PREVIOUS, NAMES), "open");
    desk.grid("default", &[1, 2]);
    assert_eq!((desk.core.focus, desk.core.zoomed), (Some(SessionNo(2)), false));
    desk.out.clear();
    assert_eq!(desk.go(NEXT, NAMES), "open");
    desk.grid("other", &[3, 4]);
    assert_eq!(desk.core.focus, Some(SessionNo(4)));
    desk.out.clear();
    desk.keys("ctrl+shift+t");
    let made = desk.out.iter().find_map(|effect| match effect {
        Effect::Call(_, Call::Create(params)) => params.workspace.clone(),
        _ => None,
    });
    assert_eq!(made.as_deref(), Some("other"), "a new shell is made where it is seen");
}

#[test]
fn asked_twice_in_a_row_it_goes_two_further() {
    let mut desk = desk();
    let names = ["default", "a", "b"];
    assert_eq!(desk.go(NEXT, &names), "open");
    assert_eq!(desk.go(NEXT, &names), "open");
    assert_eq!(desk.core.options.start.workspace, "b");
    desk.grid("a", &[3]);
    desk.grid("b", &[4]);
    assert_eq!((desk.core.focus, desk.notice()), (Some(SessionNo(4)), "Workspace b"));
}

#[test]
fn without_another_one_the_window_says_so() {
    let mut desk = desk();
    assert_eq!(desk.go(NEXT, &["default"]), "");
    assert!(desk.notice().contains("synk workspace new"), "{}", desk.notice());
    let start = Start { workspace: "own".into(), private: true, command: None };
    let mut private = Desk::with(1, CoreOptions { start, ..options() });
    private.keys(NEXT);
    assert_eq!(private.did(), "");
    assert!(private.notice().contains("of its own"), "{}", private.notice());
}

#[test]
fn a_workspace_that_cannot_be_opened_changes_nothing() {
    let mut desk = desk();
    assert_eq!(desk.go(NEXT, NAMES), "open");
    // The number of the last call.
    let open = desk.core.connection.next_call() - 1;
    desk.reply(open, Err(Error::new(-32602, "taken".into())));
    assert!(desk.notice().contains("taken"));
    assert_eq!((desk.core.options.start.workspace.as_str(), desk.core.focus), ("default", Some(SessionNo(2))));
}

#[test]
fn a_window_is_opened_with_its_command_once() {
    let command = Command { argv: vec!["htop".into()], cwd: None, env: BTreeMap::new() };
    let start = Start { workspace: "p".into(), private: true, command: Some(command) };
    let mut desk =
        Desk { core: Core::new(CoreOptions { start, ..options() }, Instant::now()), now: Instant::now(), out: vec![] };
    desk.step(Event::Connected(1, PROTO_MAX));
    assert_eq!(desk.did(), "", "the first pane's size is not known yet");
    let cell = PxSize { w: 8, h: 16 };
    desk.step(Event::Geometry(Geometry { size: PxSize { w: 800, h: 600 }, cell, scale: 1.0 }));
    assert_eq!(desk.did(), "open, create htop");
    desk.step(Event::Lost(1, broken("gone")));
    assert_eq!(desk.did(), "connect false");
    desk.step(Event::Connected(desk.core.connection.attempt, PROTO_MAX));
    assert_eq!(desk.did(), "open");
}
