//! Whether what a session shows is what it should show.

use serde_json::json;
use synk::engine::{Engine, Extent};

use crate::support::api::Api;

/// The lines of a text from its end on, for what is at the beginning may be cut.
pub fn lines(text: &str) -> Vec<String> {
    text.trim_end().lines().rev().map(|line| line.trim_end().to_owned()).collect()
}

/// Compares what can be read with what an engine shows that nobody has interrupted.
pub fn same_screen(api: &mut Api, id: &str, engine: &mut Engine) -> Result<(), String> {
    let params = json!({"session_id": id, "source": "history", "format": "text"});
    let read = api.call("read_screen", params);
    same_lines(&lines(read["text"].as_str().ok_or("no text")?), engine)
}

/// Compares lines from the end on with those of an engine.
pub fn same_lines(is: &[String], engine: &mut Engine) -> Result<(), String> {
    let all = Extent::Rows { first: None, last: None };
    let expected = engine.read_rows(all).ok_or("nothing can be read")?;
    let expected: Vec<_> = expected.rows.iter().map(|row| row.text(0, u16::MAX)).collect();
    // Of many rows, a reply has the newest.
    let should = lines(&expected.join("\n"));
    let compared = is.len().min(should.len());
    if compared < 1000.min(should.len()) {
        return Err(format!("{} lines of {}", is.len(), should.len()));
    }
    match (0..compared).find(|n| is[*n] != should[*n]) {
        None => Ok(()),
        Some(n) => Err(format!("{n} lines before the end: {:?} in place of {:?}", is[n], should[n])),
    }
}
