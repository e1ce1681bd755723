//! Pasted text as the bytes a program gets. Whatever was copied, it can neither end the paste by itself nor press a key:
//! control characters are left out, as xterm does without `allowPasteC0`.

use crate::model::screen::Modes;

const BEGIN: &str = "\x1b[200~";
const END: &str = "\x1b[201~";

/// A paste: line ends are what Enter types, as in xterm; bracketed where the program asked for it.
pub fn encode(text: &str, modes: Modes) -> Vec<u8> {
    bracket(&clean(text, '\r'), modes)
}

/// A prompt to be followed by Enter in a write of its own: without line ends at its end; those within are line feeds
/// where they are bracketed, since agents take a carriage return for the end of the prompt.
pub fn encode_prompt(text: &str, modes: Modes) -> Vec<u8> {
    let newline = if modes.has(Modes::BRACKETED_PASTE) { '\n' } else { '\r' };
    bracket(clean(text, newline).trim_end_matches(['\r', '\n']), modes)
}

fn bracket(text: &str, modes: Modes) -> Vec<u8> {
    if text.is_empty() {
        return Vec::new();
    }
    if modes.has(Modes::BRACKETED_PASTE) { [BEGIN, text, END].concat().into_bytes() } else { text.as_bytes().to_vec() }
}

/// Without control characters other than tab, and with every line end as `newline`. `char::is_control` covers C0, DEL
/// and C1, so no escape sequence survives, in 7 or in 8 bits.
fn clean(text: &str, newline: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push(newline);
            }
            '\n' => out.push(newline),
            '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_cannot_leave_its_brackets() {
        let hostile = "a\x1b[201~\u{9b}201~rm -rf ~\x03\x7f\r\n";
        assert_eq!(encode(hostile, Modes::BRACKETED_PASTE), b"\x1b[200~a[201~201~rm -rf ~\r\x1b[201~");
        assert_eq!(encode(hostile, Modes::NONE), b"a[201~201~rm -rf ~\r");
    }

    #[test]
    fn line_ends_become_what_enter_types() {
        assert_eq!(encode("a\nb\r\nc\rd\te", Modes::NONE), b"a\rb\rc\rd\te");
    }

    #[test]
    fn a_prompt_ends_without_line_ends() {
        assert_eq!(encode_prompt("eins\r\nzwei\n\n", Modes::BRACKETED_PASTE), b"\x1b[200~eins\nzwei\x1b[201~");
        assert_eq!(encode_prompt("eins\nzwei\n", Modes::NONE), b"eins\rzwei");
        assert_eq!(encode_prompt("\n", Modes::BRACKETED_PASTE), b"");
    }
}
