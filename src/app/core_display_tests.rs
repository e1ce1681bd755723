//! Tests of what the core does about screens, the pointer, the connection, and when it draws.

use super::*;

fn text_screen(offset: u32) -> Screen {
    let mut screen = Screen::blank(GridSize::clamped(40, 10));
    screen.rows[2] = Arc::new(Row::from("hello world"));
    Screen { epoch: 1, top: 50, history: 50, offset, ..screen }
}

/// The middle of a cell of a pane.
fn cell(desk: &Desk, no: u32, line: i32, col: i32) -> PxPoint {
    let text = desk.core.arrangement.pane(SessionNo(no)).unwrap().text;
    PxPoint { x: text.x + col * 8 + 4, y: text.y + line * 16 + 8 }
}

#[test]
fn dragging_selects_and_fills_the_primary_selection() {
    let mut desk = Desk::new(2);
    desk.show(1, &text_screen(0));
    desk.did();
    let (from, to) = (cell(&desk, 1, 2, 0), cell(&desk, 1, 2, 5));
    desk.pointer(MouseKind::Press, MouseButton::Left, PxPoint { x: from.x - 4, ..from });
    desk.pointer(MouseKind::Motion, MouseButton::Left, PxPoint { x: to.x - 4, ..to });
    assert_eq!(desk.did(), "");
    desk.pointer(MouseKind::Release, MouseButton::Left, to);
    let Some(Effect::Send(_, ClientMessage::GetText { request, span })) = desk.out.first().cloned() else { panic!() };
    assert_eq!((span.from.row, span.from.col, span.to.row, span.to.col), (52, 0, 52, 4));
    desk.did();
    desk.message(1, HostMessage::Text { request, text: "hello".into() });
    assert_eq!(desk.did(), "Primary=hello");
    desk.keys("ctrl+shift+c");
    let Some(Effect::Send(_, ClientMessage::GetText { request, .. })) = desk.out.first().cloned() else { panic!() };
    desk.message(1, HostMessage::Text { request, text: "hello".into() });
    assert_eq!(desk.did(), "1:text?, Clipboard=hello");
    desk.keys("a");
    assert!(desk.core.select.selected().is_none(), "typing deselects");
}

#[test]
fn a_double_click_asks_for_the_word_and_a_click_alone_selects_nothing() {
    let mut desk = Desk::new(1);
    desk.show(1, &text_screen(0));
    desk.did();
    let at = cell(&desk, 1, 2, 7);
    desk.click(at);
    assert_eq!(desk.did(), "");
    desk.click(at);
    assert_eq!(desk.did(), "1:span?");
    desk.now += Duration::from_secs(1);
    desk.click(at);
    assert_eq!(desk.did(), "", "too late for a third click");
}

#[test]
fn holding_the_pointer_outside_scrolls_until_it_is_let_go() {
    let mut desk = Desk::new(1);
    desk.show(1, &text_screen(5));
    desk.did();
    let from = cell(&desk, 1, 2, 3);
    desk.pointer(MouseKind::Press, MouseButton::Left, from);
    desk.pointer(MouseKind::Motion, MouseButton::Left, PxPoint { x: from.x, y: 1 });
    desk.now += Duration::from_millis(50);
    desk.step(Event::Tick);
    assert_eq!(desk.did(), "1:scroll -3");
    desk.pointer(MouseKind::Release, MouseButton::Left, from);
    desk.did();
    desk.now += Duration::from_millis(500);
    desk.step(Event::Tick);
    assert_eq!(desk.did(), "");
}

#[test]
fn the_wheel_scrolls_history_or_moves_in_a_full_screen_program() {
    let mut desk = Desk::new(2);
    let at = desk.center(2);
    let wheel = |desk: &mut Desk, rows: f32| {
        desk.step(Event::Wheel { turned: (0.0, rows), mods: crate::model::Mods::NONE, at });
        desk.did()
    };
    assert_eq!(wheel(&mut desk, -3.0), "2:scroll -3");
    assert_eq!((wheel(&mut desk, 0.6), wheel(&mut desk, 0.6)), (String::new(), "2:scroll 1".into()));
    let modes = Modes::ALT_SCREEN;
    desk.show(2, &Screen { modes, ..text_screen(0) });
    desk.did();
    assert_eq!(wheel(&mut desk, -3.0), "");
    desk.show(2, &Screen { modes: modes | Modes::ALTERNATE_SCROLL, ..text_screen(0) });
    desk.did();
    assert_eq!(wheel(&mut desk, -2.0), "2:up, 2:up");
}

#[test]
fn a_divider_moves_at_once_and_is_told_when_it_is_let_go() {
    let mut desk = Desk::new(2);
    let before = desk.core.arrangement.panes[0].outer.w;
    let at = desk.core.arrangement.dividers[0].rect.center();
    let to = PxPoint { x: at.x + 100, ..at };
    desk.pointer(MouseKind::Press, MouseButton::Left, at);
    desk.pointer(MouseKind::Motion, MouseButton::Left, to);
    assert!(desk.core.arrangement.panes[0].outer.w.abs_diff(before + 100) < 4);
    let resized = |e: &Effect| matches!(e, Effect::Send(_, ClientMessage::Resize { .. }));
    assert_eq!(desk.out.iter().filter(|e| resized(e)).count(), 2, "both panes have new sizes at once");
    assert_eq!(desk.did(), "");
    desk.panes(&[1, 2]);
    assert!(desk.core.arrangement.panes[0].outer.w > before + 90, "the pointer is ahead of the host");
    desk.pointer(MouseKind::Release, MouseButton::Left, to);
    assert_eq!(desk.did(), "weights");
}

#[test]
fn hidden_panes_are_neither_watched_nor_resized() {
    let mut desk = Desk::new(4);
    desk.keys("ctrl+shift+enter");
    let resized: Vec<_> = desk
        .out
        .iter()
        .filter_map(|e| if let Effect::Send(no, ClientMessage::Resize { .. }) = e { Some(no.0) } else { None })
        .collect();
    assert_eq!(resized, [1]);
    assert_eq!(desk.core.picture(&mut Ruler).unwrap().scene.panes.len(), 1);
}

#[test]
fn frames_are_credited_when_they_are_drawn() {
    let mut desk = Desk::new(1);
    let credits =
        |desk: &mut Desk| desk.out.drain(..).filter(|e| matches!(e, Effect::Send(_, ClientMessage::Credit))).count();
    desk.show(1, &text_screen(0));
    assert_eq!(credits(&mut desk), 0);
    desk.draw();
    assert_eq!(credits(&mut desk), 1);
}

#[test]
fn a_frame_that_does_not_fit_is_asked_for_anew() {
    let mut desk = Desk::new(1);
    let (a, b) = (text_screen(0), text_screen(1));
    desk.message(1, HostMessage::Frame(Frame::diff(&a, 77, &b, 78)));
    assert_eq!(desk.did(), "1:-, 1:+");
}

#[test]
fn only_the_focused_pane_writes_the_clipboard() {
    let mut desk = Desk::new(2);
    desk.message(2, HostMessage::Clipboard("stolen".into()));
    desk.message(1, HostMessage::Clipboard("asked".into()));
    assert_eq!(desk.did(), "Clipboard=asked");
    desk.step(Event::Focused(false));
    desk.message(1, HostMessage::Clipboard("behind the back".into()));
    assert_eq!(desk.did(), "");
}

#[test]
fn a_composition_takes_the_keys_and_its_result_is_typed() {
    let mut desk = Desk::new(1);
    desk.step(Event::Composing("に".into()));
    desk.keys("ctrl+shift+t a enter");
    assert_eq!(desk.did(), "");
    desk.step(Event::Composed("日本".into()));
    let text = |e: &Effect| match e {
        Effect::Send(_, ClientMessage::Key(event)) => Some(event.text.clone()),
        _ => None,
    };
    assert_eq!(desk.out.iter().find_map(text).as_deref(), Some("日本"));
    desk.did();
    desk.keys("a");
    assert_eq!(desk.did(), "1:a");
}

#[test]
fn an_idle_window_waits_for_nothing() {
    let mut desk = Desk::with(2, CoreOptions { cursor_blink: false, ..options() });
    desk.now += Duration::from_secs(1);
    desk.draw();
    assert_eq!(desk.core.deadline(), None);
    desk.step(Event::Tick);
    assert!(desk.out.is_empty(), "{:?}", desk.out);
}

#[test]
fn a_cursor_blinks_while_somebody_may_look_at_it() {
    let mut desk = Desk::new(1);
    let mut screen = text_screen(0);
    screen.cursor.blink = true;
    screen.cursor.visible = true;
    desk.show(1, &screen);
    desk.draw();
    let mut blinks = 0;
    while let Some(at) = desk.core.deadline() {
        desk.now = at;
        desk.step(Event::Tick);
        if desk.out.drain(..).any(|e| e == Effect::Draw) {
            desk.draw();
            blinks += 1;
        }
        assert!(blinks < 100, "it never stops");
    }
    assert!((10..30).contains(&blinks) && desk.core.cursor_on, "{blinks} changes in ten seconds, and it stays on");
    desk.keys("a");
    assert!(desk.core.deadline().is_some(), "typing starts it anew");
    desk.message(1, HostMessage::Taken(1));
    desk.step(Event::Focused(false));
    desk.draw();
    assert_eq!(desk.core.deadline(), None, "nobody looks at it");
}

#[test]
fn menu_entries_are_hit_where_they_are_drawn() {
    let mut desk = Desk::new(2);
    desk.step(Event::CloseAsked);
    desk.draw();
    let hit = desk.core.hits.iter().find(|(_, hit)| *hit == Hit::Item(0)).unwrap().0;
    desk.click(hit.center());
    assert_eq!(desk.did(), "exit");
    desk.step(Event::CloseAsked);
    desk.draw();
    desk.click(PxPoint { x: 3, y: 3 });
    assert_eq!((desk.did().as_str(), desk.menu().as_str()), ("", ""), "a click beside it cancels");
}

#[test]
fn a_pane_that_rings_is_marked_until_it_is_focused() {
    let mut desk = Desk::new(2);
    desk.message(1, HostMessage::Bell);
    desk.message(2, HostMessage::Bell);
    assert_eq!(desk.core.rang, [SessionNo(2)]);
    desk.keys("ctrl+shift+right");
    assert!(desk.core.rang.is_empty());
    desk.step(Event::Focused(false));
    desk.message(1, HostMessage::Bell);
    assert_eq!(desk.did(), "attention");
}

#[test]
fn without_a_host_nothing_is_asked_of_it() {
    let mut desk = Desk::new(2);
    desk.step(Event::Lost(1, broken("gone")));
    desk.did();
    desk.keys("ctrl+shift+w");
    assert_eq!((desk.did().as_str(), desk.notice()), ("", "There is no connection to the host"));
    let at = desk.core.arrangement.dividers[0].rect.center();
    desk.pointer(MouseKind::Press, MouseButton::Left, at);
    desk.pointer(MouseKind::Motion, MouseButton::Left, PxPoint { x: i32::MIN, ..at });
    desk.pointer(MouseKind::Release, MouseButton::Left, at);
    assert_eq!(desk.did(), "", "the divider moves here only");
}

#[test]
fn keys_that_waited_in_vain_hide_no_refusal() {
    let mut desk = Desk::new(1);
    desk.change(1, |s| s.state = SessionState::Stopped);
    desk.keys("ctrl+shift+t x");
    let Some(Effect::Call(id, _)) = desk.out.iter().find(|e| matches!(e, Effect::Call(..))).cloned() else { panic!() };
    desk.reply(id, Err(Error::new(1003, "Max sessions reached (12)".into())));
    assert_eq!(desk.notice(), "Max sessions reached (12)");
}
