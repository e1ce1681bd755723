//! Rows of real screens in every form.

use super::*;
use crate::base::GridSize;
use crate::engine::{Engine, EngineOptions, Extent, Reading};
use crate::model::Cell;

const COLS: u16 = 24;

fn engine() -> Engine {
    Engine::new(GridSize::clamped(COLS, 8), EngineOptions::default())
}

fn read(engine: &mut Engine, format: ScreenFormat, join: bool) -> ReadScreenResult {
    let reading = engine.read_rows(Extent::Rows { first: None, last: None }).unwrap();
    made(reading, engine, format, join)
}

fn made(reading: Reading, engine: &Engine, format: ScreenFormat, join: bool) -> ReadScreenResult {
    let read = ScreenRead {
        reading,
        size: engine.size(),
        cursor: engine.cursor(),
        alternate: engine.is_alternate(),
        title: engine.title().to_owned(),
        history: engine.history_len(),
    };
    result(SessionId::from_u128(7), read, format, join)
}

/// Texts in all styles, of all widths, wrapped and not, by a generator of numbers (an LCG) from a seed.
fn noise(seed: u32) -> String {
    let mut state = seed;
    let mut random = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    const TEXTS: [&str; 9] = ["word ", "\"\\\"", "漢字", "e\u{301}", "  ", "👩\u{200d}🚀", "\r\n", "\t", "───"];
    const SGR: [&str; 14] =
        ["1", "2", "3", "4", "4:3", "7", "8", "9", "31", "97;104", "38;5;200", "48;2;1;2;3", "58;5;9;4:2", ""];
    let mut out = String::new();
    for _ in 0..60 {
        match random(3) {
            0 => out += &format!("\x1b[{}m", SGR[random(14) as usize]),
            1 => out += &format!("\x1b]8;;http://{}/\x1b\\x\x1b]8;;\x1b\\", random(4)),
            _ => out += TEXTS[random(9) as usize],
        }
    }
    out
}

#[test]
fn the_ansi_form_makes_the_same_cells() {
    for seed in 0..200 {
        let mut e = engine();
        e.feed(noise(seed).as_bytes(), &mut Vec::new());
        let text = read(&mut e, ScreenFormat::Ansi, false).text.unwrap();
        let last = |line: &str| line.rsplit_once('\x1b').is_none_or(|(_, end)| end.starts_with("[0m"));
        assert!(text.lines().all(last), "each line ends as it began; {seed}: {text:?}");
        let mut again = engine();
        again.feed(text.replace('\n', "\r\n").as_bytes(), &mut Vec::new());
        let rows = |e: &mut Engine| e.read_rows(Extent::Rows { first: None, last: None }).unwrap().rows;
        let (want, got) = (rows(&mut e), rows(&mut again));
        for (want, got) in want.iter().zip(&got) {
            // Which blanks are stored at the end of a row, and what a wide character left free, is not seen.
            let cells = |row: &Row| (0..COLS).map(|col| row.cell(col)).collect::<Vec<Cell>>();
            assert_eq!((cells(want), &want.marks), (cells(got), &got.marks), "{seed}");
        }
    }
}

#[test]
fn a_line_is_never_longer_than_it_was_taken_for() {
    for seed in 0..100 {
        let mut e = engine();
        e.feed(noise(seed).as_bytes(), &mut Vec::new());
        for join in [false, true] {
            for format in [ScreenFormat::Text, ScreenFormat::Ansi] {
                for line in read(&mut e, format, join).text.unwrap().lines() {
                    assert_eq!(serde_json::to_string(line).unwrap().len(), escaped(line) + 2);
                }
            }
            for runs in read(&mut e, ScreenFormat::Cells, join).cells.unwrap() {
                assert!(serde_json::to_string(&runs).unwrap().len() < weight(&runs), "{runs:?}");
            }
        }
    }
}

#[test]
fn runs_have_the_width_of_the_row_and_say_what_they_are() {
    let mut e = engine();
    e.feed(
        "\x1b[1;4:3;31mred\x1b[m \x1b[48;2;1;2;3m漢\x1b]8;;http://x/\x1b\\e\u{301}\x1b]8;;\x1b\\".as_bytes(),
        &mut Vec::new(),
    );
    let runs = read(&mut e, ScreenFormat::Cells, false).cells.unwrap().swap_remove(0);
    let texts: Vec<_> = runs.iter().map(|r| (r.text.as_str(), r.width)).collect();
    assert_eq!(texts, [("red", 3), (" ", 1), ("漢", 2), ("e\u{301}", 1)]);
    assert_eq!((runs[0].fg.as_str(), runs[0].attrs.join(",")), ("1", "bold,curly_underline".into()));
    assert_eq!((runs[2].bg.as_str(), runs[3].link.as_deref()), ("#010203", Some("http://x/")));
}

#[test]
fn what_wraps_is_one_line_when_it_is_asked_for() {
    let mut e = engine();
    let long = format!("{}  {}", "a".repeat(23), "b".repeat(30));
    e.feed(format!("{long}\r\nc").as_bytes(), &mut Vec::new());
    let texts: Vec<String> = [ScreenFormat::Text, ScreenFormat::Ansi]
        .map(|format| read(&mut e, format, true).text.unwrap().trim_end().to_owned())
        .into();
    assert_eq!(texts, [format!("{long}\nc"), format!("{long}\nc")]);
    let cells = read(&mut e, ScreenFormat::Cells, true).cells.unwrap();
    assert_eq!(cells[0][0].text, long);
    assert!(read(&mut e, ScreenFormat::Text, false).text.unwrap().starts_with(&format!("{}\n", "a".repeat(23))));
}

#[test]
fn control_characters_never_get_through() {
    let cells = ['a', '\x1b', '\u{9b}', 'b'].map(|ch| Cell { ch, ..Cell::BLANK });
    let row = Row { cells: cells.to_vec(), ..Row::default() };
    for format in [ScreenFormat::Text, ScreenFormat::Ansi, ScreenFormat::Cells] {
        let reading = Reading { rows: vec![row.clone().into()], cut: false };
        let made = made(reading, &engine(), format, false);
        let text = made.text.unwrap_or_else(|| made.cells.unwrap()[0][0].text.clone());
        assert_eq!(text.trim_end(), "a\u{fffd}\u{fffd}b");
    }
}

#[test]
fn the_last_rows_are_kept_when_not_all_have_room() {
    let rows: Vec<Row> = (0..9_000)
        .map(|n| Row {
            cells: format!("{n:0200}").chars().map(|ch| Cell { ch, ..Cell::BLANK }).collect(),
            ..Row::default()
        })
        .collect();
    for format in [ScreenFormat::Text, ScreenFormat::Ansi, ScreenFormat::Cells] {
        let reading = Reading { rows: rows.iter().cloned().map(Into::into).collect(), cut: false };
        let read = made(reading, &Engine::new(GridSize::clamped(200, 24), EngineOptions::default()), format, false);
        let line = serde_json::to_string(&read).unwrap();
        assert!(read.truncated && (900_000..MAX_LINE - 1000).contains(&line.len()), "{format:?}: {}", line.len());
        let text = read.text.unwrap_or_else(|| read.cells.unwrap().pop().unwrap()[0].text.clone());
        assert!(text.trim_end().ends_with("8999"));
    }
}
