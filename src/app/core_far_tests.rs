//! Tests of panes that show sessions of other machines.

use super::*;
use crate::model::SessionKind;
use crate::model::session_kind::{RemoteSession, SshTarget};

fn machine(host: &str) -> SshTarget {
    SshTarget { host: host.into(), ..SshTarget::default() }
}

/// The place of a session, under a number of the window's own host.
pub fn place(no: u32, host: &str, session: &str) -> SessionInfo {
    let remote = RemoteSession { machine: machine(host), session: session.into() };
    SessionInfo { kind: SessionKind::Remote(remote), pid: None, disconnected: true, ..info(no) }
}

/// A session of another host.
pub fn there(no: u32, name: &str) -> SessionInfo {
    SessionInfo { name: name.into(), title: format!("{name}: vi"), ..info(no) }
}

impl Desk {
    /// A window with a pane of its own host and others of `box`, numbered from 2.
    pub fn beside(sessions: &[&str]) -> Self {
        let mut desk = Self::new(1);
        for (no, session) in (2..).zip(sessions) {
            desk.step(Event::Board(1, BoardEvent::Session(place(no, "box", session))));
        }
        desk.panes(&(1..).take(1 + sessions.len()).collect::<Vec<_>>());
        desk
    }

    pub fn from(&mut self, host: &str, event: Event) {
        self.step(Event::Far(machine(host), Box::new(event)));
    }

    /// The host of `box` answers, under this attempt's number, and has these sessions.
    pub fn reach(&mut self, attempt: u32, sessions: &[SessionInfo]) {
        self.from("box", Event::Connected(attempt, PROTO_MAX));
        for session in sessions {
            self.from("box", Event::Board(attempt, BoardEvent::Session(session.clone())));
        }
        self.from("box", Event::Board(attempt, BoardEvent::Workspace(Workspace::new("default"))));
    }

    fn shown(&self, no: u32) -> &SessionInfo {
        self.core.board.session(SessionNo(no)).unwrap()
    }

    pub fn header_says(&mut self, text: &str) -> bool {
        let texts = self.core.picture(&mut Ruler).unwrap().scene.below.texts;
        texts.iter().any(|t| t.text.contains(text))
    }
}

#[test]
fn a_session_elsewhere_is_dialled_watched_and_written_to_under_its_own_number() {
    let mut desk = Desk::beside(&["dev"]);
    assert_eq!(desk.did(), "box connect true", "its own host is asked for nothing of it");
    assert!(desk.header_says("connecting") && desk.shown(2).disconnected);
    desk.reach(1, &[there(7, "dev"), there(8, "other")]);
    assert_eq!(desk.did(), "box open, box 7:+");
    assert_eq!((desk.shown(2).title.as_str(), desk.shown(2).disconnected), ("dev: vi", false));
    assert!(desk.header_says("dev: vi") && desk.header_says("box") && !desk.header_says("connecting"));
    let screen = Screen::blank(GridSize::clamped(30, 9));
    let frame = HostMessage::Frame(Frame::diff(&screen, 0, &screen, 1));
    desk.from("box", Event::Message(1, SessionNo(7), frame.clone()));
    desk.from("box", Event::Message(1, SessionNo(8), frame));
    assert_eq!(desk.core.mirror.screen(SessionNo(2)).unwrap().size, screen.size);
    assert!(desk.core.mirror.screen(SessionNo(7)).is_none() && desk.core.mirror.screen(SessionNo(8)).is_none());
    desk.keys("ctrl+shift+right x ctrl+b h i enter");
    assert_eq!(desk.did(), "box 7:x, 1:prompt hi, box 7:prompt hi");
    // What it is called there may change; what it is here does not.
    desk.from("box", Event::Board(1, BoardEvent::Session(SessionInfo { active: true, ..there(7, "dev") })));
    assert!(desk.shown(2).active && desk.shown(2).name == "shell-2");
}

#[test]
fn what_is_typed_while_a_machine_is_away_waits_for_it_and_its_neighbours_do_not() {
    let mut desk = Desk::beside(&["dev"]);
    desk.reach(1, &[there(7, "dev")]);
    desk.keys("ctrl+shift+right a");
    desk.did();
    desk.from("box", Event::Lost(1, broken("cut")));
    desk.keys("b ctrl+shift+left c");
    assert_eq!(desk.did(), "box connect false, 1:c");
    assert!(desk.shown(2).disconnected);
    // Another number, the same session: what was not said to be taken goes again, under its numbers.
    desk.reach(3, &[SessionInfo { no: SessionNo(9), ..there(7, "dev") }]);
    assert_eq!(desk.did(), "box open, box 9:a, box 9:b, box 9:+");
    // Its own host is lost: the other machine's pane goes on.
    desk.step(Event::Lost(1, broken("gone")));
    desk.keys("ctrl+shift+right d ctrl+shift+left e");
    assert_eq!(desk.did(), "connect false, box 9:d");
    let attempt = desk.core.connection.attempt;
    desk.step(Event::Connected(attempt, PROTO_MAX));
    for session in [info(1), place(2, "box", "dev")] {
        desk.step(Event::Board(attempt, BoardEvent::Session(session)));
    }
    let panes = vec![SessionNo(1), SessionNo(2)];
    desk.step(Event::Board(attempt, BoardEvent::Workspace(Workspace { panes, ..Workspace::new("default") })));
    assert_eq!(desk.did(), "open, 1:c, 1:e, 1:+", "what is watched elsewhere stays watched");
}

#[test]
fn a_machine_that_cannot_be_reached_is_told_once_and_enter_tries_again() {
    let mut desk = Desk::beside(&["dev"]);
    let why = || Loss { why: "box: no route".into(), outlook: Outlook::Broken };
    desk.from("box", Event::Lost(1, why()));
    assert_eq!(desk.notice(), "box: no route");
    assert!(desk.header_says("not reached - Enter tries again"));
    desk.did();
    desk.keys("ctrl+shift+right x");
    assert_eq!(desk.did(), "");
    desk.keys("ctrl+b h i enter");
    assert_eq!((desk.did().as_str(), desk.notice()), ("1:prompt hi", "Sent to 1 pane, not to 1 out of reach"));
    desk.keys("enter");
    assert_eq!(desk.did(), "box connect true");
    assert!(desk.header_says("connecting"));
    desk.reach(2, &[there(7, "dev")]);
    assert!(desk.header_says("connecting"), "that was another attempt");
    desk.reach(3, &[there(8, "other")]);
    assert!(desk.header_says("no such session there"));
    desk.from("box", Event::Board(3, BoardEvent::Session(there(7, "dev"))));
    assert!(desk.did().ends_with("box 7:+"));
    desk.from("box", Event::Board(3, BoardEvent::Removed(SessionNo(7))));
    assert!(desk.header_says("no such session there"));
}

#[test]
fn one_session_is_in_one_pane_and_a_closed_pane_leaves_it_as_it_is() {
    let mut desk = Desk::beside(&["dev", &info(7).id.to_string()]);
    desk.reach(1, &[there(7, "dev")]);
    assert_eq!(desk.did(), "box connect true, box open, box 7:+");
    assert!(desk.header_says("shown in another pane"));
    desk.panes(&[1, 3]);
    assert_eq!(desk.did(), "box 7:left, box 7:+", "the other pane has it now");
    desk.keys("ctrl+shift+right ctrl+shift+w");
    assert_eq!(
        (desk.did().as_str(), desk.notice()),
        ("end 3", "00000000-0000-0000-0000-000000000007 of box goes on there")
    );
    desk.panes(&[1]);
    assert_eq!(desk.did(), "leave box");
    desk.from("box", Event::Lost(1, broken("closed")));
    assert_eq!(desk.did(), "");
}

#[test]
fn a_window_of_another_machine_dials_no_third_one() {
    let mut desk = Desk::with(1, CoreOptions { machine: Some("far".into()), ..options() });
    desk.step(Event::Board(1, BoardEvent::Session(place(2, "box", "dev"))));
    desk.panes(&[1, 2]);
    assert_eq!(desk.did(), "2:+");
    assert!(desk.header_says("not shown here"));
}
