//! What is found is what a search through the text of all lines finds, and where it stands.

use super::*;
use crate::base::GridSize;
use crate::base::random::{Random, seeds};
use crate::engine::EngineOptions;
use crate::engine::tests::steps::{random_size, steps};

fn engine(cols: u16, lines: u16) -> Engine {
    Engine::new(GridSize::clamped(cols, lines), EngineOptions::default())
}

fn feed(engine: &mut Engine, text: &str) {
    engine.feed(text.as_bytes(), &mut Vec::new());
}

fn plain(text: &str) -> Pattern {
    Pattern::search(text, false).unwrap()
}

fn piece(engine: &Engine, pattern: &Pattern, from: Option<Place>, way: Way, most: usize) -> Option<Found> {
    engine.search(pattern, Piece { from, way, most, rows: u64::MAX })
}

/// Everything there is to find, piece by piece, `most` hits at a time.
fn all(engine: &Engine, pattern: &Pattern, way: Way, most: usize) -> Vec<Hit> {
    let (mut hits, mut from) = (Vec::new(), None);
    loop {
        let found = piece(engine, pattern, from, way, most).unwrap();
        assert!(found.hits.len() <= most);
        hits.extend(found.hits);
        let Some(next) = found.next else { return hits };
        assert!(from.is_none_or(|from| (next < from) == (way == Way::Up) && next != from), "it goes on");
        from = Some(next);
    }
}

fn texts(hits: &[Hit]) -> Vec<&str> {
    hits.iter().map(|hit| &hit.line[hit.bytes.clone()]).collect()
}

#[test]
fn it_finds_what_is_in_the_text_whatever_became_of_the_rows() {
    const WORDS: [&str; 9] = ["foo", "Foo", "oo", "中文", "e\u{301}", "x", "文foo", "abcdefghijkl", "🦀"];
    for seed in seeds(60) {
        let mut random = Random::new(seed);
        let mut e = engine(8 + random.below(40) as u16, 2 + random.below(12) as u16);
        let mut lines: Vec<String> = Vec::new();
        for _ in 0..30 {
            for _ in 0..random.below(20) {
                let line: String = (0..random.below(14)).map(|_| random.pick(&WORDS)).collect();
                // Colours in the middle of words are no part of the text.
                feed(&mut e, &line.replace('o', "\x1b[31mo\x1b[m"));
                feed(&mut e, "\r\n");
                lines.push(line);
            }
            match random.below(4) {
                0 => e.resize(GridSize::clamped(8 + random.below(60) as u16, 2 + random.below(20) as u16)),
                1 => e = Engine::restore(e.snapshot(), EngineOptions::default()),
                _ => {}
            }
            let pattern = match random.below(3) {
                0 => Pattern::search("(^|oo)x|f.o$", true).unwrap(),
                _ => plain(random.pick(&["foo", "Foo", "oox", "文f", "e\u{301}x", "中文中文", "lab", "🦀"])),
            };
            let naive: Vec<(&str, Range<usize>)> =
                lines.iter().flat_map(|l| pattern.0.find_iter(l).map(|m| (l.as_str(), m.range()))).collect();
            let most = 1 + random.below(9);
            let down = all(&e, &pattern, Way::Down, most);
            let got: Vec<_> = down.iter().map(|hit| (&*hit.line, hit.bytes.clone())).collect();
            assert_eq!(got, naive, "seed {seed}: {pattern} at {:?}", e.size());
            for hit in &down {
                assert_eq!(e.text(hit.span), hit.line[hit.bytes.clone()], "seed {seed}: where it stands");
            }
            let mut up = all(&e, &pattern, Way::Up, most);
            up.reverse();
            assert_eq!(up, down, "seed {seed}: the other way");
        }
    }
}

#[test]
fn what_is_packed_reads_as_its_cells_do() {
    for seed in seeds(150) {
        let mut random = Random::new(seed ^ 0x5ea);
        let size = random_size(&mut random);
        let options = EngineOptions { history_lines: random.pick(&[5, 60, 1000]), ..EngineOptions::default() };
        let mut e = Engine::new(size, options);
        for (i, step) in steps(&mut random, size, 30, 150).into_iter().enumerate() {
            step.apply(&mut e, &mut Vec::new());
            if random.below(8) > 0 {
                continue;
            }
            let lines = e.text_lines(0..u64::MAX);
            for line in lines.iter().filter(|line| !e.terminal.alt && line.rows.end <= e.terminal.history.whole_end()) {
                let mut text = String::new();
                for row in line.rows.clone() {
                    text.clear();
                    let rows = e.terminal.history.line_text(row, &mut text);
                    assert_eq!(
                        (rows, text.trim_end_matches(' ')),
                        (Some(line.rows.clone()), &*line.text),
                        "seed {seed}"
                    );
                }
            }
            let pattern = random.pick(&["a", "lorem", "中", "[a-z]o", "é|e\u{301}", " ", "^.", "$"]);
            let pattern = Pattern::search(pattern, true).unwrap();
            let naive: Vec<Hit> = lines.iter().flat_map(|line| line.hits(&pattern, e.terminal.epoch)).collect();
            let most = 1 + random.below(5);
            assert_eq!(all(&e, &pattern, Way::Down, most), naive, "seed {seed}, step {i}: {pattern}");
            let mut up = all(&e, &pattern, Way::Up, most);
            up.reverse();
            assert_eq!(up, naive, "seed {seed}, step {i}: {pattern} upwards");
        }
    }
}

#[test]
fn a_capital_makes_it_exact() {
    let mut e = engine(20, 4);
    feed(&mut e, "error Error ERROR É é");
    let count = |text: &str, regex| all(&e, &Pattern::search(text, regex).unwrap(), Way::Up, 9).len();
    assert_eq!((count("error", false), count("Error", false), count("é", false), count("É", false)), (3, 1, 2, 1));
    assert_eq!((count(r"\Srror", true), count("E[a-z]+", true), count("e.r", true)), (3, 1, 3));
    assert_eq!(count("e.r", false), 0, "a point is a point");
    assert!(Pattern::search("(", true).unwrap_err().contains("unclosed"));
}

#[test]
fn places_of_what_was_found_stay_while_output_goes_on() {
    let mut e = engine(10, 4);
    feed(&mut e, "needle one\r\nx\r\nneedle two\r\n");
    let found = piece(&e, &plain("needle"), None, Way::Up, 1).unwrap();
    let span = found.hits[0].span;
    for n in 0..300 {
        feed(&mut e, &format!("line {n}\r\n"));
    }
    assert_eq!(e.text(span), "needle");
    let on = piece(&e, &plain("needle"), found.next, Way::Up, 1).unwrap();
    assert_eq!(&*on.hits[0].line, "needle one");
    assert_eq!(all(&e, &plain("line 29"), Way::Up, 99).len(), 11);
    e.resize(GridSize::clamped(7, 4));
    assert_eq!(piece(&e, &plain("needle"), found.next, Way::Up, 1), None, "wrapped anew");
    assert_eq!(texts(&all(&e, &plain("needle two"), Way::Up, 1)), ["needle two"], "over two rows");
}

#[test]
fn a_search_of_few_rows_ends_behind_them() {
    let mut e = engine(10, 4);
    feed(&mut e, &(0..9).map(|n| format!("x{n}\r\n")).collect::<String>());
    let from = Some(Place { epoch: 0, row: 2, col: 0 });
    let found = e.search(&plain("x"), Piece { from, way: Way::Down, most: 99, rows: 3 }).unwrap();
    assert_eq!(texts(&found.hits).len(), 3);
    assert_eq!(found.next, Some(Place { epoch: 0, row: 5, col: 0 }));
}

#[test]
fn the_alternate_screen_has_no_history() {
    let mut e = engine(10, 4);
    feed(&mut e, &"word\r\n".repeat(50));
    feed(&mut e, "\x1b[?1049h\x1b[2;3Hword");
    let hits = all(&e, &plain("word"), Way::Up, 9);
    assert_eq!(hits.iter().map(|h| (h.span.from.row, h.span.from.col, h.span.to.col)).collect::<Vec<_>>(), [(1, 2, 5)]);
    feed(&mut e, "\x1b[?1049l");
    assert_eq!(all(&e, &plain("word"), Way::Down, 7).len(), 50);
}

#[test]
fn a_line_longer_than_a_packed_one_is_searched_in_parts() {
    let mut e = engine(100, 4);
    feed(&mut e, &format!("{}needle{}\r\nend\r\n", "x".repeat(70_000), "y".repeat(200_000)));
    for way in [Way::Up, Way::Down] {
        let hits = all(&e, &plain("needle"), way, 9);
        assert_eq!(texts(&hits), ["needle"]);
        assert_eq!((hits[0].span.from.row, hits[0].span.from.col), (700, 0));
        assert_eq!(all(&e, &plain("end"), way, 1).len(), 1);
    }
}
