//! Random lives of a terminal: output, and what else can happen to it.

use super::streams::{Grammar, operation};
use crate::base::GridSize;
use crate::base::random::Random;
use crate::engine::{Effect, Engine};

/// Something that happens to a terminal.
#[derive(Debug, Clone)]
pub(in crate::engine) enum Step {
    Bytes(Vec<u8>),
    Resize(GridSize),
    /// Who asked for what nobody has claimed is found out.
    Claim(u32),
    /// A process group is gone.
    Disown(u32),
    CellPx(u16, u16),
    /// A picture has taken too long.
    ReleaseHold,
}

impl Step {
    /// Does it; returns how the output was read, slice by slice.
    pub(in crate::engine) fn apply(&self, engine: &mut Engine, effects: &mut Vec<Effect>) -> Vec<usize> {
        let mut read = Vec::new();
        match self {
            Self::Bytes(bytes) => {
                let mut rest = &bytes[..];
                while !rest.is_empty() {
                    let some = engine.feed_some(rest, effects);
                    rest = &rest[some..];
                    read.push(some);
                }
            }
            Self::Resize(size) => engine.resize(*size),
            Self::Claim(group) => engine.claim_input(*group),
            Self::Disown(group) => engine.disown_input(*group),
            Self::CellPx(w, h) => engine.set_cell_px(*w, *h),
            Self::ReleaseHold => engine.release_hold(),
        }
        read
    }
}

pub(in crate::engine) fn random_size(random: &mut Random) -> GridSize {
    let cols = random.pick(&[2, 3, 7, 12, 20, 31]);
    GridSize::clamped(cols, 1 + random.below(12) as u16)
}

/// So many steps from a screen of this size on; one in `noise` is bytes without sense.
pub(in crate::engine) fn steps(random: &mut Random, mut size: GridSize, noise: usize, count: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    for _ in 0..count {
        if random.below(noise) == 0 {
            steps.push(Step::Bytes(garbage(random)));
            continue;
        }
        steps.push(match random.below(60) {
            0 | 1 => {
                size = random_size(random);
                Step::Resize(size)
            }
            2 => Step::Claim(random.below(3) as u32),
            3 => Step::Disown(random.below(3) as u32),
            4 => Step::CellPx(random.below(20) as u16, random.below(40) as u16),
            5 => Step::ReleaseHold,
            _ => {
                let (cols, lines) = (usize::from(size.cols()), usize::from(size.lines()).max(3));
                Step::Bytes(operation(random, Grammar::wild(), cols, lines).into_bytes())
            }
        });
    }
    steps
}

/// Bytes of any value, or those of which sequences are made in any order.
fn garbage(random: &mut Random) -> Vec<u8> {
    const PIECES: &[u8] = b"\x1b\x1b\x1b[[[]]PX^_()*+#78=>?!$ \"':;;;0012345679@ABCDEFGHIJKLMPSTXZ`abcdefghlmnpqrstu\x07\x18\x9c\xc3\xa9\xe4\xb8\xad\xf0\x9f\xa6\x80";
    let len = random.below(30);
    match random.below(2) {
        0 => (0..len).map(|_| random.word() as u8).collect(),
        _ => (0..len).map(|_| random.pick(PIECES)).collect(),
    }
}
