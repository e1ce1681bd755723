//! Reading one RON file into its shape, with unknown fields as warnings. It knows no particular file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use ron::error::{Error as RonError, SpannedError};
use ron::extensions::Extensions;
use serde::de::{Deserialize, DeserializeOwned, IgnoredAny};

use super::error::{FileError, Position, Problem, Warning};

/// Far more than any file here needs; keeps a mistaken link to a log or a device from filling the memory.
const MAX_BYTES: u64 = 1 << 20;

/// More unknown fields than this are no slip: the file is another program's.
const MAX_UNKNOWN: usize = 64;

/// What a text says, and what in it has no effect.
pub(super) struct Parsed<T> {
    pub(super) value: T,
    pub(super) unknown: Vec<(Position, String)>,
}

/// Reads a file. `None` when there is none: every file here may be missing.
pub(super) fn read_file<T: DeserializeOwned>(path: &Path, warnings: &mut Vec<Warning>) -> Result<Option<T>, FileError> {
    let Some(text) = read_text(path)? else { return Ok(None) };
    let parsed = parse(&text).map_err(|(at, problem)| FileError { path: path.to_owned(), at: Some(at), problem })?;
    warnings.extend(parsed.unknown.into_iter().map(|(at, text)| Warning { path: path.to_owned(), at, text }));
    Ok(Some(parsed.value))
}

/// The text of a file, `None` when there is none.
pub(super) fn read_text(path: &Path) -> Result<Option<String>, FileError> {
    let refuse = |at, problem| FileError { path: path.to_owned(), at, problem };
    let io = |e: std::io::Error| refuse(None, Problem::Io(format!("cannot be read: {e}")));
    // Opening a named pipe would wait for a writer, so the kind is asked first.
    match std::fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(io(e)),
        Ok(meta) if !meta.is_file() => return Err(refuse(None, Problem::Io("this is not a regular file".into()))),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|f| f.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(io)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(refuse(None, Problem::TooLong { limit: MAX_BYTES }));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(e) => {
            let good = String::from_utf8_lossy(&e.as_bytes()[..e.utf8_error().valid_up_to()]).into_owned();
            Err(refuse(Some(end_of(&good)), Problem::NotText))
        }
    }
}

/// Parses a text whose shape refuses unknown fields: each of them is blanked out, with its value, and the rest is
/// parsed again, so that the parser's own word about the place is kept and everything else in the file counts.
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<Parsed<T>, (Position, Problem)> {
    let mut text = text.to_owned();
    let mut unknown = Vec::new();
    loop {
        let error = match options().from_str::<T>(&text) {
            Ok(value) => return Ok(Parsed { value, unknown }),
            Err(error) => error,
        };
        let RonError::NoSuchStructField { expected, found, .. } = &error.code else { return Err(place(&error)) };
        let at = Position { line: error.span.start.line, column: error.span.start.col };
        let known = expected.join(", ");
        if unknown.len() == MAX_UNKNOWN {
            let problem = format!("more than {MAX_UNKNOWN} unknown fields, the last {found}: known here are {known}");
            return Err((at, Problem::Content(problem)));
        }
        unknown.push((at, format!("the field {found} is unknown and has no effect; known here are {known}")));
        text = without_field(&text, at, found)?;
    }
}

fn options() -> ron::Options {
    ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME)
}

/// Where an error is and what is wrong, in one sentence. The parser's span runs from the token before to where it
/// stopped: a missing or wrong token is at the end, a value that was read and not liked at the start.
fn place(error: &SpannedError) -> (Position, Problem) {
    let read_already = matches!(
        error.code,
        RonError::Message(_)
            | RonError::InvalidValueForType { .. }
            | RonError::NoSuchEnumVariant { .. }
            | RonError::IntegerOutOfBounds
            | RonError::DuplicateStructField { .. }
            | RonError::ExpectedDifferentStructName { .. }
    );
    let at = if read_already { error.span.start } else { error.span.end };
    let text = match &error.code {
        RonError::MissingStructField { field, .. } => format!("the field {field} is missing"),
        RonError::DuplicateStructField { field, .. } => format!("the field {field} stands here twice"),
        other => {
            let text = other.to_string();
            let mut chars = text.chars();
            chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
        }
    };
    (Position { line: at.line, column: at.col }, Problem::Content(text))
}

/// The text with one field, its value and the comma behind it replaced by blanks; nothing else moves.
fn without_field(text: &str, at: Position, name: &str) -> Result<String, (Position, Problem)> {
    let name_start = offset_of(text, at);
    // The parser's place of a raw identifier is behind its `r#`.
    let start = if text[..name_start].ends_with("r#") { name_start - 2 } else { name_start };
    let colon = skip_blanks(text, name_start + name.len());
    if !text[colon..].starts_with(':') {
        return Err((end_of(&text[..colon]), Problem::Content("expected colon".into())));
    }
    let value = colon + 1;
    let broken = |e: SpannedError| {
        let (inner, problem) = place(&e);
        (beyond(end_of(&text[..value]), inner), problem)
    };
    let mut parser = ron::Deserializer::from_str_with_options(&text[value..], &options()).map_err(broken)?;
    if let Err(code) = IgnoredAny::deserialize(&mut parser) {
        return Err(broken(parser.span_error(code)));
    }
    let behind = skip_blanks(text, text.len() - parser.remainder().len());
    let end = if text[behind..].starts_with(',') { behind + 1 } else { behind };
    let blanks: String = text[start..end].chars().map(|c| if c == '\n' { c } else { ' ' }).collect();
    Ok([&text[..start], &blanks, &text[end..]].concat())
}

/// The byte offset of the first character from `from` on that is neither a blank nor in a comment.
fn skip_blanks(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let rest = &text[at..];
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        if trimmed.starts_with("//") {
            at += trimmed.find('\n').unwrap_or(trimmed.len());
        } else if trimmed.starts_with("/*") {
            at += block_comment(trimmed);
        } else {
            return at;
        }
    }
}

/// The length of the block comment that the text begins with; such comments nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0usize, 0usize);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

fn offset_of(text: &str, at: Position) -> usize {
    let line: usize = text.split_inclusive('\n').take(at.line - 1).map(str::len).sum();
    line + text[line..].chars().take(at.column - 1).map(char::len_utf8).sum::<usize>()
}

/// The position just behind a text.
fn end_of(text: &str) -> Position {
    let line = 1 + text.matches('\n').count();
    let column = 1 + text.chars().rev().take_while(|c| *c != '\n').count();
    Position { line, column }
}

/// A position that was counted from `start` on, counted from the beginning of the file.
fn beyond(start: Position, inner: Position) -> Position {
    if inner.line == 1 {
        Position { line: start.line, column: start.column + inner.column - 1 }
    } else {
        Position { line: start.line + inner.line - 1, column: inner.column }
    }
}

/// What is to be written for a value, in the form the pretty printer gives it.
pub(super) fn to_text<T: serde::Serialize>(value: &T) -> Result<String, String> {
    let pretty = ron::ser::PrettyConfig::new().indentor("    ");
    options().to_string_pretty(value, pretty).map(|text| text + "\n").map_err(|e| e.to_string())
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
