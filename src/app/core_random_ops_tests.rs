//! The random events of the core's tests: what a person does, and what a host does.

use proptest::prelude::*;
use proptest::sample::select;

use crate::base::PxPoint;
use crate::model::Action;
use crate::model::key::Press;
use crate::model::mouse::MouseKind;

#[derive(Debug, Clone)]
pub enum Op {
    Key(String, Press),
    Composing(&'static str),
    Composed(&'static str),
    Pointer(MouseKind, u8, PxPoint),
    Wheel(f32, bool, PxPoint),
    Geometry((u32, u32), (u32, u32), f32),
    Focused(bool),
    CloseAsked,
    Connect { stale: bool },
    Lose { stale: bool },
    Replicate,
    Restart,
    Answer { which: u8, known: bool, fine: bool },
    Session { no: u32, stopped: bool, foreground: &'static str, title: &'static str },
    Removed(u32),
    Workspace(Vec<u32>, bool),
    Frame { no: u32, kind: u8, size: (u16, u16) },
    Message(u32, u8),
    Clipboard { stale: bool, fine: bool },
    Draw(bool),
    Wait(u16),
}

fn key() -> impl Strategy<Value = String> {
    let chords = Action::ALL.iter().flat_map(|a| a.default_chords()).map(ToString::to_string);
    let others = "a b q x 1 2 9 / escape enter shift+enter tab shift+tab up down left right home end backspace delete \
                  ctrl+c ctrl+u ctrl+w alt+x f5 space";
    let all: Vec<String> = chords.chain(others.split_whitespace().map(str::to_owned)).collect();
    select(all)
}

fn point() -> impl Strategy<Value = PxPoint> {
    let far = select(vec![i32::MIN, -1, 0, 1, i32::MAX]);
    prop_oneof![
        12 => (-60i32..1300, -60i32..900).prop_map(|(x, y)| PxPoint { x, y }),
        1 => (far.clone(), far).prop_map(|(x, y)| PxPoint { x, y }),
    ]
}

pub fn by_hand() -> impl Strategy<Value = Op> {
    let press = select(vec![Press::Press, Press::Press, Press::Press, Press::Repeat, Press::Release]);
    let text = || select(vec!["", "é", "漢字", "a\nb\u{1b}", "👨‍👩‍👧"]);
    let kind = || select(vec![MouseKind::Press, MouseKind::Motion, MouseKind::Motion, MouseKind::Release]);
    let rows = select(vec![-3.0, -0.4, 0.3, 1.0, 1e9, -1e9, f32::INFINITY]);
    let sizes = vec![(1200, 800), (1200, 800), (0, 0), (1, 1), (30, 20), (320, 200), (16_384, 16_384), (65_535, 3)];
    let cells = select(vec![(8, 16), (8, 16), (1, 1), (19, 41), (300, 600)]);
    let scale = select(vec![1.0f32, 1.0, 0.5, 1.25, 3.0, 10.0]);
    prop_oneof![
        20 => (key(), press).prop_map(|(k, p)| Op::Key(k, p)),
        2 => text().prop_map(Op::Composing),
        2 => text().prop_map(Op::Composed),
        12 => (kind(), 0u8..2, point()).prop_map(|(k, b, at)| Op::Pointer(k, b, at)),
        2 => (rows, any::<bool>(), point()).prop_map(|(r, shift, at)| Op::Wheel(r, shift, at)),
        2 => (select(sizes), cells, scale).prop_map(|(s, c, scale)| Op::Geometry(s, c, scale)),
        2 => prop::bool::weighted(0.7).prop_map(Op::Focused),
        1 => Just(Op::CloseAsked),
        4 => (prop::bool::weighted(0.2), prop::bool::weighted(0.8)).prop_map(|(stale, fine)| Op::Clipboard { stale, fine }),
        10 => prop::bool::weighted(0.9).prop_map(Op::Draw),
        6 => (0u16..6000).prop_map(Op::Wait),
    ]
}

pub fn by_host() -> impl Strategy<Value = Op> {
    let no = || 1u32..16;
    let panes = prop::sample::subsequence((1..16).collect::<Vec<u32>>(), 0..=12).prop_shuffle();
    let foreground = select(vec!["", "", "vim", "sleep"]);
    let title = select(vec!["", "a title", "漢字 \u{1b}[31m and much more of it, so that no header has the room"]);
    prop_oneof![
        3 => prop::bool::weighted(0.1).prop_map(|stale| Op::Connect { stale }),
        1 => prop::bool::weighted(0.3).prop_map(|stale| Op::Lose { stale }),
        3 => Just(Op::Replicate),
        1 => Just(Op::Restart),
        4 => (any::<u8>(), prop::bool::weighted(0.9), prop::bool::weighted(0.7))
            .prop_map(|(which, known, fine)| Op::Answer { which, known, fine }),
        4 => (no(), prop::bool::weighted(0.2), foreground, title)
            .prop_map(|(no, stopped, foreground, title)| Op::Session { no, stopped, foreground, title }),
        1 => no().prop_map(Op::Removed),
        3 => (panes, any::<bool>()).prop_map(|(panes, split)| Op::Workspace(panes, split)),
        12 => (no(), 0u8..7, (2u16..60, 1u16..20)).prop_map(|(no, kind, size)| Op::Frame { no, kind, size }),
        7 => (no(), 0u8..9).prop_map(|(no, kind)| Op::Message(no, kind)),
    ]
}
