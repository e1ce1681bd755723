//! What a search found as the API gives it: rows counted from the screen, and of long lines what surrounds a match.

use super::screen_text::{REST, escaped, shown};
use crate::base::SessionId;
use crate::engine::{Found, Hit};
use crate::model::Place;
use crate::protocol::line::MAX_LINE;
use crate::protocol::methods::{SearchMatch, SearchPlace, SearchResult};

/// Most bytes of a match that are told, and of its line in front of it and from its beginning on.
const MAX_MATCH: usize = 1000;
const BEFORE: usize = 300;
const BEHIND: usize = 1700;

/// Bytes that a match takes beside its texts, at most: six names, four numbers.
const MATCH: usize = 160;

/// What has no room in a reply is left to the next one.
pub(super) fn result(session: SessionId, found: Found, screen_row: u64) -> SearchResult {
    let mut next = found.next.map(place);
    let (mut matches, mut room) = (Vec::new(), MAX_LINE - REST);
    for (i, hit) in found.hits.iter().enumerate() {
        let this = told(hit, screen_row);
        let Some(left) = room.checked_sub(escaped(&this.matched) + escaped(&this.line) + MATCH) else {
            next = before(&found.hits, i).map(place);
            break;
        };
        room = left;
        matches.push(this);
    }
    SearchResult { session_id: session.to_string(), matches, next }
}

/// From where a search goes on that has come to the hit with this number, which is not the first.
fn before(hits: &[Hit], index: usize) -> Option<Place> {
    let (last, this) = (hits.get(index.checked_sub(1)?)?.span.from, hits.get(index)?.span.from);
    // Upwards comes what begins before the last one, downwards what begins here.
    Some(if this < last { last } else { this })
}

fn told(hit: &Hit, screen_row: u64) -> SearchMatch {
    let row = |row: u64| i64::try_from(i128::from(row) - i128::from(screen_row)).unwrap_or(i64::MIN);
    let (line, start) = (&*hit.line, hit.bytes.start);
    let from = line.floor_char_boundary(start.saturating_sub(BEFORE));
    let to = line.floor_char_boundary(start.saturating_add(BEHIND).min(line.len()));
    let matched = line.get(hit.bytes.clone()).unwrap_or_default();
    SearchMatch {
        row: row(hit.span.from.row),
        column: hit.span.from.col,
        end_row: row(hit.span.to.row),
        end_column: hit.span.to.col,
        matched: shown(&matched[..matched.floor_char_boundary(MAX_MATCH)]),
        line: shown(line.get(from..to).unwrap_or_default()),
    }
}

fn place(place: Place) -> SearchPlace {
    SearchPlace { epoch: place.epoch, row: place.row, column: place.col }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::GridSize;
    use crate::engine::{Engine, EngineOptions, Pattern, Piece};
    use crate::model::Way;

    /// Everything, a reply after the other, each of which fits a line.
    fn all(engine: &Engine, pattern: &Pattern, way: Way) -> (usize, Vec<SearchMatch>) {
        let (mut from, mut all, mut replies) = (None, Vec::new(), 0);
        loop {
            let found = engine.search(pattern, Piece { from, way, most: 1000, rows: u64::MAX }).unwrap();
            let result = result(SessionId::new(), found, engine.screen_row());
            assert!(serde_json::to_string(&result).unwrap().len() < MAX_LINE);
            all.extend(result.matches);
            replies += 1;
            match result.next {
                Some(SearchPlace { epoch, row, column }) => from = Some(Place { epoch, row, col: column }),
                None => return (replies, all),
            }
        }
    }

    #[test]
    fn what_does_not_fit_one_reply_comes_with_the_next() {
        let mut engine = Engine::new(GridSize::clamped(100, 4), EngineOptions::default());
        for n in 0..2000 {
            engine.feed(format!("{n:04} {}\r\n", "\"x\"".repeat(700)).as_bytes(), &mut Vec::new());
        }
        let pattern = Pattern::search("^[0-9]+ ", true).unwrap();
        for way in [Way::Up, Way::Down] {
            let (replies, mut all) = all(&engine, &pattern, way);
            assert!(replies > 4, "{replies}");
            if way == Way::Up {
                all.reverse();
            }
            let numbers: Vec<usize> = all.iter().map(|m| m.matched.trim().parse().unwrap()).collect();
            assert_eq!(numbers, (0..2000).collect::<Vec<_>>(), "{way:?}");
        }
    }

    #[test]
    fn rows_are_counted_from_the_screen_and_long_lines_cut() {
        let mut engine = Engine::new(GridSize::clamped(10, 3), EngineOptions::default());
        let long = format!("{}needle{}", "\u{e9}".repeat(1000), "z".repeat(3000));
        engine.feed(format!("needle\r\n{long}\r\na\r\nneedle\x1b[1mneedle").as_bytes(), &mut Vec::new());
        let (_, found) = all(&engine, &Pattern::search("needle", false).unwrap(), Way::Up);
        let first: Vec<_> = found.iter().map(|m| (m.row, m.column, m.end_row, m.end_column)).collect();
        assert_eq!(first[..2], [(1, 6, 2, 1), (1, 0, 1, 5)]);
        assert_eq!(found[1].line, "needleneedle");
        assert_eq!(first[2].2 - first[2].0, 0);
        assert_eq!(found[2].line.len(), BEFORE + BEHIND);
        assert!(found[2].line.contains("\u{e9}needlezzz"));
        assert_eq!(found[3].line, "needle");
    }
}
