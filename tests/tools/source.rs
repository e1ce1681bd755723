//! Rust source as tokens, for the gates: comments, texts and test modules are gone. It is no parser: it knows just
//! enough to tell a path from a word in a comment.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};

/// Every file with one of these endings under `dir`, sorted.
pub fn files(dir: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(files(&path, endings));
        } else if path.extension().is_some_and(|e| endings.iter().any(|x| *x == e)) {
            out.push(path);
        }
    }
    out.sort();
    out
}

/// Identifiers (raw ones without their `r#`) and single characters of punctuation; `::` is one token. The contents of
/// comments, strings and characters are left out.
pub fn tokens(source: &str) -> Vec<String> {
    let chars: Vec<char> = source.chars().collect();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let c = chars[at];
        let next = chars.get(at + 1).copied();
        if c.is_whitespace() {
            at += 1;
        } else if c == '/' && next == Some('/') {
            at = (at..chars.len()).find(|&i| chars[i] == '\n').unwrap_or(chars.len());
        } else if c == '/' && next == Some('*') {
            at = behind_comment(&chars, at);
        } else if let Some(end) = behind_text(&chars, at) {
            at = end;
        } else if c.is_alphanumeric() || c == '_' {
            let end = (at..chars.len()).find(|&i| !chars[i].is_alphanumeric() && chars[i] != '_');
            let end = end.unwrap_or(chars.len());
            out.push(chars[at..end].iter().collect());
            at = end;
        } else if c == ':' && next == Some(':') {
            out.push("::".into());
            at += 2;
        } else {
            out.push(c.into());
            at += 1;
        }
    }
    out
}

fn behind_comment(chars: &[char], from: usize) -> usize {
    let (mut depth, mut at) = (0, from);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// Where the string or character that begins here ends; `None` when none begins here.
fn behind_text(chars: &[char], from: usize) -> Option<usize> {
    let mut at = from;
    while matches!(chars.get(at), Some('b' | 'c' | 'r')) && at - from < 2 {
        at += 1;
    }
    let raw = chars[from..at].contains(&'r');
    let hashes = chars[at..].iter().take_while(|c| raw && **c == '#').count();
    match chars.get(at + hashes)? {
        '"' => {
            at += hashes + 1;
            while at < chars.len() {
                if chars[at] == '\\' && !raw {
                    at += 2;
                } else if chars[at] == '"'
                    && chars[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes
                {
                    return Some(at + 1 + hashes);
                } else {
                    at += 1;
                }
            }
            Some(at)
        }
        // A lifetime has no quote behind it; a character has one after itself or after an escape.
        '\'' if !raw => match (chars.get(at + 1), chars.get(at + 2)) {
            (Some('\\'), _) => (at + 3..chars.len()).find(|&i| chars[i] == '\'').map(|i| i + 1),
            (Some(_), Some('\'')) => Some(at + 3),
            _ => None,
        },
        _ => None,
    }
}

/// The tokens without the items that `#[cfg(test)]` stands before.
pub fn without_tests(tokens: &[String]) -> Vec<String> {
    let (mut out, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        if starts(&tokens[at..], &["#", "[", "cfg", "(", "test", ")", "]"]) {
            at = behind_item(tokens, at);
        } else {
            out.push(tokens[at].clone());
            at += 1;
        }
    }
    out
}

pub fn starts(tokens: &[String], with: &[&str]) -> bool {
    tokens.len() >= with.len() && tokens.iter().zip(with).all(|(a, b)| a == b)
}

/// Behind the attributes, the head and the body (or the semicolon) of the item that begins here.
fn behind_item(tokens: &[String], from: usize) -> usize {
    let mut depth = 0;
    for (i, token) in tokens.iter().enumerate().skip(from) {
        match token.as_str() {
            "{" | "[" | "(" => depth += 1,
            "}" | "]" | ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(token.as_str(), "}" | ";") {
            return i + 1;
        }
    }
    tokens.len()
}
