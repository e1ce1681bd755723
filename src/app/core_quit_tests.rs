//! Tests of closing panes and the window.

use super::*;

#[test]
fn quitting_asks_only_where_something_is_at_stake() {
    let quit = |desk: &mut Desk, keys: &str| {
        desk.step(Event::CloseAsked);
        desk.keys(keys);
        desk.did()
    };
    assert_eq!(quit(&mut Desk::new(0), ""), "exit");
    let mut desk = Desk::new(2);
    desk.step(Event::CloseAsked);
    assert_eq!(desk.menu(), "Keep running|Save and stop|Stop without saving|Cancel");
    let table: &[(&str, &str)] = &[
        ("enter", "exit"),
        ("k", "exit"),
        ("c x", "1:x"),
        ("escape x", "1:x"),
        ("s enter", "save default 2"),
        ("tab tab enter", "end 1, end 2"),
        ("down down down enter x", "1:x"),
    ];
    for (keys, want) in table {
        assert_eq!(quit(&mut Desk::new(2), keys), *want, "{keys}");
    }
    for (on_quit, want) in [(OnQuit::Keep, "exit"), (OnQuit::Stop, "end 1, end 2")] {
        assert_eq!(quit(&mut Desk::with(2, CoreOptions { on_quit, ..options() }), ""), want);
    }
    let private = Start { workspace: "p".into(), private: true, command: None };
    assert_eq!(quit(&mut Desk::with(1, CoreOptions { start: private, ..options() }), ""), "exit");
    let mut stopped = Desk::new(1);
    stopped.change(1, |s| s.state = SessionState::Stopped);
    assert_eq!(quit(&mut stopped, ""), "exit");
    let mut nowhere = Desk::with(1, CoreOptions { can_save: false, ..options() });
    nowhere.step(Event::CloseAsked);
    assert_eq!(nowhere.menu(), "Keep running|Stop without saving|Cancel");
    let mut embedded = Desk::with(1, CoreOptions { host_stays: false, ..options() });
    embedded.step(Event::CloseAsked);
    assert_eq!(embedded.menu(), "Save and stop|Stop without saving|Cancel");
}

#[test]
fn saving_stops_only_what_was_saved() {
    let mut desk = Desk::new(2);
    desk.step(Event::CloseAsked);
    desk.keys("s enter");
    desk.did();
    desk.step(Event::Saved(Err("the disk is full".into())));
    assert_eq!(desk.did(), "");
    assert_eq!(desk.notice(), "Not saved, and nothing was stopped: the disk is full");
    desk.step(Event::Saved(Ok("/x/default.ron".into())));
    let calls: Vec<u64> =
        desk.out.iter().filter_map(|e| if let Effect::Call(id, _) = e { Some(*id) } else { None }).collect();
    assert_eq!(desk.did(), "end 1, end 2");
    desk.reply(calls[0], Ok(serde_json::json!({})));
    assert_eq!(desk.did(), "");
    desk.reply(calls[1], Err(Error::new(1001, "gone".into())));
    assert_eq!(desk.did(), "exit", "a session that is gone already is as good as ended");
}

#[test]
fn a_host_that_does_not_answer_does_not_hold_the_window() {
    let mut desk = Desk::with(1, CoreOptions { on_quit: OnQuit::Stop, ..options() });
    desk.step(Event::CloseAsked);
    desk.did();
    desk.now += Duration::from_secs(6);
    desk.step(Event::Tick);
    assert_eq!(desk.did(), "exit");
}

#[test]
fn closing_a_pane_asks_when_a_program_runs_in_it() {
    let mut desk = Desk::new(2);
    desk.change(1, |s| s.foreground = "vim".into());
    desk.keys("ctrl+shift+w");
    assert_eq!((desk.did().as_str(), desk.menu().as_str()), ("", "Close|Keep it"));
    desk.keys("enter");
    assert_eq!(desk.did(), "", "the safe answer is the chosen one");
    desk.keys("ctrl+shift+w left enter");
    assert_eq!(desk.did(), "end 1");
    desk.change(1, |s| s.state = SessionState::Stopped);
    desk.keys("ctrl+shift+w");
    assert_eq!(desk.did(), "end 1", "what has ended needs no question");
}
