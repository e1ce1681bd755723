//! Views are stable, frames are diffs, and nothing panics.

use super::sound::assert_sound;
use super::steps::{random_size, steps};
use crate::base::GridSize;
use crate::base::random::{Random, seeds};
use crate::engine::{Engine, EngineOptions};
use crate::model::{Frame, Screen, ViewAt};

/// Limits that bite now and then.
fn options() -> EngineOptions {
    EngineOptions { history_lines: 60, ..EngineOptions::default() }
}

#[test]
fn no_output_makes_it_panic_or_contradict_itself() {
    for seed in seeds(300) {
        let mut random = Random::new(seed ^ 0xabcd);
        let history_bytes = random.pick(&[0, 500, 5_000, 1 << 20]);
        let options = EngineOptions { history_lines: random.pick(&[0, 1, 5, 1000]), history_bytes, ..options() };
        let size = random_size(&mut random);
        let mut engine = Engine::new(size, options);
        for (i, step) in steps(&mut random, size, 30, 150).into_iter().enumerate() {
            step.apply(&mut engine, &mut Vec::new());
            assert!(engine.terminal.history.cost() <= history_bytes + 66_000, "seed {seed}, step {i}: budget");
            assert_sound(&mut engine, &format!("seed {seed}, step {i}"));
            let size = engine.size();
            assert!(engine.terminal.region.len() >= usize::from(size.lines().min(2)));
            let rows = engine.history_rows();
            assert_eq!(engine.rows(rows.clone(), true).len() as u64, rows.end - rows.start, "seed {seed}, step {i}");
        }
    }
}

#[test]
fn a_viewer_is_never_shown_less_than_changed() {
    for seed in seeds(200) {
        let mut random = Random::new(seed);
        let size = GridSize::clamped(20, 8);
        let mut engine = Engine::new(size, options());
        let mut at = ViewAt::Live;
        let mut seen = engine.view(at);
        let mut changes = engine.changes();
        for (seq, step) in steps(&mut random, size, 30, 100).into_iter().enumerate() {
            step.apply(&mut engine, &mut Vec::new());
            if at == ViewAt::Live && engine.changes() == changes {
                assert_eq!(engine.view(at), seen, "seed {seed}: a change was not counted");
            }
            changes = engine.changes();
            if random.below(5) == 0 {
                at = engine.scroll(at, random.below(20) as i64 - 12);
            }
            let now = engine.view(at);
            let seq = seq as u64 + 1;
            let mut mirror = seen.clone();
            Frame::diff(&seen, seq, &now, seq + 1).apply(&mut mirror, seq).expect("the frame stands on this screen");
            assert_eq!(mirror, now, "seed {seed}");
            seen = now;
        }
    }
}

fn feed(engine: &mut Engine, text: &str) {
    engine.feed(text.as_bytes(), &mut Vec::new());
}

fn lines_of(screen: &Screen) -> Vec<String> {
    screen.rows.iter().map(|row| row.text(0, screen.size.cols())).collect()
}

#[test]
fn a_scroll_moves_the_rows_that_viewers_have() {
    let mut engine = Engine::new(GridSize::clamped(20, 8), options());
    for i in 0..8 {
        feed(&mut engine, &format!("\r\nrow {i}"));
    }
    let before = engine.view(ViewAt::Live);
    feed(&mut engine, "\r\nrow 8\r\nrow 9");
    let after = engine.view(ViewAt::Live);
    for line in 0..6 {
        assert!(std::sync::Arc::ptr_eq(&before.rows[line + 2], &after.rows[line]), "row {line}");
    }
    let frame = Frame::diff(&before, 1, &after, 2);
    assert_eq!(frame.scroll.map(|s| s.by), Some(2));
    assert_eq!(frame.rows.len(), 2);
    assert_eq!(after.top, before.top + 2);
}

#[test]
fn a_viewer_that_scrolled_back_stands_still_while_output_goes_on() {
    let mut engine = Engine::new(GridSize::clamped(20, 4), EngineOptions::default());
    for i in 0..50 {
        feed(&mut engine, &format!("line {i}\r\n"));
    }
    let at = engine.scroll(ViewAt::Live, -10);
    let other = engine.scroll(ViewAt::Live, -20);
    let before = engine.view(at);
    assert_eq!(lines_of(&before), ["line 37", "line 38", "line 39", "line 40"]);
    assert_eq!((before.offset, before.history, before.cursor.visible), (10, 47, false));
    for i in 50..80 {
        feed(&mut engine, &format!("line {i}\r\n"));
    }
    let after = engine.view(at);
    assert_eq!(lines_of(&after), lines_of(&before));
    assert!(before.rows.iter().zip(&after.rows).all(|(a, b)| std::sync::Arc::ptr_eq(a, b)));
    assert_eq!((after.top, after.offset), (before.top, 40));
    assert_eq!(lines_of(&engine.view(other))[0], "line 27");
    assert_eq!(engine.scroll(at, 1000), ViewAt::Live);
    let top = engine.scroll(at, -1000);
    assert_eq!(lines_of(&engine.view(top))[0], "line 0");
    assert_eq!(lines_of(&engine.view(ViewAt::Live)), ["line 77", "line 78", "line 79", ""]);
}
