//! Upgrades while twelve sessions write, and others end: every byte, process and exit code has to be there afterwards.

use serde_json::{Value, json};
use synk::base::GridSize;
use synk::engine::{Engine, EngineOptions};

use crate::emit;
use crate::gap::Watch;
use crate::process::parent;
use crate::same::same_screen;
use crate::stage::{Stage, program_of};

/// What is done.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub seed: u64,
    /// How long the sessions write, about.
    pub seconds: u64,
    pub upgrades: u64,
}

const SESSIONS: u64 = 12;
/// What each of them writes in a second, in bytes.
const RATE: u64 = 256 << 10;
const SIZE: (u16, u16) = (100, 30);
/// How many programs end one after the other meanwhile, and how far apart.
const ENDING: u64 = 30;
const APART_MS: u64 = 150;

impl Plan {
    fn length(&self) -> usize {
        (RATE * self.seconds) as usize
    }

    fn seed_of(&self, session: u64) -> u64 {
        self.seed * 1000 + session
    }
}

/// The code that a session ends with.
fn code_of(session: u64) -> u64 {
    10 + session
}

fn start(stage: &Stage, plan: &Plan) -> Vec<Value> {
    let mut api = stage.api();
    let program = std::env::current_exe().expect("this program").display().to_string();
    for session in 0..SESSIONS {
        let numbers = [plan.seed_of(session), plan.length() as u64, RATE, code_of(session)].map(|n| n.to_string());
        let command = [vec![program.clone(), "emit".to_owned()], numbers.to_vec()].concat();
        let params = json!({"name": format!("s{session}"), "command": command, "cols": SIZE.0, "rows": SIZE.1});
        api.call("create_session", params);
    }
    for session in 0..ENDING {
        let (ms, code) = (APART_MS * session, code_of(session));
        api.run(&format!("e{session}"), &format!("sleep {}.{:03}; exit {code}", ms / 1000, ms % 1000));
    }
    (0..SESSIONS).map(|session| api.session(&format!("s{session}"))).collect()
}

pub fn run(plan: &Plan) -> Value {
    let stage = Stage::new();
    let before = start(&stage, plan);
    let keeper = stage.pids().1;
    let mut gaps = Vec::new();
    let mut faults = Vec::new();
    for upgrade in 0..plan.upgrades {
        let to = stage.another(&format!("synk-{upgrade}"));
        let watch = Watch::start(stage.user.socket(), "s0".into());
        let out = stage.user.synk(&["upgrade", "--to", to.to_str().expect("a path in UTF-8")]);
        let (answer, output) = watch.end();
        if !out.status.success() {
            faults.push(format!("upgrade {upgrade}: {}", crate::user::stderr(&out)));
        }
        gaps.push(json!({"answer_ms": answer.as_millis() as u64, "output_ms": output.as_millis() as u64}));
        let (daemon, now) = stage.pids();
        if now != keeper || program_of(now) != to || program_of(daemon) != to {
            faults.push(format!("upgrade {upgrade}: keeper {now} for {keeper}, from {}", program_of(now).display()));
        }
    }
    for session in 0..SESSIONS {
        if let Err(fault) = reckon(&stage, plan, session, &before[session as usize], keeper) {
            faults.push(format!("session {session}: {fault}"));
        }
    }
    for session in 0..ENDING {
        let ended = json!({"session_id": format!("e{session}"), "until": "exit", "timeout_ms": 60_000});
        let code = stage.api().call("wait_for", ended)["exit_code"].clone();
        faults.extend(same(&format!("exit code of e{session}"), &code, &json!(code_of(session))).err());
    }
    json!({
        "ok": faults.is_empty(), "seed": plan.seed, "sessions": SESSIONS, "upgrades": plan.upgrades,
        "bytes": plan.length() as u64 * SESSIONS, "gaps": gaps, "faults": faults,
    })
}

/// Looks at one session that has written everything.
fn reckon(stage: &Stage, plan: &Plan, session: u64, before: &Value, keeper: u32) -> Result<(), String> {
    let id = before["session_id"].as_str().ok_or("it has no id")?;
    let mut api = stage.api();
    api.call("wait_for", json!({"session_id": id, "until": {"text": "this was all"}, "timeout_ms": 600_000}));
    let now = api.session(id);
    for field in ["pid", "name", "no", "created_at_ms"] {
        same(field, &now[field], &before[field])?;
    }
    let pid = now["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).ok_or("it has no process")?;
    if parent(pid) != Some(keeper) {
        return Err(format!("process {pid} is no child of the keeper"));
    }
    let bytes = emit::stream(plan.seed_of(session), plan.length());
    let mut engine = Engine::new(GridSize::clamped(SIZE.0, SIZE.1), EngineOptions::default());
    engine.feed(&bytes, &mut Vec::new());
    same_screen(&mut api, id, &mut engine)?;
    // Where the next byte lies says how many there were before it.
    let mut output = stage.api();
    output.call("subscribe", json!({"events": ["session:output"], "session_id": id}));
    api.call("send_input", json!({"session_id": id, "data": "\n"}));
    let next = output.event("session:output", |_| true);
    same("bytes before the last word", &next["offset"], &json!(bytes.len()))?;
    let code = api.call("wait_for", json!({"session_id": id, "until": "exit", "timeout_ms": 60_000}));
    same("exit code", &code["exit_code"], &json!(code_of(session)))
}

fn same(what: &str, is: &Value, should: &Value) -> Result<(), String> {
    if is == should { Ok(()) } else { Err(format!("{what}: {is} in place of {should}")) }
}
