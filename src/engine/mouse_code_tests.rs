//! Rows of ctlseqs, and the limits of each encoding.

use super::*;

fn event(kind: MouseKind, button: MouseButton, col: u16, line: u16) -> MouseEvent {
    MouseEvent {
        kind,
        button,
        mods: Mods::NONE,
        col,
        line,
        px: col.saturating_mul(8).saturating_add(3),
        py: line.saturating_mul(16).saturating_add(5),
    }
}

fn press(button: MouseButton) -> MouseEvent {
    event(MouseKind::Press, button, 4, 2)
}

fn told(event: &MouseEvent, modes: Modes) -> String {
    encode(event, modes)
        .iter()
        .map(|byte| format!("{}", byte.escape_ascii()))
        .collect::<String>()
        .replace("\\x1b", "^[")
}

#[test]
fn each_encoding_has_its_form() {
    use MouseButton::*;
    let released = event(MouseKind::Release, Right, 4, 2);
    for (encoding, down, up) in [
        (Modes::NONE, "^[[M\"%#", "^[[M#%#"),
        (Modes::MOUSE_UTF8, "^[[M\"%#", "^[[M#%#"),
        (Modes::MOUSE_URXVT, "^[[34;5;3M", "^[[35;5;3M"),
        (Modes::MOUSE_SGR, "^[[<2;5;3M", "^[[<2;5;3m"),
        (Modes::MOUSE_PIXELS, "^[[<2;36;38M", "^[[<2;36;38m"),
    ] {
        let modes = encoding | Modes::MOUSE_CLICK;
        assert_eq!((told(&press(Right), modes), told(&released, modes)), (down.replace('"', "\\\""), up.into()));
    }
}

#[test]
fn buttons_wheels_and_modifiers_have_their_codes() {
    use MouseButton::*;
    let modes = Modes::MOUSE_CLICK | Modes::MOUSE_SGR;
    let codes = [
        (Left, 0),
        (Middle, 1),
        (Right, 2),
        (WheelUp, 64),
        (WheelDown, 65),
        (WheelLeft, 66),
        (WheelRight, 67),
        (Back, 128),
        (Forward, 129),
        (Tenth, 130),
        (Eleventh, 131),
    ];
    for (button, code) in codes {
        assert_eq!(told(&press(button), modes), format!("^[[<{code};5;3M"));
        for (mods, more) in [(Mods::SHIFT, 4), (Mods::ALT, 8), (Mods::CTRL, 16), (Mods::SHIFT | Mods::CTRL, 20)] {
            let with = MouseEvent { mods: mods | Mods::NUM_LOCK | Mods::SUPER, ..press(button) };
            assert_eq!(told(&with, modes), format!("^[[<{};5;3M", code + more));
        }
    }
}

#[test]
fn each_kind_of_tracking_tells_of_its_events() {
    use MouseButton::*;
    let at = |kind, button| event(kind, button, 0, 0);
    let (down, up, drag) = (at(MouseKind::Press, Left), at(MouseKind::Release, Left), at(MouseKind::Motion, Left));
    let (hover, wheel, unwheel) = (at(MouseKind::Motion, None), press(WheelUp), at(MouseKind::Release, WheelUp));
    let no_button = at(MouseKind::Press, None);
    let with_shift = MouseEvent { mods: Mods::SHIFT, ..down };
    let events = [down, up, drag, hover, wheel, unwheel, no_button, with_shift];
    for (tracking, codes) in [
        (Modes::NONE, ["", "", "", "", "", "", "", ""]),
        (Modes::MOUSE_X10, ["0M", "", "", "", "", "", "", "0M"]),
        (Modes::MOUSE_CLICK, ["0M", "0m", "", "", "64M", "", "", "4M"]),
        (Modes::MOUSE_DRAG, ["0M", "0m", "32M", "", "64M", "", "", "4M"]),
        (Modes::MOUSE_MOTION, ["0M", "0m", "32M", "35M", "64M", "", "", "4M"]),
    ] {
        for (event, code) in events.iter().zip(codes) {
            let said = told(event, tracking | Modes::MOUSE_SGR);
            let parts: Vec<&str> = said.trim_start_matches("^[[<").split(';').collect();
            let said = parts[0].to_owned() + said.get(said.len().saturating_sub(1)..).unwrap_or("");
            assert_eq!(said, code, "{tracking:?} {event:?}");
        }
    }
}

#[test]
fn what_an_encoding_cannot_tell_is_not_told_but_for_releases() {
    use MouseButton::Left;
    let (down, up) = (|col| event(MouseKind::Press, Left, col, 0), |col| event(MouseKind::Release, Left, col, 0));
    let plain = Modes::MOUSE_CLICK;
    assert_eq!(encode(&down(222), plain), b"\x1b[M \xff!");
    assert_eq!(encode(&down(223), plain), b"");
    assert_eq!(encode(&up(400), plain), b"\x1b[M#\xff!");
    let utf8 = plain | Modes::MOUSE_UTF8;
    assert_eq!(encode(&down(222), utf8), "\x1b[M \u{ff}!".as_bytes());
    assert_eq!(encode(&down(2014), utf8), "\x1b[M \u{7ff}!".as_bytes());
    assert_eq!(encode(&down(2015), utf8), b"");
    let far = event(MouseKind::Press, Left, u16::MAX, u16::MAX - 1);
    let far = MouseEvent { px: u16::MAX, py: 0, ..far };
    assert_eq!(told(&far, plain | Modes::MOUSE_SGR), "^[[<0;65536;65535M");
    assert_eq!(told(&far, plain | Modes::MOUSE_PIXELS), "^[[<0;65536;1M");
}
