//! The pointer in panes whose program asked for it, and keys that are held while the keyboard goes elsewhere.

use super::*;
use crate::model::mouse::MouseEvent;
use crate::model::{Mods, Press};

fn asking(desk: &mut Desk, no: u32, modes: Modes) {
    desk.show(no, &Screen { modes, ..Screen::blank(GridSize::clamped(40, 10)) });
    desk.now += Duration::from_secs(1);
    desk.did();
}

/// A pixel of a cell of a pane: three to the right of its middle, so that pixels are told from cells.
fn cell(desk: &Desk, no: u32, col: i32) -> PxPoint {
    let text = desk.core.arrangement.pane(SessionNo(no)).unwrap().text;
    PxPoint { x: text.x + col * 8 + 3, y: text.y + 5 }
}

/// What programs were told of the pointer since the last look.
fn told(desk: &mut Desk) -> String {
    let events = desk.out.drain(..).filter_map(|e| match e {
        Effect::Send(no, ClientMessage::Mouse(MouseEvent { kind, button, col, .. })) => {
            Some(format!("{no}:{kind:?} {button:?} {col}"))
        }
        _ => None,
    });
    events.collect::<Vec<_>>().join(", ")
}

#[test]
fn a_program_that_asked_gets_the_pointer_and_no_text_is_selected() {
    use MouseButton::{Left, Middle, Right};
    let mut desk = Desk::new(2);
    asking(&mut desk, 2, Modes::MOUSE_CLICK);
    let at = cell(&desk, 2, 7);
    for button in [Left, Middle, Right] {
        desk.pointer(MouseKind::Press, button, at);
        desk.pointer(MouseKind::Release, button, at);
        assert_eq!(told(&mut desk), format!("2:Press {button:?} 7, 2:Release {button:?} 7"));
    }
    assert_eq!(desk.core.focus, Some(SessionNo(2)), "a click in another pane focuses it, too");
    assert!(desk.core.select.dragging().is_none());
    let at = cell(&desk, 1, 7);
    desk.click(at);
    assert_eq!(told(&mut desk), "", "the other program did not ask");
}

#[test]
fn shift_keeps_the_pointer_for_selecting() {
    let mut desk = Desk::new(1);
    asking(&mut desk, 1, Modes::MOUSE_MOTION);
    let pointer = |desk: &mut Desk, kind, col| {
        let at = cell(desk, 1, col);
        desk.step(Event::Pointer(Pointer { kind, button: MouseButton::Left, mods: Mods::SHIFT, at }));
    };
    pointer(&mut desk, MouseKind::Press, 2);
    pointer(&mut desk, MouseKind::Motion, 6);
    pointer(&mut desk, MouseKind::Release, 6);
    assert_eq!(told(&mut desk), "");
    assert!(desk.core.select.selected().is_some());
}

#[test]
fn a_click_that_brings_the_window_back_is_not_the_programs() {
    let mut desk = Desk::new(2);
    asking(&mut desk, 2, Modes::MOUSE_CLICK);
    let at = cell(&desk, 2, 7);
    desk.step(Event::Focused(false));
    desk.click(at);
    assert_eq!(told(&mut desk), "", "told of the click before the focus");
    desk.step(Event::Focused(true));
    desk.now += Duration::from_millis(20);
    desk.click(at);
    assert_eq!(told(&mut desk), "", "and behind it");
    assert_eq!(desk.core.focus, Some(SessionNo(2)), "the pane is focused all the same");
    desk.now += Duration::from_secs(1);
    desk.click(at);
    assert_eq!(told(&mut desk), "2:Press Left 7, 2:Release Left 7");
}

#[test]
fn motion_is_told_once_a_frame_and_once_a_cell() {
    let mut desk = Desk::new(1);
    asking(&mut desk, 1, Modes::MOUSE_MOTION);
    let motion = |desk: &mut Desk, col| {
        let at = cell(desk, 1, col);
        desk.pointer(MouseKind::Motion, MouseButton::None, at);
    };
    motion(&mut desk, 3);
    assert_eq!(told(&mut desk), "1:Motion None 3");
    for col in 4..9 {
        motion(&mut desk, col);
    }
    assert_eq!(told(&mut desk), "", "too soon after the last");
    let due = desk.core.deadline().unwrap();
    assert!(due <= desk.now + Duration::from_millis(16));
    desk.now = due;
    desk.step(Event::Tick);
    assert_eq!(told(&mut desk), "1:Motion None 8", "only where it came to");
    desk.now += Duration::from_secs(1);
    motion(&mut desk, 8);
    assert_eq!(told(&mut desk), "", "the same cell");
    motion(&mut desk, 9);
    motion(&mut desk, 10);
    let at = cell(&desk, 1, 10);
    desk.click(at);
    let order = "1:Motion None 9, 1:Motion None 10, 1:Press Left 10, 1:Release Left 10";
    assert_eq!(told(&mut desk), order, "what led to a press goes before it");
}

#[test]
fn what_went_down_in_a_pane_moves_and_goes_up_there() {
    let mut desk = Desk::new(2);
    asking(&mut desk, 1, Modes::MOUSE_DRAG);
    let (from, to) = (cell(&desk, 1, 3), cell(&desk, 2, 5));
    desk.pointer(MouseKind::Motion, MouseButton::None, from);
    assert_eq!(told(&mut desk), "", "without a button nothing was asked for");
    desk.pointer(MouseKind::Press, MouseButton::Left, from);
    desk.pointer(MouseKind::Motion, MouseButton::None, to);
    desk.pointer(MouseKind::Release, MouseButton::Left, to);
    let last = desk.core.arrangement.pane(SessionNo(1)).unwrap().grid.cols() - 1;
    let want = format!("1:Press Left 3, 1:Motion Left {last}, 1:Release Left {last}");
    assert_eq!(told(&mut desk), want);
}

#[test]
fn the_wheel_is_told_in_steps_of_either_direction() {
    let mut desk = Desk::new(1);
    asking(&mut desk, 1, Modes::MOUSE_CLICK);
    let at = cell(&desk, 1, 2);
    let mut wheel = |turned, mods| {
        desk.step(Event::Wheel { turned, mods, at });
        told(&mut desk)
    };
    assert_eq!(wheel((0.0, -3.0), Mods::NONE), "1:Press WheelUp 2");
    assert_eq!(wheel((0.0, 6.0), Mods::NONE), "1:Press WheelDown 2, 1:Press WheelDown 2");
    assert_eq!(wheel((-3.0, 0.0), Mods::NONE), "1:Press WheelLeft 2");
    assert_eq!(
        (wheel((2.0, 0.0), Mods::NONE), wheel((1.0, 0.0), Mods::NONE)),
        ("".into(), "1:Press WheelRight 2".into())
    );
    assert_eq!(wheel((0.0, -3.0), Mods::SHIFT), "", "that scrolls");
}

#[test]
fn a_viewer_of_history_and_an_x10_program_keep_the_wheel() {
    let mut desk = Desk::new(1);
    let (history, offset) = (50, 5);
    let screen = Screen { modes: Modes::MOUSE_CLICK, history, offset, ..Screen::blank(GridSize::clamped(40, 10)) };
    desk.show(1, &screen);
    desk.did();
    let at = cell(&desk, 1, 2);
    desk.step(Event::Wheel { turned: (0.0, -3.0), mods: Mods::NONE, at });
    assert_eq!(desk.did(), "1:scroll -3");
    asking(&mut desk, 1, Modes::MOUSE_X10);
    desk.step(Event::Wheel { turned: (0.0, -3.0), mods: Mods::NONE, at });
    assert_eq!(desk.did(), "1:scroll -3");
}

/// Which keys were let go since the last look, and where.
fn released(desk: &mut Desk) -> Vec<(u32, Key)> {
    let keys = desk.out.drain(..).filter_map(|e| match e {
        Effect::Send(no, ClientMessage::Key(e)) if e.press == Press::Release => Some((no.0, e.key)),
        _ => None,
    });
    keys.collect()
}

#[test]
fn a_held_key_is_released_where_it_went_down_when_the_keyboard_goes_away() {
    let press = |c| Event::Key(KeyEvent::press(Key::Char(c), Mods::NONE));
    let release = |c| Event::Key(KeyEvent { press: Press::Release, ..KeyEvent::press(Key::Char(c), Mods::NONE) });
    let mut desk = Desk::new(2);
    desk.step(press('w'));
    desk.step(press('a'));
    desk.click(desk.center(2));
    assert_eq!(released(&mut desk), [(1, Key::Char('w')), (1, Key::Char('a'))], "to another pane");
    desk.step(press('d'));
    desk.step(release('w'));
    assert_eq!(released(&mut desk), [], "it was released already");
    desk.step(Event::Key(KeyEvent { press: Press::Repeat, ..KeyEvent::press(Key::Char('a'), Mods::NONE) }));
    assert_eq!(desk.did(), "", "no pane gets repeats of a press that was another's");
    desk.step(press('d'));
    desk.step(Event::Focused(false));
    assert_eq!(released(&mut desk), [(2, Key::Char('d'))], "to another window");
    desk.step(release('d'));
    assert_eq!(released(&mut desk), []);
}
