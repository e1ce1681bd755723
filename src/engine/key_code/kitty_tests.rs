//! Every event that keys of a US and of a German layout make, under all 32 combinations of flags, against the rules of
//! the protocol's text: what was sent is read back by a parser of its own and compared with the event.

use std::collections::HashMap;

use super::*;
use crate::engine::key_code::encode as encode_any;

/// The protocol's table "Functional key codes", as it is printed there.
const FUNCTIONAL: &str = "ESCAPE 27u ENTER 13u TAB 9u BACKSPACE 127u INSERT 2~ DELETE 3~ LEFT 1D RIGHT 1C UP 1A DOWN 1B \
    PAGE_UP 5~ PAGE_DOWN 6~ HOME 1H END 1F CAPS_LOCK 57358u SCROLL_LOCK 57359u NUM_LOCK 57360u PRINT_SCREEN 57361u \
    PAUSE 57362u MENU 57363u F1 1P F2 1Q F3 13~ F4 1S F5 15~ F6 17~ F7 18~ F8 19~ F9 20~ F10 21~ F11 23~ F12 24~ \
    F13 57376u F14 57377u F15 57378u F16 57379u F17 57380u F18 57381u F19 57382u F20 57383u F21 57384u F22 57385u \
    F23 57386u F24 57387u F25 57388u F26 57389u F27 57390u F28 57391u F29 57392u F30 57393u F31 57394u F32 57395u \
    F33 57396u F34 57397u F35 57398u KP_0 57399u KP_1 57400u KP_2 57401u KP_3 57402u KP_4 57403u KP_5 57404u \
    KP_6 57405u KP_7 57406u KP_8 57407u KP_9 57408u KP_DECIMAL 57409u KP_DIVIDE 57410u KP_MULTIPLY 57411u \
    KP_SUBTRACT 57412u KP_ADD 57413u KP_ENTER 57414u KP_EQUAL 57415u KP_SEPARATOR 57416u KP_LEFT 57417u \
    KP_RIGHT 57418u KP_UP 57419u KP_DOWN 57420u KP_PAGE_UP 57421u KP_PAGE_DOWN 57422u KP_HOME 57423u KP_END 57424u \
    KP_INSERT 57425u KP_DELETE 57426u KP_BEGIN 1E MEDIA_PLAY 57428u MEDIA_PAUSE 57429u MEDIA_PLAY_PAUSE 57430u \
    MEDIA_REVERSE 57431u MEDIA_STOP 57432u MEDIA_FAST_FORWARD 57433u MEDIA_REWIND 57434u MEDIA_NEXT 57435u \
    MEDIA_PREVIOUS 57436u MEDIA_RECORD 57437u VOLUME_DOWN 57438u VOLUME_UP 57439u MUTE 57440u SHIFT 57441u \
    CONTROL 57442u ALT 57443u SUPER 57444u HYPER 57445u META 57446u RIGHT_SHIFT 57447u RIGHT_CONTROL 57448u \
    RIGHT_ALT 57449u RIGHT_SUPER 57450u RIGHT_HYPER 57451u RIGHT_META 57452u ALT_GR 57453u LEVEL5 57454u";

/// The keys of text of a layout, in the order of [`PLACES`]: what they type by themselves, with Shift, and with AltGr
/// (a blank where that is nothing). Xkb's `us`, and `de` without its dead keys.
struct Layout {
    plain: &'static str,
    shifted: &'static str,
    third: &'static str,
}

/// The same keys on a US layout; the last is the one beside the left Shift, which a US keyboard does not have.
const PLACES: &str = r"`1234567890-=qwertyuiop[]\asdfghjkl;'zxcvbnm,./";
const US: Layout = Layout {
    plain: PLACES,
    shifted: r#"~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?"#,
    third: "                                               ",
};
const GERMAN: Layout = Layout {
    plain: "^1234567890ß´qwertzuiopü+#asdfghjklöäyxcvbnm,.-<",
    shifted: "°!\"§$%&/()=?`QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_>",
    third: " ¹²³¼½¬{[]}\\ @ł€¶ŧ←↓→øþ ~’æſðđŋħ ĸł  »«¢„“”µ·…–|",
};

const MODS: [Mods; 4] = [Mods::SHIFT, Mods::ALT, Mods::CTRL, Mods::SUPER];

fn all_mods() -> impl Iterator<Item = Mods> {
    let with_locks = [Mods::NONE, Mods::NUM_LOCK, Mods::CAPS_LOCK | Mods::NUM_LOCK, Mods::HYPER | Mods::META];
    let of = |n: usize| (0..4).filter(|bit| n >> bit & 1 == 1).fold(Mods::NONE, |all, bit| all | MODS[bit]);
    (0..16).flat_map(move |n| with_locks.map(|more| of(n) | more))
}

/// What the tables and the protocol's text say of keys.
struct Rules {
    names: HashMap<NamedKey, &'static str>,
    codes: HashMap<&'static str, &'static str>,
}

impl Rules {
    fn new() -> Self {
        let words: Vec<&'static str> = FUNCTIONAL.split_whitespace().collect();
        let codes: HashMap<_, _> = words.chunks(2).map(|pair| (pair[0], pair[1])).collect();
        let named = |name: &str| {
            let name = name.replace('_', "").to_lowercase();
            *NamedKey::ALL.iter().find(|key| key.name() == name).unwrap_or_else(|| panic!("{name} is no key"))
        };
        let names = codes.keys().map(|name| (named(name), *name)).collect();
        Self { names, codes }
    }

    /// What a key of the keypad types, by its name in the table.
    fn keypad_text(&self, key: NamedKey) -> Option<char> {
        let name = self.names.get(&key)?.strip_prefix("KP_")?;
        let words = "DECIMAL . DIVIDE / MULTIPLY * SUBTRACT - ADD + EQUAL = SEPARATOR ,";
        let words: Vec<&str> = words.split(' ').collect();
        let sign = words.chunks(2).find(|pair| pair[0] == name).map(|pair| pair[1]);
        sign.or(Some(name).filter(|name| name.len() == 1))?.chars().next()
    }

    /// "With this mode, events for pressing modifier keys are reported": the locks are such keys for kitty, too.
    fn is_modifier(&self, key: Key) -> bool {
        let Key::Named(named) = key else { return false };
        let code = self.names.get(&named).and_then(|name| self.codes[name].strip_suffix('u')?.parse::<u32>().ok());
        matches!(code, Some(57358..=57360 | 57441..=57454))
    }

    /// The number and the last character that the table gives a key, and whether it is a key of text. Without flags 1 and
    /// 8, "keypad keys are reported as their equivalent non-keypad keys".
    fn code(&self, event: &KeyEvent, flags: u8) -> (String, bool) {
        let of_char = |c: char| (format!("{}u", u32::from(c)), true);
        match (event.key, event.unshifted) {
            (Key::Named(NamedKey::Space), _) => of_char(' '),
            (Key::Named(named), _) => {
                let (name, typed) = (self.names[&named], self.keypad_text(named));
                let beside = name.strip_prefix("KP_").and_then(|name| self.codes.get(name));
                match (flag(flags, 1) || flag(flags, 8), typed, beside) {
                    (false, Some(c), _) => of_char(c),
                    (false, None, Some(code)) => ((*code).to_owned(), false),
                    _ => (self.codes[name].to_owned(), typed.is_some()),
                }
            }
            (_, Key::Char(c)) => of_char(c),
            _ => panic!("{event:?}"),
        }
    }

    /// Whether the rules make an escape code of the event, and not text, a legacy encoding or nothing.
    fn is_code(&self, event: &KeyEvent, flags: u8) -> bool {
        if flag(flags, 8) {
            // "All keys are reported as escape codes, including Enter, Tab, Backspace etc."
            return event.press != Press::Release || flag(flags, 2);
        }
        if self.is_modifier(event.key) || !text_of(event).is_empty() {
            return false;
        }
        // On the keypad Enter is Enter until keypad keys are reported as separate keys.
        let keypad = event.key == Key::Named(NamedKey::KpEnter) && !flag(flags, 1);
        let three = keypad || matches!(event.key, Key::Named(NamedKey::Enter | NamedKey::Tab | NamedKey::Backspace));
        match event.press {
            // "The Enter, Tab and Backspace keys will not have release events" without flag 8.
            Press::Release => flag(flags, 2) && !three,
            // "... still generate the same bytes as in legacy mode".
            _ if three && chord_of(event) == 0 => false,
            Press::Press => flag(flags, 1),
            Press::Repeat => flag(flags, 1) || flag(flags, 2) && !three,
        }
    }

    /// Compares an escape code with its event.
    fn assert_tells(&self, event: &KeyEvent, flags: u8, bytes: &[u8], what: &str) {
        let (fields, last) = parse(bytes).unwrap_or_else(|| panic!("{what}: no escape code"));
        assert!(fields.len() <= 3, "{what}");
        let (code, is_text) = self.code(event, flags);
        let numbers = |at: usize| fields.get(at).cloned().unwrap_or_default();
        let first = numbers(0);
        assert_eq!(format!("{}{last}", first[0].unwrap_or(1)), code, "{what}");
        // "The shifted key must be present only if shift is also present"; the base layout key where it is another.
        let char_of = |key: Key| match key {
            Key::Char(c) if format!("{}u", u32::from(c)) != code && flag(flags, 4) => Some(u32::from(c)),
            _ => None,
        };
        let of_text = matches!(event.key, Key::Char(_));
        let shifted = char_of(event.key).filter(|_| of_text && event.mods.bits() & 1 != 0);
        let base = char_of(event.physical).filter(|_| of_text);
        assert_eq!((first.get(1).copied().flatten(), first.get(2).copied().flatten()), (shifted, base), "{what}");
        // "Lock modifiers are not reported for text producing keys" without flag 8.
        let mods = if is_text && !flag(flags, 8) { chord_of(event) } else { event.mods.bits() };
        let second = numbers(1);
        let told = |at: usize| second.get(at).copied().flatten();
        assert_eq!(told(0).unwrap_or(1), u32::from(mods) + 1, "{what}: modifiers");
        let press = if flag(flags, 2) { event.press as u32 } else { 1 };
        assert_eq!(told(1).unwrap_or(1), press, "{what}: press, repeat or release");
        let text: Vec<_> = text_of(event).chars().filter(|_| flag(flags, 16)).map(|c| Some(u32::from(c))).collect();
        assert_eq!(numbers(2), text, "{what}: text");
    }

    /// Compares what was sent with the rules.
    fn assert_right(&self, event: &KeyEvent, flags: u8) {
        let mut modes = Modes::NONE;
        modes.set_key_flags(flags);
        let bytes = encode_any(event, modes);
        let what = || format!("flags {flags}, {event:?} as {:?}", String::from_utf8_lossy(&bytes));
        let text = text_of(event);
        if self.is_code(event, flags) {
            self.assert_tells(event, flags, &bytes, &what());
        } else if !text.is_empty() && flags & 11 != 0 {
            assert_eq!(bytes, text.as_bytes(), "{}", what());
        } else if self.is_modifier(event.key) || event.press == Press::Release {
            assert_eq!(bytes, b"", "{}", what());
        } else {
            assert_eq!(bytes, encode_any(event, Modes::NONE), "{}", what());
        }
    }
}

/// The events of a key with some modifiers, as the window makes them: nothing is typed with Ctrl.
fn each_press(key: [Key; 3], mods: Mods, text: &str, then: &mut impl FnMut(&KeyEvent)) {
    let [key, unshifted, physical] = key;
    for press in [Press::Press, Press::Repeat, Press::Release] {
        let text = if press == Press::Release || mods.has(Mods::CTRL) { "" } else { text };
        then(&KeyEvent { key, unshifted, physical, mods, text: text.to_owned(), press });
    }
}

/// The events of a layout's keys of text.
fn each_event_of(layout: &Layout, then: &mut impl FnMut(&KeyEvent)) {
    let count = layout.plain.chars().count();
    assert_eq!((layout.shifted.chars().count(), layout.third.chars().count()), (count, count));
    let places = PLACES.chars().map(Some).chain([None]);
    let typed = layout.plain.chars().zip(layout.shifted.chars()).zip(layout.third.chars());
    for (((plain, shifted), third), place) in typed.zip(places) {
        let (unshifted, physical) = (Key::Char(plain), Key::Char(place.unwrap_or(plain)));
        for mods in all_mods() {
            let caps = mods.has(Mods::CAPS_LOCK) && plain.is_alphabetic() && shifted.is_alphabetic();
            let c = if mods.has(Mods::SHIFT) != caps { shifted } else { plain };
            each_press([Key::Char(c), unshifted, physical], mods, &c.to_string(), then);
            if third != ' ' && !mods.has(Mods::SHIFT) {
                each_press([Key::Char(third), unshifted, physical], mods, &third.to_string(), then);
            }
        }
    }
}

/// An escape code, taken apart: the numbers of each field, and the last character.
fn parse(bytes: &[u8]) -> Option<(Vec<Vec<Option<u32>>>, char)> {
    let text = std::str::from_utf8(bytes).ok()?.strip_prefix("\x1b[")?;
    let (last, fields) = (text.chars().last()?, &text[..text.len() - 1]);
    let number = |part: &str| if part.is_empty() { Some(None) } else { part.parse().ok().map(Some) };
    let field = |field: &str| field.split(':').map(number).collect::<Option<Vec<_>>>();
    Some((fields.split(';').map(field).collect::<Option<Vec<_>>>()?, last))
}

fn flag(flags: u8, bit: u8) -> bool {
    flags & bit != 0
}

/// The event's modifiers without the locks, as the protocol counts them.
fn chord_of(event: &KeyEvent) -> u8 {
    event.mods.bits() & !(64 | 128)
}

/// The text that the event is, by the protocol: none with Ctrl and the like held.
fn text_of(event: &KeyEvent) -> &str {
    if chord_of(event) & !1 == 0 && event.press != Press::Release { &event.text } else { "" }
}

#[test]
fn every_event_of_a_us_and_a_german_keyboard_is_told_under_all_flags() {
    let rules = Rules::new();
    let mut seen = 0;
    let mut check = |event: &KeyEvent| {
        seen += 1;
        (0..32).for_each(|flags| rules.assert_right(event, flags));
    };
    each_event_of(&US, &mut check);
    each_event_of(&GERMAN, &mut check);
    for mods in all_mods() {
        each_press([Key::Named(NamedKey::Space); 3], mods, " ", &mut check);
        for named in rules.names.keys() {
            let text = rules.keypad_text(*named).filter(|_| mods.has(Mods::NUM_LOCK));
            each_press([Key::Named(*named); 3], mods, &text.map(String::from).unwrap_or_default(), &mut check);
        }
    }
    // Of US 47 keys; of German 48, and 42 characters without Shift in the third place; the table, and Space.
    assert_eq!(seen, 3 * 64 * (47 + 48 + rules.names.len() + 1) + 3 * 32 * 42);
}

fn told(event: &KeyEvent, flags: u8) -> String {
    let mut modes = Modes::APP_CURSOR;
    modes.set_key_flags(flags);
    String::from_utf8(encode_any(event, modes)).unwrap().replace('\x1b', "^[")
}

/// Rows that the protocol's text or kitty's own tests print.
#[test]
fn examples_of_the_protocol() {
    use NamedKey::*;
    let (n, c) = (Key::Named, Key::Char);
    let (shift, alt, ctrl) = (Mods::SHIFT, Mods::ALT, Mods::CTRL);
    for (key, mods, flags, bytes) in [
        (c('a'), Mods::NONE, 1, "a"),
        (c('a'), Mods::NONE, 8, "^[[97u"),
        (c('a'), ctrl | shift, 1, "^[[97;6u"),
        (c('c'), ctrl, 1, "^[[99;5u"),
        (c('['), alt, 1, "^[[91;3u"),
        (c('a'), Mods::SUPER, 1, "^[[97;9u"),
        (n(Escape), Mods::NONE, 1, "^[[27u"),
        (n(Escape), Mods::NONE, 2, "^["),
        (n(Enter), Mods::NONE, 1, "\r"),
        (n(Enter), shift, 1, "^[[13;2u"),
        (n(Enter), Mods::NONE, 9, "^[[13u"),
        (n(Tab), ctrl | shift, 1, "^[[9;6u"),
        (n(Backspace), Mods::NONE, 1, "\x7f"),
        (n(Space), ctrl, 1, "^[[32;5u"),
        (n(Up), Mods::NONE, 0, "^[OA"),
        (n(Up), Mods::NONE, 1, "^[[A"),
        (n(Up), ctrl, 1, "^[[1;5A"),
        (n(F1), Mods::NONE, 1, "^[[P"),
        (n(F3), Mods::NONE, 1, "^[[13~"),
        (n(F3), shift, 1, "^[[13;2~"),
        (n(F13), Mods::NONE, 1, "^[[57376u"),
        (n(KpEnter), Mods::NONE, 1, "^[[57414u"),
        (n(KpEnter), Mods::NONE, 0, "\r"),
        (n(KpLeft), Mods::NONE, 1, "^[[57417u"),
        (n(KpLeft), ctrl, 0, "^[[1;5D"),
        (n(KpBegin), Mods::NONE, 1, "^[[E"),
        (n(Shift), shift, 8, "^[[57441;2u"),
        (n(Shift), shift, 7, ""),
    ] {
        assert_eq!(told(&KeyEvent::press(key, mods), flags), bytes, "{key:?} {mods:?} with flags {flags}");
    }
}

#[test]
fn alternates_and_texts() {
    let shift_a = KeyEvent { unshifted: Key::Char('a'), ..KeyEvent::press(Key::Char('A'), Mods::SHIFT) };
    let shift_a = KeyEvent { physical: Key::Char('a'), ..shift_a };
    assert_eq!(told(&shift_a, 24), "^[[97;2;65u");
    assert_eq!(told(&shift_a, 28), "^[[97:65;2;65u");
    let euro = KeyEvent { unshifted: Key::Char('e'), ..KeyEvent::press(Key::Char('€'), Mods::NONE) };
    let euro = KeyEvent { physical: Key::Char('e'), ..euro };
    assert_eq!((told(&euro, 24), told(&euro, 1)), ("^[[101;;8364u".into(), "€".into()), "AltGr is no modifier");
    let cyrillic = KeyEvent { physical: Key::Char('c'), ..KeyEvent::press(Key::Char('с'), Mods::CTRL) };
    assert_eq!((told(&cyrillic, 5), told(&cyrillic, 1)), ("^[[1089::99;5u".into(), "^[[1089;5u".into()));
    let shifted = KeyEvent { key: Key::Char('С'), mods: Mods::CTRL | Mods::SHIFT, ..cyrillic };
    assert_eq!(told(&shifted, 5), "^[[1089:1057:99;6u");
}

#[test]
fn what_an_input_method_composed_is_text_under_all_flags() {
    let composed = KeyEvent { text: "日本".into(), ..KeyEvent::press(Key::Unknown, Mods::NONE) };
    for flags in 0..32 {
        assert_eq!(told(&composed, flags), "日本");
    }
}
