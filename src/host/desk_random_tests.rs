//! Random operations on a desk, with everything that has to hold checked after each of them.

use proptest::prelude::*;

use super::record::Book;
use super::*;
use crate::protocol::methods::{
    ResizePaneParams, SetWeightsParams, SplitParams, SwapParams, Towards, UpdateLayoutParams,
};
use crate::protocol::shapes::{SideShape, WeightsShape};

#[derive(Debug, Clone)]
enum Op {
    Connect(u64),
    Disconnect(u64),
    Open(u64, bool),
    Create(u64, bool, Option<u8>),
    Started(u8, bool),
    Reaped(u8),
    Terminate(u64, u8),
    Weights(u64, Vec<u32>),
    Split(u64, u8, bool),
    Swap(u64, u8, u8),
    Nudge(u64, u8),
    /// All panes side by side, the last one first.
    Row(u64),
    Facts(u8, bool),
    Wait(u16),
    Stored(u8),
}

fn op() -> impl Strategy<Value = Op> {
    let client = || 1u64..4;
    prop_oneof![
        1 => client().prop_map(Op::Connect),
        1 => client().prop_map(Op::Disconnect),
        2 => (client(), any::<bool>()).prop_map(|(c, p)| Op::Open(c, p)),
        6 => (client(), any::<bool>(), any::<Option<u8>>()).prop_map(|(c, w, n)| Op::Create(c, w, n)),
        6 => (any::<u8>(), prop::bool::weighted(0.9)).prop_map(|(i, f)| Op::Started(i, f)),
        2 => any::<u8>().prop_map(Op::Reaped),
        2 => (client(), any::<u8>()).prop_map(|(c, i)| Op::Terminate(c, i)),
        1 => (client(), prop::collection::vec(0u32..5000, 0..5)).prop_map(|(c, w)| Op::Weights(c, w)),
        3 => (client(), any::<u8>(), any::<bool>()).prop_map(|(c, i, d)| Op::Split(c, i, d)),
        1 => (client(), any::<u8>(), any::<u8>()).prop_map(|(c, one, other)| Op::Swap(c, one, other)),
        1 => (client(), any::<u8>()).prop_map(|(c, i)| Op::Nudge(c, i)),
        1 => client().prop_map(Op::Row),
        3 => (any::<u8>(), any::<bool>()).prop_map(|(i, e)| Op::Facts(i, e)),
        2 => (0u16..4000).prop_map(Op::Wait),
        2 => any::<u8>().prop_map(Op::Stored),
    ]
}

fn pick<T: Copy>(from: impl IntoIterator<Item = T>, index: u8) -> Option<T> {
    let all: Vec<T> = from.into_iter().collect();
    all.get(usize::from(index).checked_rem(all.len())?).copied()
}

fn any_session(world: &World, index: u8) -> String {
    pick(world.desk.sessions.keys().copied(), index).map_or("none".into(), |no| no.to_string())
}

/// Divides a workspace otherwise.
fn divide(world: &mut World, op: Op) {
    match op {
        Op::Split(client, index, down) => {
            let direction = if down { SideShape::Down } else { SideShape::Right };
            let split = Some(SplitParams { pane: any_session(world, index), direction, ratio: None });
            world.call(client, Call::Create(Box::new(CreateParams { split, ..CreateParams::default() })));
        }
        Op::Swap(client, one, other) => {
            let (session_id, with) = (any_session(world, one), any_session(world, other));
            world.call(client, Call::SwapPanes(SwapParams { session_id, with }));
        }
        Op::Nudge(client, index) => {
            let params = ResizePaneParams {
                session_id: any_session(world, index),
                direction: [Towards::Left, Towards::Right, Towards::Up, Towards::Down][usize::from(index) % 4],
                percent: 5,
            };
            world.call(client, Call::ResizePane(params));
        }
        Op::Row(client) => {
            let panes = world.desk.workspace(DEFAULT_WORKSPACE).unwrap().panes;
            let parts: Vec<_> = panes.iter().rev().map(|no| json!({"pane": no.0})).collect();
            let layout = json!({"type": "split", "root": {"direction": "right", "parts": parts}});
            let workspace = DEFAULT_WORKSPACE.to_owned();
            let params = UpdateLayoutParams { workspace, layout: serde_json::from_value(layout).unwrap() };
            let asked = world.call(client, Call::UpdateLayout(params));
            assert_eq!(world.replies[&asked].is_ok(), panes.len() > 1);
        }
        _ => {}
    }
}

fn perform(world: &mut World, book: &mut Book, op: Op) {
    match op {
        Op::Connect(client) if !world.desk.clients.contains_key(&ClientId(client)) => {
            world.boards.remove(&ClientId(client));
            world.step(Input::Connected(ClientId(client), None));
        }
        Op::Connect(_) => {}
        Op::Disconnect(client) => world.step(Input::Disconnected(ClientId(client))),
        Op::Open(client, private) => {
            let name = if private { "own" } else { DEFAULT_WORKSPACE };
            if world.desk.clients.contains_key(&ClientId(client)) {
                world.call(
                    client,
                    Call::Open(OpenParams { workspace: name.into(), private, first_shell: true, cols: 80, rows: 24 }),
                );
            }
        }
        Op::Create(client, placed, name) => {
            let workspace = placed.then(|| DEFAULT_WORKSPACE.to_owned());
            let name = name.map(|n| format!("n{}", n % 5));
            let params = CreateParams { workspace, name, ..CreateParams::default() };
            world.call(client, Call::Create(Box::new(params)));
        }
        Op::Started(index, fine) => {
            if let Some(no) = pick(world.starting.clone(), index) {
                world.started(no, fine);
            }
        }
        Op::Reaped(index) => {
            if let Some(no) = pick(world.alive.clone(), index) {
                world.reaped(no);
            }
        }
        Op::Terminate(client, index) => {
            let session_id = any_session(world, index);
            world.call(client, Call::Terminate(SessionParams { session_id }));
        }
        Op::Weights(client, columns) => {
            let weights = WeightsShape { columns, ..WeightsShape::default() };
            world.call(client, Call::SetWeights(SetWeightsParams { workspace: DEFAULT_WORKSPACE.into(), weights }));
        }
        Op::Split(..) | Op::Swap(..) | Op::Nudge(..) | Op::Row(_) => divide(world, op),
        Op::Facts(index, ended) => {
            if let Some(no) = pick(world.desk.sessions.keys().copied(), index) {
                let facts = Facts { title: format!("t{index}"), exit_code: ended.then_some(3), ..Facts::default() };
                world.step(Input::Report(no, Report::Facts(facts)));
            }
        }
        Op::Wait(ms) => {
            world.now += Duration::from_millis(u64::from(ms));
            let (mut effects, now) = (Vec::new(), world.now);
            world.desk.tick(now, &mut effects);
            world.take(effects);
        }
        Op::Stored(how) => {
            if world.saving.is_some() {
                match how % 8 {
                    0..4 => book.stored(world, Ok(()), false),
                    4..7 => book.stored(world, Err(()), false),
                    _ => book.stored(world, Ok(()), true),
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_desk_is_in_order(ops in prop::collection::vec(op(), 1..120)) {
        let mut world = World::new();
        let mut book = Book::open(&mut world);
        for op in ops {
            perform(&mut world, &mut book, op);
            world.check();
        }
        book.settle(&mut world);
        book.check(&world);
        world.start_all();
        world.check();
        prop_assert_eq!(world.replies.len() as u64, world.asked, "every request has its reply");
        world.step(Input::Stop);
        for no in world.alive.clone() {
            world.reaped(no);
        }
        prop_assert!(world.exited && world.desk.sessions.is_empty(), "everything has ended");
        world.saving = world.desk.last_save();
        book.stored(&mut world, Ok(()), false);
        book.check(&world);
        prop_assert!(world.desk.next().is_none(), "nothing is pending");
    }
}
