//! Tests of panes of other machines where something goes wrong: what is typed is taken once, by whom it was meant for.

use super::far::there;
use super::*;

impl Desk {
    /// What another machine was sent since the last look, with the numbers that it was told.
    fn typed_there(&mut self) -> String {
        let said = |message| match message {
            ClientMessage::Numbered { next, .. } => Some(format!("#{next}")),
            message => words::said(&message),
        };
        let sent = self.out.drain(..).filter_map(|effect| match effect {
            Effect::Far(_, effect) => match *effect {
                Effect::Send(_, message) => said(message),
                _ => None,
            },
            _ => None,
        });
        sent.collect::<Vec<_>>().join(" ")
    }

    /// The connection to `box` is lost and comes back, with the same session; what it is sent then.
    fn lose_and_find(&mut self) -> String {
        self.from("box", Event::Lost(1, broken("cut")));
        self.step(Event::Tick);
        self.out.clear();
        self.reach(3, &[there(7, "dev")]);
        self.typed_there()
    }
}

#[test]
fn a_pane_that_does_not_show_the_session_takes_nothing_for_it() {
    // Two panes mean the same one.
    let mut desk = Desk::beside(&["dev", &info(7).id.to_string()]);
    desk.reach(1, &[there(7, "dev")]);
    desk.out.clear();
    desk.keys("ctrl+shift+right ctrl+shift+down x");
    assert_eq!((desk.core.focus, desk.typed_there().as_str()), (Some(SessionNo(3)), ""));
    desk.keys("ctrl+b h i enter");
    assert_eq!(
        (desk.typed_there().as_str(), desk.notice()),
        ("#1 prompt hi", "Sent to 2 panes, not to 1 out of reach")
    );
    desk.from("box", Event::Message(1, SessionNo(7), HostMessage::Taken(1)));
    assert_eq!(desk.lose_and_find(), "+", "it was taken, and nothing is sent again");
}

#[test]
fn a_key_that_is_held_while_its_pane_goes_costs_no_number() {
    let mut desk = Desk::beside(&["dev", "other"]);
    desk.reach(1, &[there(7, "dev"), there(8, "other")]);
    desk.keys("ctrl+shift+right");
    let x = KeyEvent::press(Key::Char('x'), crate::model::Mods::NONE);
    desk.step(Event::Key(x.clone()));
    desk.panes(&[1, 3]);
    desk.step(Event::Key(KeyEvent { press: crate::model::Press::Release, ..x }));
    desk.panes(&[1, 2, 3]);
    desk.out.clear();
    desk.core.set_focus(SessionNo(2));
    desk.keys("a");
    assert!(desk.typed_there().starts_with('#'), "it is told where the numbers go on");
}

#[test]
fn a_machine_that_was_left_and_is_needed_again_is_another_attempt() {
    let mut desk = Desk::beside(&["dev"]);
    desk.reach(1, &[there(7, "dev")]);
    desk.panes(&[1]);
    desk.panes(&[1, 2]);
    assert!(desk.did().ends_with("leave box, box connect true"));
    desk.from("box", Event::Lost(1, broken("the host closed the connection")));
    assert!(desk.header_says("connecting"), "that was the connection before: {}", desk.notice());
    desk.reach(2, &[there(7, "dev")]);
    assert_eq!(desk.did(), "box open, box 7:+");
}

#[test]
fn a_machine_is_found_and_typed_to_while_the_windows_own_host_is_away() {
    let mut desk = Desk::beside(&["dev"]);
    desk.reach(1, &[there(7, "dev")]);
    desk.keys("ctrl+shift+right");
    desk.step(Event::Lost(1, Loss { why: "ended".into(), outlook: Outlook::Hopeless }));
    assert_eq!(desk.lose_and_find(), "+");
    desk.did();
    desk.keys("x enter");
    assert_eq!(desk.did(), "box 7:x, box 7:enter", "Enter is the program's, not the lost host's");
}

#[test]
fn a_machine_that_says_nothing_is_given_up_and_so_is_what_waited() {
    let mut desk = Desk::beside(&["dev"]);
    desk.reach(1, &[there(7, "dev")]);
    desk.keys("ctrl+shift+right");
    desk.from("box", Event::Lost(1, broken("cut")));
    desk.keys("r m");
    assert!(desk.did().ends_with("box connect false"));
    desk.now += Duration::from_secs(10);
    desk.step(Event::Tick);
    assert!(desk.header_says("not reached - Enter tries again") && desk.notice().contains("was not sent"));
    // The attempt comes to stand after all.
    desk.reach(3, &[there(7, "dev")]);
    assert_eq!(desk.did(), "box open, box 7:+");
}

#[test]
fn only_the_host_that_was_asked_answers() {
    let mut desk = Desk::beside(&["dev"]);
    desk.reach(1, &[there(7, "dev")]);
    let mut screen = Screen::blank(GridSize::clamped(40, 10));
    screen.rows[2] = Arc::new(Row::from("hello world"));
    desk.show(1, &screen);
    desk.draw();
    let text = desk.core.arrangement.pane(SessionNo(1)).unwrap().text;
    let [from, to] = [0, 40].map(|x| PxPoint { x: text.x + x, y: text.y + 40 });
    desk.pointer(MouseKind::Press, MouseButton::Left, from);
    desk.pointer(MouseKind::Motion, MouseButton::Left, to);
    desk.pointer(MouseKind::Release, MouseButton::Left, to);
    desk.out.clear();
    desk.keys("ctrl+shift+c");
    let asked = desk.out.iter().find_map(|effect| match effect {
        Effect::Send(_, ClientMessage::GetText { request, .. }) => Some(*request),
        _ => None,
    });
    let request = asked.unwrap();
    desk.did();
    let answer = |text: &str| HostMessage::Text { request, text: text.into() };
    desk.from("box", Event::Message(1, SessionNo(7), answer("evil")));
    assert_eq!(desk.did(), "");
    desk.message(1, answer("hello"));
    assert_eq!(desk.did(), "Clipboard=hello");
}
