//! What verbs print on standard output: text for people, or JSON for programs. Neither fails because nobody reads on.

use std::io::{self, ErrorKind, Write};

use serde_json::Value;

use super::fail::Fail;
use crate::base::is_harmful;

/// Prints text as it is. That the reader has gone, as in `synk ls | head -1`, is no failure.
pub fn print(text: &str) -> Result<(), Fail> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Fail::failed(format!("cannot write the result: {e}"))),
        _ => Ok(()),
    }
}

/// Prints a value on one line.
pub fn print_json(value: &Value) -> Result<(), Fail> {
    print(&format!("{}\n", json(value)))
}

/// A value on one line, with `\u` escapes for what JSON lets through and a terminal would obey: DEL, C1 controls, format
/// characters. They can only stand in strings, so it stays the same value.
pub fn json(value: &Value) -> String {
    let plain = value.to_string();
    if !plain.contains(is_harmful) {
        return plain;
    }
    let mut safe = String::with_capacity(plain.len() + 16);
    for c in plain.chars() {
        if is_harmful(c) {
            let mut units = [0; 2];
            safe.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json as value;

    #[test]
    fn json_holds_nothing_a_terminal_obeys_and_stays_the_same_value() {
        let evil = value!({"title": "a\u{1b}[2J\u{9b}2J\u{7f}\u{202e}\u{e0041}\n", "é\u{200d}": ["ok", 1]});
        let text = json(&evil);
        assert!(!text.contains(is_harmful), "{text:?}");
        assert!(text.contains(r"\u009b") && text.contains(r"\udb40\udc41") && text.contains('é'), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), evil);
    }
}
