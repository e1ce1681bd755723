//! What programs ask of keys and the mouse, and what becomes of it: stacks, resets, owners, bounds.

#[path = "support/screen.rs"]
mod screen;

use screen::pane;
use synk::model::Modes;

#[test]
fn key_flags_are_pushed_popped_and_set() {
    let mut p = pane(10, 2);
    for (output, flags) in [
        ("\x1b[<u", 0),
        ("\x1b[>1u", 1),
        ("\x1b[>31u", 31),
        ("\x1b[=6u", 6),
        ("\x1b[=9;2u", 15),
        ("\x1b[=5;3u", 10),
        ("\x1b[=1;4u", 10),
        ("\x1b[>u", 0),
        ("\x1b[<u", 10),
        ("\x1b[<u", 1),
        ("\x1b[<7u", 0),
        ("\x1b[=5u\x1b[>2u", 2),
        ("\x1b[<u", 5),
        ("\x1b[<u", 0),
        ("\x1b[>97u", 1),
        ("\x1b[>u\x1bc", 0),
        ("\x1b[>3u\x1b[!p", 0),
    ] {
        assert_eq!(p.reply(format!("{output}\x1b[?u")), format!("\x1b[?{flags}u"), "{output:?}");
        assert_eq!(p.engine.modes().key_flags(), flags, "{output:?}");
    }
}

#[test]
fn a_resize_changes_no_key_flags() {
    let mut p = pane(10, 2);
    p.feed("\x1b[>1u\x1b[?1049h\x1b[>2u");
    p.engine.resize(synk::base::GridSize::clamped(20, 5));
    assert_eq!(p.engine.modes().key_flags(), 2);
    p.feed("\x1b[?1049l");
    assert_eq!(p.engine.modes().key_flags(), 1);
}

#[test]
fn each_screen_has_its_own_key_flags() {
    let mut p = pane(10, 2);
    p.feed("\x1b[>1u\x1b[?1049h");
    assert_eq!(p.engine.modes().key_flags(), 0);
    p.feed("\x1b[>15u\x1b[?1049l");
    assert_eq!(p.engine.modes().key_flags(), 1);
    p.feed("\x1b[<u\x1b[?1049h");
    assert_eq!(p.engine.modes().key_flags(), 15);
}

/// However much is pushed, the stack holds little, and the newest of it.
#[test]
fn a_flood_of_pushes_takes_no_memory() {
    let mut p = pane(10, 2);
    for n in 0..100_000_u32 {
        p.feed(format!("\x1b[>{}u", n % 32));
    }
    assert_eq!(u32::from(p.engine.modes().key_flags()), 99_999 % 32);
    let mut kept = 0;
    while p.engine.modes().key_flags() != 0 || kept == 0 {
        p.feed("\x1b[<u");
        kept += 1;
        assert!(kept <= 16, "more than 16 entries were kept");
    }
}

#[test]
fn other_keys_have_two_levels() {
    let mut p = pane(10, 2);
    let (one, two) = (Modes::OTHER_KEYS, Modes::ALL_OTHER_KEYS);
    for (output, on) in [
        ("\x1b[>4;1m", Some(one)),
        ("\x1b[>4;2m", Some(two)),
        ("\x1b[>1;2m", Some(two)),
        ("\x1b[>4;m", None),
        ("\x1b[>4;2m\x1b[>4n", None),
        ("\x1b[>4;2m\x1b[>m", None),
        ("\x1b[>4;1m\x1b[>4;3m", None),
        ("\x1b[>4;2m\x1b[!p", None),
        ("\x1b[>4;2m\x1bc", None),
    ] {
        p.feed(output);
        let level = on.map_or(0, |on| if on == one { 1 } else { 2 });
        assert_eq!(p.reply("\x1b[?4m"), format!("\x1b[>4;{level}m"), "{output:?}");
        let modes = p.engine.modes();
        assert_eq!((modes.has(one), modes.has(two)), (on == Some(one), on == Some(two)), "{output:?}");
    }
}

#[test]
fn mouse_modes_replace_each_other() {
    let mut p = pane(10, 2);
    for (output, tracking, encoding) in [
        ("\x1b[?1000;1006h", Modes::MOUSE_CLICK, Modes::MOUSE_SGR),
        ("\x1b[?1003;1015h", Modes::MOUSE_MOTION, Modes::MOUSE_URXVT),
        ("\x1b[?9;1005h", Modes::MOUSE_X10, Modes::MOUSE_UTF8),
        ("\x1b[?1002;1016h", Modes::MOUSE_DRAG, Modes::MOUSE_PIXELS),
        ("\x1b[?1000;1006l", Modes::NONE, Modes::NONE),
    ] {
        p.feed(output);
        let modes = p.engine.modes();
        for mode in [Modes::MOUSE_CLICK, Modes::MOUSE_MOTION, Modes::MOUSE_X10, Modes::MOUSE_DRAG] {
            assert_eq!(modes.has(mode), mode == tracking, "{output:?}");
        }
        for mode in [Modes::MOUSE_SGR, Modes::MOUSE_URXVT, Modes::MOUSE_UTF8, Modes::MOUSE_PIXELS] {
            assert_eq!(modes.has(mode), mode == encoding, "{output:?}");
        }
    }
}

#[test]
fn what_a_gone_program_asked_for_ends_and_nothing_else() {
    let mut p = pane(10, 2);
    assert!(!p.engine.input_is_unclaimed());
    p.feed("\x1b[>1u\x1b[?1049h\x1b[=4u");
    assert!(p.engine.input_is_unclaimed());
    p.engine.claim_input(7);
    assert!(!p.engine.input_is_unclaimed());
    p.feed("\x1b[>9u\x1b[?1003;1006;1004h\x1b[>4;2m");
    p.engine.claim_input(8);
    assert_eq!(p.engine.input_owners(), [7, 8]);
    let changes = p.engine.changes();
    p.engine.disown_input(9);
    assert_eq!((p.engine.modes().key_flags(), p.engine.changes()), (9, changes));
    p.engine.disown_input(8);
    let modes = p.engine.modes();
    assert!(p.engine.changes() > changes, "viewers are told");
    let ended = Modes::mouse_tracking() | Modes::mouse_encodings() | Modes::FOCUS_EVENTS | Modes::ALL_OTHER_KEYS;
    assert!(!modes.any(ended));
    assert_eq!((modes.key_flags(), p.engine.input_owners()), (4, vec![7]));
    p.feed("\x1b[?1049l");
    assert_eq!(p.engine.modes().key_flags(), 1);
    p.engine.disown_input(7);
    assert_eq!((p.engine.modes().key_flags(), p.engine.input_owners()), (0, vec![]));
    // One that asks again is looked at again; 0 is nobody that could be gone.
    p.feed("\x1b[?1000h");
    p.engine.claim_input(0);
    assert!(!p.engine.input_is_unclaimed() && p.engine.input_owners().is_empty());
    p.feed("\x1b[?1000h");
    assert!(p.engine.input_is_unclaimed());
}

/// A shell has pushed flags of its own, and a program only sets others.
#[test]
fn flags_that_a_gone_program_set_are_the_owners_again() {
    let mut p = pane(10, 2);
    let flags = |p: &mut screen::Pane| p.engine.modes().key_flags();
    p.feed("\x1b[>1u\x1b[=5u");
    p.engine.claim_input(7);
    p.feed("\x1b[=9u");
    assert!(p.engine.input_is_unclaimed());
    p.engine.claim_input(7);
    assert_eq!((flags(&mut p), p.engine.input_owners()), (9, vec![7]));
    p.feed("\x1b[=31u");
    p.engine.claim_input(8);
    p.feed("\x1b[=2;3u");
    p.engine.claim_input(8);
    assert_eq!((flags(&mut p), p.engine.input_owners()), (29, vec![7, 8]));
    p.engine.disown_input(8);
    assert_eq!((flags(&mut p), p.engine.input_owners()), (9, vec![7]));
    // Who changed them stays when the one who pushed is gone.
    p.feed("\x1b[=3u");
    p.engine.claim_input(8);
    p.engine.disown_input(7);
    assert_eq!((flags(&mut p), p.engine.input_owners()), (3, vec![8]));
    p.feed("\x1b[<u");
    assert_eq!((flags(&mut p), p.engine.input_owners()), (0, vec![]));
}
