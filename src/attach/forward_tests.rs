//! A key that goes from a terminal that knows the kitty protocol through an attached one to a program comes out as if the
//! program had that terminal to itself: under every combination of flags that the program may have asked for.

use super::*;
use crate::attach::machine::Machine;
use crate::attach::outer::key_flags;
use crate::engine::key_code::encode;
use crate::model::Modes;

/// Keys of text: what is typed, with Shift, and the key of the US layout.
const TEXT: [(char, char, char); 8] = [
    ('a', 'A', 'a'),
    ('z', 'Z', 'y'),
    ('1', '!', '1'),
    ('ö', 'Ö', ';'),
    ('ß', '?', '-'),
    ('\\', '|', '\\'),
    ('с', 'С', 'c'),
    ('[', '{', '['),
];
const MODS: [Mods; 4] = [Mods::SHIFT, Mods::ALT, Mods::CTRL, Mods::SUPER];

fn events() -> Vec<KeyEvent> {
    let locks = [Mods::NONE, Mods::NUM_LOCK, Mods::CAPS_LOCK];
    let held = |n: usize| (0..4).filter(|bit| n >> bit & 1 == 1).fold(Mods::NONE, |all, bit| all | MODS[bit]);
    // CapsLock is not told of keys of text, so that nobody can know it of what types nothing: the letter stays small.
    let lost = |mods: &Mods| mods.has(Mods::CAPS_LOCK) && silent(*mods);
    let all = || (0..16).flat_map(|n| locks.map(|lock| held(n) | lock)).filter(move |mods| !lost(mods));
    let mut out = Vec::new();
    let mut add = |key, unshifted, physical, mods: Mods, text: &str| {
        for press in [Press::Press, Press::Repeat, Press::Release] {
            let types = press != Press::Release && !silent(mods);
            let text = if types { text.to_owned() } else { String::new() };
            out.push(KeyEvent { key, unshifted, physical, mods, text, press });
        }
    };
    for mods in all() {
        for (plain, shifted, us) in TEXT {
            let upper = mods.has(Mods::SHIFT) != (mods.has(Mods::CAPS_LOCK) && plain.is_lowercase() && plain != 'ß');
            let typed = if upper { shifted } else { plain };
            add(Key::Char(typed), Key::Char(plain), Key::Char(us), mods, &typed.to_string());
        }
        for named in NamedKey::ALL {
            let key = Key::Named(*named);
            let keypad = named.keypad_char().filter(|_| mods.has(Mods::NUM_LOCK));
            let text = if *named == NamedKey::Space { Some(' ') } else { keypad };
            add(key, key, key, mods, &text.map(String::from).unwrap_or_default());
        }
    }
    out
}

fn read(bytes: &[u8]) -> Option<KeyEvent> {
    let (mut machine, mut tokens) = (Machine::default(), Vec::new());
    machine.feed(bytes, &mut tokens);
    machine.settle(&mut tokens);
    match tokens.as_slice() {
        [] => None,
        [token] => match decode(token.clone()) {
            Some(Input::Key(event)) => Some(event),
            other => panic!("{bytes:?}: {other:?}"),
        },
        more => panic!("{bytes:?} is {more:?}"),
    }
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\x1b', "^[")
}

fn assert_forwarded(asked: Modes) {
    let mut outer = Modes::NONE;
    outer.set_key_flags(key_flags(asked));
    let mut wrong = Vec::new();
    for event in events() {
        let sent = encode(&event, outer);
        let through = read(&sent).map(|event| encode(&event, asked)).unwrap_or_default();
        let direct = encode(&event, asked);
        let (through, direct) = (shown(&through), shown(&direct));
        // Whether Shift makes a letter small is not told when it is released.
        let unknown = event.press == Press::Release && event.mods.has(Mods::SHIFT | Mods::CAPS_LOCK);
        if through != direct && !unknown {
            wrong.push(format!("{through} for {direct}, sent as {}: {event:?}", shown(&sent)));
        }
    }
    assert!(wrong.is_empty(), "{} with {asked:?}:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}

#[test]
fn programs_get_what_they_asked_for() {
    for flags in 0..32 {
        let mut asked = Modes::NONE;
        asked.set_key_flags(flags);
        assert_forwarded(asked);
    }
    assert_forwarded(Modes::OTHER_KEYS);
    assert_forwarded(Modes::ALL_OTHER_KEYS);
    assert_forwarded(Modes::APP_CURSOR | Modes::APP_KEYPAD);
}
