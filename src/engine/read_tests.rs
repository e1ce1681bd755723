//! What the last command wrote, wherever it went meanwhile.

use super::*;
use crate::base::GridSize;
use crate::engine::EngineOptions;

const C: &str = "\x1b]133;C\x07";
const D: &str = "\x1b]133;D;0\x07";

fn engine(cols: u16, lines: u16) -> Engine {
    Engine::new(GridSize::clamped(cols, lines), EngineOptions::default())
}

fn feed(engine: &mut Engine, text: &str) {
    engine.feed(text.as_bytes(), &mut Vec::new());
}

/// The text of a reading, wrapped rows joined.
fn text(engine: &mut Engine, extent: Extent) -> Option<String> {
    let cols = engine.size().cols();
    let rows = engine.read_rows(extent)?.rows;
    Some(Row::lines(&rows.iter().map(|row| &**row).collect::<Vec<_>>(), cols, true))
}

#[test]
fn the_output_lies_between_the_marks() {
    let mut e = engine(20, 5);
    feed(&mut e, "$ echo hi\r\n");
    assert_eq!(text(&mut e, Extent::LastCommand), None);
    feed(&mut e, &format!("{C}hi\r\n{D}$ "));
    assert_eq!(text(&mut e, Extent::LastCommand).unwrap(), "hi\n");
    feed(&mut e, &format!("printf x\r\n{C}x{D}$ "));
    assert_eq!(text(&mut e, Extent::LastCommand).unwrap(), "x\n", "without a line end, before the prompt");
    feed(&mut e, &format!("\r\n{D}$ "));
    assert_eq!(text(&mut e, Extent::LastCommand).unwrap(), "x\n", "an empty command line is no command");
    feed(&mut e, &format!("sleep\r\n{C}"));
    assert_eq!(text(&mut e, Extent::LastCommand).unwrap(), "");
    feed(&mut e, "so far");
    assert_eq!(text(&mut e, Extent::LastCommand).unwrap(), "so far\n");
    feed(&mut e, "\x1bc");
    assert_eq!(text(&mut e, Extent::LastCommand), None);
}

#[test]
fn the_output_is_found_when_the_screen_was_cleared_or_another_one_shows() {
    let mut e = engine(20, 5);
    feed(&mut e, &format!("$ a\r\n$ b\r\n{C}\x1b[H\x1b[2Jnew\r\n{D}$ "));
    assert_eq!(text(&mut e, Extent::LastCommand).unwrap().trim(), "new");
    feed(&mut e, &format!("vim\r\n{C}before\r\n\x1b[?1049h\x1b[Hfull screen"));
    assert_eq!(text(&mut e, Extent::LastCommand).unwrap(), "before\n");
    feed(&mut e, &format!("{D}\x1b[?1049l"));
    feed(&mut e, "after\r\n");
    assert_eq!(text(&mut e, Extent::LastCommand).unwrap(), "before\nafter\n");
}

#[test]
fn the_output_survives_history_resizes_and_a_snapshot() {
    let mut seed = 7u32;
    let mut random = |below: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) % below
    };
    for round in 0..60 {
        let mut e = engine(10 + random(60) as u16, 3 + random(20) as u16);
        let line = |n: u32, long: u32| format!("{n}:{}\r\n", "abcdefghi-漢".repeat(long as usize));
        for n in 0..random(60) {
            feed(&mut e, &line(n, random(9)));
        }
        let output: String = (0..1 + random(50)).map(|n| line(n, random(12))).collect();
        feed(&mut e, &format!("$ x\r\n{C}{output}{D}$ "));
        for _ in 0..8 {
            match random(3) {
                0 => feed(&mut e, &(0..random(80)).map(|n| line(n, random(9))).collect::<String>()),
                1 => e = Engine::restore(e.snapshot(), EngineOptions::default()),
                _ => e.resize(GridSize::clamped(8 + random(90) as u16, 2 + random(30) as u16)),
            }
            let got = text(&mut e, Extent::LastCommand).unwrap();
            assert_eq!(got, output.replace("\r\n", "\n"), "round {round} at {:?}", e.size());
        }
    }
}

#[test]
fn rows_are_counted_from_the_screen_and_bounded() {
    let mut e = engine(10, 3);
    feed(&mut e, &(0..9).map(|n| format!("{n}\r\n")).collect::<String>());
    let mut rows = |first, last| text(&mut e, Extent::Rows { first, last }).unwrap();
    assert_eq!(rows(Some(-2), Some(0)), "5\n6\n7\n");
    assert_eq!(rows(None, Some(-6)), "0\n1\n");
    assert_eq!(rows(Some(1), None), "8\n\n");
    assert_eq!(rows(Some(5), None), "");
    assert_eq!(rows(Some(2), Some(-2)), "");
    assert_eq!(rows(Some(i64::MIN), Some(i64::MAX)).lines().count(), 10);
    assert_eq!((text(&mut e, Extent::Screen).unwrap().as_str(), e.history_len()), ("7\n8\n\n", 7));
    assert_eq!(bounded(0..MOST_READ + 5), (5..MOST_READ + 5, true));
}
