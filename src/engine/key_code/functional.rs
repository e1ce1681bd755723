//! How the kitty protocol writes keys without text ("Functional key definitions").

use crate::model::key::NamedKey;
use crate::model::key_numbers::number;

/// A key as the protocol writes it: `CSI number ... last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    pub number: u32,
    pub last: char,
}

fn u(number: u32) -> Code {
    Code { number, last: 'u' }
}

fn tilde(number: u32) -> Code {
    Code { number, last: '~' }
}

fn letter(last: char) -> Code {
    Code { number: 1, last }
}

/// The key's code. Space is a text key, and has the number of its character.
pub fn code(named: NamedKey) -> Code {
    use NamedKey::*;
    match named {
        Insert => tilde(2),
        Delete => tilde(3),
        Left => letter('D'),
        Right => letter('C'),
        Up => letter('A'),
        Down => letter('B'),
        PageUp => tilde(5),
        PageDown => tilde(6),
        Home => letter('H'),
        End => letter('F'),
        F1 => letter('P'),
        F2 => letter('Q'),
        // `CSI R` is the answer that tells where the cursor is.
        F3 => tilde(13),
        F4 => letter('S'),
        F5 => tilde(15),
        F6 => tilde(17),
        F7 => tilde(18),
        F8 => tilde(19),
        F9 => tilde(20),
        F10 => tilde(21),
        F11 => tilde(23),
        F12 => tilde(24),
        KpBegin => letter('E'),
        other => u(number(other).unwrap_or_default()),
    }
}
