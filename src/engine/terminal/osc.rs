//! Operating system commands.

use std::path::Path;

use super::color::number;
use super::link::MAX_URI;
use super::state::Terminal;
use super::title::{MAX_TITLE, one_line};
use crate::engine::effect::{Effect, ShellMark};

/// Most parts of a command that are looked at: a palette set in one command has two per colour.
const MAX_PARTS: usize = 1024;
/// Longest text of a notification, in bytes.
const MAX_NOTICE: usize = 1024;
/// Longest path of a working directory, in bytes: Linux's PATH_MAX.
const MAX_PATH: usize = 4096;
/// Most bytes that go to the clipboard.
const MAX_CLIPBOARD_TEXT: usize = 1024 * 1024;

impl Terminal {
    /// Carries out a command; returns what it asks for.
    pub(super) fn osc(&mut self, string: &[u8]) -> Option<Effect> {
        let (head, rest) = split_once(string);
        let parts = || rest.iter().flat_map(|r| r.split(|&b| b == b';')).take(MAX_PARTS).collect::<Vec<_>>();
        let reply = |bytes: Vec<u8>| (!bytes.is_empty()).then_some(Effect::Reply(bytes));
        match number(head)? {
            0 | 2 => {
                self.titles.set(one_line(rest?, MAX_TITLE));
                None
            }
            4 => reply(self.osc_indexed(&parts())),
            7 => cwd(rest?, &self.options.host),
            8 => {
                self.link(rest?);
                None
            }
            9 => notice(rest?),
            n @ 10..=12 => reply(self.osc_special(n, &parts())),
            52 => clipboard(rest?),
            104 => {
                self.osc_reset_indexed(&parts());
                None
            }
            n @ 110..=112 => {
                self.osc_reset_special(n);
                None
            }
            133 => {
                let mark = mark(&parts())?;
                self.mark_command(mark);
                Some(Effect::Mark(mark))
            }
            777 => match parts().as_slice() {
                [b"notify", title, body @ ..] => Some(Effect::Notify {
                    title: one_line(title, MAX_NOTICE),
                    body: one_line(&body.join(&b';'), MAX_NOTICE),
                }),
                _ => None,
            },
            _ => None,
        }
    }

    /// OSC 8: `params;uri`; an empty target ends the link. Targets with the same text are one link whatever their ids.
    fn link(&mut self, rest: &[u8]) {
        let (_, Some(uri)) = split_once(rest) else { return };
        let printable = |uri: &&str| uri.bytes().all(|b| b > 0x20 && b < 0x7f);
        let uri = std::str::from_utf8(uri).ok().filter(|u| u.len() <= MAX_URI).filter(printable);
        let link = uri.filter(|u| !u.is_empty()).map(|u| self.links.open(u));
        self.screen.grid.cursor.template.set_hyperlink(link);
    }
}

/// What lies before and behind the first `;`.
fn split_once(string: &[u8]) -> (&[u8], Option<&[u8]>) {
    match string.iter().position(|&b| b == b';') {
        Some(at) => (&string[..at], Some(&string[at + 1..])),
        None => (string, None),
    }
}

/// OSC 7: `file://host/path`. Another host's directory is not ours.
fn cwd(url: &[u8], own_host: &str) -> Option<Effect> {
    let rest = url.strip_prefix(b"file://")?;
    let (host, path) = rest.split_at(rest.iter().position(|&b| b == b'/')?);
    let host = std::str::from_utf8(host).ok()?;
    if !(host.is_empty() || host == "localhost" || host.eq_ignore_ascii_case(own_host)) {
        return None;
    }
    let path = String::from_utf8(percent_decode(path)?).ok().filter(|path| path.len() <= MAX_PATH)?;
    let dots = Path::new(&path).components().any(|c| c == std::path::Component::ParentDir);
    (!dots && !path.contains(char::is_control)).then_some(Effect::Cwd(path))
}

fn percent_decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(*bytes.next()?).to_digit(16);
        out.push((digit()? << 4 | digit()?) as u8);
    }
    Some(out)
}

/// OSC 9: a notification; with a number first it is one of ConEmu's commands (4 is progress), which are not built.
fn notice(text: &[u8]) -> Option<Effect> {
    let (head, rest) = split_once(text);
    if rest.is_some() && number(head).is_some() {
        return None;
    }
    let body = one_line(text, MAX_NOTICE);
    (!body.is_empty()).then(|| Effect::Notify { title: String::new(), body })
}

fn mark(parts: &[&[u8]]) -> Option<ShellMark> {
    Some(match *parts.first()? {
        b"A" => ShellMark::PromptStart,
        b"B" => ShellMark::InputStart,
        b"C" => ShellMark::OutputStart,
        b"D" => {
            let exit = parts.get(1).and_then(|code| std::str::from_utf8(code).ok()?.parse().ok());
            ShellMark::Done { exit }
        }
        _ => return None,
    })
}

/// OSC 52: `targets;base64`. Reading (`?`) is denied without an answer.
fn clipboard(rest: &[u8]) -> Option<Effect> {
    let (targets, data) = split_once(rest);
    if !targets.iter().all(|t| matches!(t, b'c' | b'p' | b's' | b'q' | b'0'..=b'7')) {
        return None;
    }
    let text = decode_base64(data?).filter(|t| t.len() <= MAX_CLIPBOARD_TEXT)?;
    let text = String::from_utf8(text).ok()?;
    (!text.is_empty()).then_some(Effect::Clipboard(text))
}

/// Standard base64 (RFC 4648), padding optional.
fn decode_base64(data: &[u8]) -> Option<Vec<u8>> {
    let end = data.iter().rposition(|&b| b != b'=').map_or(0, |i| i + 1);
    if end % 4 == 1 || data.len() - end > 2 {
        return None;
    }
    let mut out = Vec::with_capacity(end / 4 * 3 + 2);
    let (mut bits, mut count) = (0u32, 0);
    for &byte in &data[..end] {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_with_and_without_padding() {
        for (text, bytes) in
            [("", ""), ("Zg==", "f"), ("Zg", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob")]
        {
            assert_eq!(decode_base64(text.as_bytes()).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        for bad in ["Z", "Zg===", "?", "Z m9", "=Zg"] {
            assert_eq!(decode_base64(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn a_directory_of_another_host_or_with_tricks_is_no_directory() {
        let dir = |url: &str| cwd(url.as_bytes(), "here");
        assert_eq!(dir("file://here/a%20b"), Some(Effect::Cwd("/a b".into())));
        assert_eq!(dir("file:///a"), Some(Effect::Cwd("/a".into())));
        for bad in
            ["file://evil/a", "/a", "file://here", "file:///a/../b", "file:///a%0a", "file:///%zz", "file:///%ff"]
        {
            assert_eq!(dir(bad), None, "{bad}");
        }
        let long = |bytes: usize| dir(&format!("file:///{}", "a".repeat(bytes - 1)));
        assert!(long(MAX_PATH).is_some() && long(MAX_PATH + 1).is_none());
    }
}
