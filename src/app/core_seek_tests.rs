//! Tests of losing the host and finding it again.

use super::*;
use crate::app::connection::State;
use crate::model::{Press, ViewAt};

const MS: Duration = Duration::from_millis(1);

fn absent() -> Loss {
    Loss { why: "no host is running".into(), outlook: Outlook::Absent }
}

impl Desk {
    /// The present attempt, or the connection, ends so.
    fn lose(&mut self, loss: Loss) {
        self.step(Event::Lost(self.core.connection.attempt, loss));
    }

    fn find(&mut self) {
        self.step(Event::Connected(self.core.connection.attempt, PROTO_MAX));
    }

    /// The host that was found has these sessions, by number and id, all of them panes.
    fn tell_board(&mut self, sessions: &[(u32, u32)]) {
        let attempt = self.core.connection.attempt;
        for (no, id) in sessions {
            let known = SessionInfo { no: SessionNo(*no), ..info(*id) };
            self.step(Event::Board(attempt, BoardEvent::Session(known)));
        }
        let panes = sessions.iter().map(|(no, _)| SessionNo(*no)).collect();
        let workspace = Workspace { name: "default".into(), panes, ..Workspace::default() };
        self.step(Event::Board(attempt, BoardEvent::Workspace(workspace)));
    }

    /// Every attempt ends so, until no more is hoped for.
    fn lose_until_given_up(&mut self, loss: &Loss) {
        loop {
            if self.did().contains("connect") {
                self.lose(loss.clone());
            }
            if !matches!(self.core.connection.state, State::Sought(_)) {
                return;
            }
            self.now = self.core.deadline().unwrap();
            self.step(Event::Tick);
        }
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        self.step(Event::Tick);
    }

    fn says(&mut self, text: &str) -> bool {
        let texts = self.core.picture(&mut Ruler).unwrap().scene.above.texts;
        texts.iter().any(|t| t.text.contains(text))
    }

    fn is_dim(&mut self) -> bool {
        self.core.picture(&mut Ruler).unwrap().scene.panes.iter().any(|pane| pane.dim)
    }

    /// What was sent to sessions since the last look, the word for releases included.
    fn typed(&mut self) -> Vec<(u32, String)> {
        let sent = |e| match e {
            Effect::Send(no, ClientMessage::Key(e)) if e.press == Press::Release => {
                Some((no.0, format!("-{}", e.chord())))
            }
            Effect::Send(no, ClientMessage::Key(e)) => Some((no.0, e.chord().to_string())),
            Effect::Send(no, ClientMessage::Paste(text)) => Some((no.0, text)),
            _ => None,
        };
        self.out.drain(..).filter_map(sent).collect()
    }
}

#[test]
fn a_lost_host_is_looked_for_at_once_and_everything_goes_on_where_it_was() {
    let mut desk = Desk::new(2);
    desk.keys("ctrl+shift+right");
    desk.step(Event::Lost(1, broken("the host closed the connection")));
    assert_eq!(desk.did(), "connect false", "at once");
    desk.step(Event::Lost(1, broken("again")));
    assert_eq!(desk.did(), "", "a second word about the same end");
    assert!(desk.says("Reconnecting") && !desk.says("Connection lost") && !desk.is_dim());
    desk.keys("a");
    desk.lose(broken("the host closed the connection"));
    assert_eq!(desk.did(), "", "nothing is typed into what is not there");
    desk.wait(50 * MS);
    assert_eq!(desk.did(), "connect false");
    desk.find();
    desk.keys("b enter");
    assert_eq!(desk.did(), "open");
    assert_eq!(desk.core.board.workspace.panes.len(), 2, "the old board stays in sight until the new one is whole");
    // The same sessions under other numbers.
    desk.tell_board(&[(7, 1), (8, 2)]);
    assert_eq!(desk.core.focus, Some(SessionNo(8)), "the session that had the keyboard has it again");
    assert_eq!(desk.did(), "8:a, 8:b, 8:enter, 7:+, 8:+");
    assert!(!desk.says("Reconnecting") && desk.notice().is_empty());
    desk.keys("c");
    assert_eq!(desk.did(), "8:c", "nothing is sent twice");
    desk.message(8, HostMessage::Taken(4));
    assert!(desk.core.timers.next().is_none_or(|at| at < desk.now + Duration::from_secs(1)), "nothing is pending");
}

#[test]
fn after_ten_seconds_it_is_told_and_enter_starts_a_host() {
    let mut desk = Desk::new(1);
    let begin = desk.now;
    desk.lose(broken("the host closed the connection"));
    desk.keys("x");
    desk.lose_until_given_up(&broken("the host closed the connection"));
    let took = desk.now - begin;
    assert!(took > 8 * Duration::from_secs(1) && took <= 10 * Duration::from_secs(1), "{took:?}");
    assert!(desk.says("Connection lost: the host closed the connection") && desk.is_dim());
    assert_eq!(desk.notice(), "What was typed while the host was away was not sent");
    desk.did();
    desk.keys("a enter");
    assert_eq!(desk.did(), "connect true");
    desk.lose(absent());
    desk.wait(Duration::from_secs(2));
    assert_eq!(desk.did(), "connect false", "somebody else may have started one");
    desk.find();
    desk.tell_board(&[(1, 1)]);
    assert_eq!(desk.did(), "open, 1:+");
}

#[test]
fn an_attempt_that_hangs_does_not_hide_for_ever_that_the_host_is_lost() {
    let mut desk = Desk::new(1);
    desk.lose(broken("gone"));
    desk.did();
    desk.wait(9999 * MS);
    assert!(desk.says("Reconnecting"));
    desk.wait(MS);
    assert!(desk.says("Connection lost: gone"));
    assert_eq!(desk.did(), "", "the attempt goes on");
    desk.find();
    desk.tell_board(&[(1, 1)]);
    assert!(desk.did().contains("1:+") && !desk.says("Connection lost"));
}

#[test]
fn a_host_that_was_stopped_is_not_waited_for_long() {
    let mut desk = Desk::new(1);
    let begin = desk.now;
    desk.lose(broken("the host closed the connection"));
    desk.lose_until_given_up(&absent());
    assert!(desk.now - begin <= 3 * Duration::from_secs(1));
    assert!(desk.says("Connection lost: no host is running"));
    let mut embedded = Desk::new(1);
    embedded.lose(Loss { outlook: Outlook::Hopeless, ..broken("the host inside this process is gone") });
    assert!(embedded.says("Connection lost: the host inside"));
}

#[test]
fn what_was_typed_goes_to_the_session_it_was_meant_for_or_nowhere() {
    let lost = || {
        let mut desk = Desk::new(2);
        desk.lose(broken("gone"));
        desk.keys("x ctrl+shift+right");
        desk.keys("y");
        desk.typed();
        desk.find();
        desk
    };
    let mut desk = lost();
    desk.tell_board(&[(1, 2), (2, 9)]);
    assert_eq!(desk.typed(), [(1, "y".into()), (1, "-y".into())], "1 is what 2 was, and 2 is another one");
    assert_eq!(desk.notice(), "What was typed while the host was away was not sent: its session is gone");
    assert_eq!(desk.core.focus, Some(SessionNo(1)));
    let mut desk = lost();
    let stopped = SessionInfo { state: SessionState::Stopped, ..info(2) };
    desk.step(Event::Board(desk.core.connection.attempt, BoardEvent::Session(stopped)));
    desk.tell_board(&[(1, 1)]);
    assert_eq!(desk.typed(), [(1, "x".into()), (1, "-x".into())], "an ended program takes nothing");
    let mut desk = Desk::new(1);
    desk.lose(broken("gone"));
    desk.find();
    desk.tell_board(&[(1, 9)]);
    assert_eq!((desk.notice(), desk.core.focus), ("", Some(SessionNo(1))), "nothing was typed, nothing is missed");
}

#[test]
fn a_key_that_was_down_is_let_go_in_the_same_session() {
    let mut desk = Desk::new(1);
    let press = KeyEvent::press(Key::Char('x'), crate::model::Mods::NONE);
    desk.step(Event::Key(press.clone()));
    desk.message(1, HostMessage::Taken(1));
    desk.lose(broken("gone"));
    desk.typed();
    desk.step(Event::Key(KeyEvent { press: Press::Release, ..press.clone() }));
    desk.find();
    desk.tell_board(&[(4, 1)]);
    assert_eq!(desk.typed(), [(1, "-x".into())].map(|(_, key): (u32, String)| (4, key)));
    // One whose press was not sent, since the program has ended, is let go nowhere.
    let mut ended = Desk::new(1);
    ended.lose(broken("gone"));
    ended.step(Event::Key(press.clone()));
    ended.find();
    let stopped = SessionInfo { state: SessionState::Stopped, ..info(1) };
    ended.step(Event::Board(ended.core.connection.attempt, BoardEvent::Session(stopped)));
    let workspace = Workspace { name: "default".into(), panes: vec![SessionNo(1)], ..Workspace::default() };
    ended.step(Event::Board(ended.core.connection.attempt, BoardEvent::Workspace(workspace)));
    ended.step(Event::Key(KeyEvent { press: Press::Release, ..press.clone() }));
    assert_eq!(ended.typed(), []);
    // Given up, nobody waits for it any more.
    desk.step(Event::Key(press.clone()));
    desk.lose(Loss { outlook: Outlook::Hopeless, ..broken("gone") });
    desk.typed();
    desk.wait(Duration::from_secs(2));
    desk.find();
    desk.tell_board(&[(4, 1)]);
    desk.step(Event::Key(KeyEvent { press: Press::Release, ..press }));
    assert_eq!(desk.typed(), []);
}

#[test]
fn more_than_can_wait_is_refused_whole() {
    let mut desk = Desk::new(1);
    desk.lose(broken("gone"));
    desk.keys("ctrl+shift+v");
    let ticket = desk.out.iter().find_map(|e| if let Effect::ReadClipboard(t, _) = e { Some(*t) } else { None });
    desk.step(Event::Clipboard(ticket.unwrap(), Ok("x".repeat(1 << 20))));
    assert_eq!(desk.notice(), "More was typed than can wait for the host: the rest is not sent");
    desk.keys("enter");
    desk.typed();
    desk.find();
    desk.tell_board(&[(1, 1)]);
    assert_eq!(desk.typed(), [], "an Enter without its text would be another command");
    desk.keys("a");
    assert_eq!(desk.typed()[0], (1, "a".into()));
}

#[test]
fn zoom_selection_and_place_in_history_stay() {
    let mut desk = Desk::new(2);
    let back = Screen { top: 70, history: 100, offset: 30, epoch: 3, ..Screen::blank(GridSize::clamped(40, 10)) };
    desk.show(1, &back);
    let at = desk.center(1);
    desk.pointer(MouseKind::Press, MouseButton::Left, at);
    desk.pointer(MouseKind::Motion, MouseButton::Left, PxPoint { x: at.x + 80, ..at });
    desk.pointer(MouseKind::Release, MouseButton::Left, PxPoint { x: at.x + 80, ..at });
    let (_, span) = desk.core.select.selected().unwrap();
    desk.core.toggle_zoom();
    desk.lose(broken("gone"));
    desk.find();
    desk.out.clear();
    desk.tell_board(&[(5, 1), (6, 2)]);
    assert!(desk.core.zoomed && desk.core.focus == Some(SessionNo(5)));
    assert_eq!(desk.core.select.selected(), Some((SessionNo(5), span)));
    let view = ClientMessage::View(ViewAt::Row { epoch: 3, top: 70 });
    assert!(desk.out.contains(&Effect::Send(SessionNo(5), view)), "{:?}", desk.out);
    desk.show(5, &back);
    assert!(desk.core.select.selected().is_some());
    desk.show(5, &Screen { epoch: 4, ..back });
    assert_eq!(desk.core.select.selected(), None, "its rows are no more");
    let mut other = Desk::new(2);
    other.core.toggle_zoom();
    other.lose(broken("gone"));
    other.find();
    other.tell_board(&[(1, 8), (2, 9)]);
    assert!(!other.core.zoomed);
}

#[test]
fn a_pane_that_was_asked_for_is_made_once() {
    let ask = || {
        let mut desk = Desk::new(1);
        desk.keys("ctrl+shift+t");
        let Some(Effect::Call(_, Call::Create(asked))) = desk.out.first().cloned() else { panic!() };
        desk.lose(broken("gone"));
        desk.keys("l s");
        desk.find();
        desk.did();
        (desk, asked)
    };
    let (mut desk, asked) = ask();
    desk.tell_board(&[(1, 1)]);
    let again: Vec<_> = desk
        .out
        .iter()
        .filter_map(|e| if let Effect::Call(id, Call::Create(p)) = e { Some((*id, p)) } else { None })
        .collect();
    assert!(matches!(again[..], [(_, params)] if *params == asked), "{again:?}");
    let id = again[0].0;
    assert_eq!(desk.did(), "create shell, 1:+");
    desk.reply(id, Ok(serde_json::json!({"session_id": "x", "no": 3, "name": "n", "pane_index": 1})));
    desk.panes(&[1, 3]);
    assert_eq!(desk.did(), "3:l, 3:s, 3:+", "what was typed for it waited");
    // The old connection's last word was not heard.
    let (mut desk, asked) = ask();
    let made = SessionInfo { id: asked.session_id.unwrap().parse().unwrap(), ..info(3) };
    desk.step(Event::Board(desk.core.connection.attempt, BoardEvent::Session(made)));
    desk.tell_board(&[(1, 1)]);
    desk.panes(&[1, 3]);
    assert_eq!(desk.did(), "1:+, 3:l, 3:s, 3:+");
    assert_eq!(desk.core.focus, Some(SessionNo(3)));
}

#[test]
fn a_workspace_that_is_not_free_yet_is_asked_for_again() {
    let mut desk = Desk::new(1);
    desk.lose(broken("gone"));
    desk.find();
    let id = desk.out.iter().rev().find_map(|e| if let Effect::Call(id, Call::Open(_)) = e { Some(*id) } else { None });
    desk.did();
    desk.reply(id.unwrap(), Err(Error::new(-32602, "workspace: \"p\" is taken".into())));
    desk.wait(Duration::from_secs(1));
    assert_eq!(desk.did(), "connect false");
    desk.find();
    assert_eq!(desk.did(), "open");
}

#[test]
fn a_window_that_ends_its_sessions_does_so_on_the_host_that_comes_back() {
    let leaving = || {
        let mut desk = Desk::with(2, CoreOptions { on_quit: OnQuit::Stop, ..options() });
        desk.step(Event::CloseAsked);
        desk.did();
        desk
    };
    let mut desk = leaving();
    desk.lose(broken("gone"));
    desk.find();
    desk.did();
    desk.tell_board(&[(1, 1), (2, 2)]);
    assert!(desk.did().starts_with("end 1, end 2"));
    let mut desk = leaving();
    desk.lose(absent());
    assert_eq!(desk.did(), "exit", "they have ended with it");
}

#[test]
fn what_the_lost_host_may_not_have_taken_is_sent_again_before_what_was_typed_since() {
    let mut desk = Desk::new(2);
    desk.keys("a b");
    // The press and the release of one key.
    desk.message(1, HostMessage::Taken(2));
    desk.lose(broken("gone"));
    desk.typed();
    desk.keys("c");
    desk.find();
    desk.tell_board(&[(7, 1), (8, 2)]);
    let numbered = |e: &Effect| match e {
        Effect::Send(no, ClientMessage::Numbered { next, .. }) => Some((no.0, *next)),
        _ => None,
    };
    assert_eq!(desk.out.iter().filter_map(numbered).collect::<Vec<_>>(), [(7, 3)]);
    assert_eq!(desk.typed(), ["b", "-b", "c", "-c"].map(|key| (7, key.to_owned())));
    // Into a session that is gone nothing is sent again, and nobody is told: it may well have been taken.
    desk.lose(broken("gone"));
    desk.find();
    desk.tell_board(&[(1, 2)]);
    assert_eq!((desk.typed(), desk.notice()), (vec![], ""));
}

#[test]
fn a_host_that_says_nothing_about_what_is_typed_is_doubted_and_sought() {
    let mut desk = Desk::new(1);
    desk.keys("a");
    desk.wait(9_000 * MS);
    desk.message(1, HostMessage::Taken(1));
    desk.wait(9_000 * MS);
    assert_eq!(desk.did(), "1:a", "it was heard of");
    desk.keys("b");
    desk.wait(10_000 * MS);
    assert_eq!(desk.did(), "1:b, doubt", "it may only be slow: its connection is left alone");
    desk.lose(broken("killed"));
    desk.keys("c");
    assert_eq!(desk.did(), "connect false");
    desk.find();
    desk.tell_board(&[(1, 1)]);
    assert_eq!(desk.did(), "open, 1:b, 1:c, 1:+");
    // Nobody types: nothing is waited for.
    desk.message(1, HostMessage::Taken(3));
    desk.wait(60_000 * MS);
    assert_eq!(desk.did(), "");
}
