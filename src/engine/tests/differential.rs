//! The dispatch against `vte::ansi::Processor` and alacritty's `Term`, on random streams that avoid what `Term` does
//! wrong.

use super::reference::{Reference, assert_same, ours};
use super::sound::assert_sound;
use super::streams::{Grammar, operation};
use crate::base::GridSize;
use crate::base::random::{Random, seeds};
use crate::engine::{Engine, EngineOptions};

const COLS: usize = 20;
const LINES: usize = 8;

fn engine(cols: usize, lines: usize) -> Engine {
    Engine::new(GridSize::clamped(cols as u16, lines as u16), EngineOptions::default())
}

#[test]
fn it_does_what_alacritty_does() {
    for seed in seeds(300) {
        let mut random = Random::new(seed);
        let grammar = Grammar::tame(&mut random);
        let (mut engine, mut reference) = (engine(COLS, LINES), Reference::new(COLS, LINES));
        for step in 0..200 {
            let op = operation(&mut random, grammar, COLS, LINES);
            reference.feed(op.as_bytes());
            for part in random.cut(op.as_bytes()) {
                engine.feed(part, &mut Vec::new());
            }
            let what = format!("seed {seed}, step {step}, {op:?}");
            assert_same(&ours(&engine), &reference.state(), &what);
            assert_sound(&mut engine, &what);
        }
    }
}

#[test]
fn text_wraps_anew_as_in_alacritty() {
    for seed in seeds(300) {
        let mut random = Random::new(seed);
        let mut grammar = Grammar::tame(&mut random);
        // On the alternate screen alacritty keeps a wrap due in mid-row, and DECRC brings one back.
        (grammar.saved, grammar.no_background) = (false, true);
        let (mut cols, mut lines) = (COLS, LINES);
        let (mut engine, mut reference) = (engine(cols, lines), Reference::new(cols, lines));
        for step in 0..100 {
            let op = operation(&mut random, grammar, cols, lines);
            reference.feed(op.as_bytes());
            engine.feed(op.as_bytes(), &mut Vec::new());
            let mut what = format!("seed {seed}, step {step}, {op:?}");
            if random.below(12) == 0 {
                // Fewer columns over spare rows: there alacritty pushes text out that has room (see resize.rs).
                let fewest = if engine.terminal.has_spare_rows() { cols } else { 2 };
                (cols, lines) = ((2 + random.below(30)).max(fewest), 2 + random.below(11));
                what += &format!(", then {cols}x{lines}");
                reference.resize(cols, lines);
                engine.resize(GridSize::clamped(cols as u16, lines as u16));
            }
            let (mut ours, mut theirs) = (ours(&engine), reference.state());
            (ours.history, theirs.history) = (Vec::new(), Vec::new());
            assert_same(&ours, &theirs, &what);
            assert_sound(&mut engine, &what);
        }
    }
}
