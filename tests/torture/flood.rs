//! Sessions that write, and somebody who types, while something is done to their host; and the reckoning afterwards: every
//! byte, key and exit code.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};
use synk::base::GridSize;
use synk::engine::{Engine, EngineOptions};
use synk::protocol::rpc::code;

use crate::emit::{self, BYE};
use crate::player::{SIZE, connect, same};
use crate::same::same_screen;
use crate::support::api::Api;
use crate::typing::Typing;
use crate::user::User;

/// What they do.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub seed: u64,
    pub sessions: u64,
    /// How long the sessions write, about.
    pub seconds: u64,
    /// What all of them write in a second.
    pub megabytes: u64,
}

impl Plan {
    /// What each session writes, and how much of that in a second, in bytes.
    fn each(&self) -> (usize, u64) {
        let rate = (self.megabytes << 20) / self.sessions;
        ((rate * self.seconds) as usize, rate)
    }

    fn seed_of(&self, session: u64) -> u64 {
        self.seed * 1000 + session
    }

    fn code_of(session: u64) -> u64 {
        10 + session
    }
}

fn sessions(user: &User, plan: &Plan) -> Vec<Value> {
    let mut api = connect(user);
    let program = std::env::current_exe().expect("this program").display().to_string();
    let (length, rate) = plan.each();
    let mut make = |session| {
        let numbers = [plan.seed_of(session), length as u64, rate, Plan::code_of(session)].map(|n| n.to_string());
        let command = [vec![program.clone(), "emit".to_owned()], numbers.to_vec()].concat();
        let (cols, rows) = SIZE;
        let params = json!({"name": format!("s{session}"), "command": command, "cols": cols, "rows": rows});
        api.call("create_session", params);
    };
    (0..plan.sessions).for_each(&mut make);
    (0..plan.sessions).map(|session| api.session(&format!("s{session}"))).collect()
}

/// The sessions, and who types.
pub struct Flood {
    plan: Plan,
    before: Vec<Value>,
    typing: Typing,
}

impl Flood {
    pub fn start(user: &User, plan: Plan) -> Self {
        let before = sessions(user, &plan);
        let typing = Typing::start(user, &mut connect(user), plan.seed);
        Self { plan, before, typing }
    }

    /// What all of them write, in bytes.
    pub fn bytes(&self) -> u64 {
        self.plan.each().0 as u64 * self.plan.sessions
    }

    /// Waits until everything is written, and looks at it. What was typed, and what is wrong.
    pub fn finish(self, user: &User) -> (Value, Vec<String>) {
        let mut faults = Vec::new();
        let typed = self.typing.finish();
        if typed["ok"] != true {
            faults.push("what was typed did not arrive once and in order".to_owned());
        }
        for session in 0..self.plan.sessions {
            if let Err(fault) = reckon(user, &self.plan, session, &self.before[session as usize]) {
                faults.push(format!("session {session}: {fault}"));
            }
        }
        faults.extend(errors(user));
        (typed, faults)
    }
}

/// What the host's log calls an error: a screen that was lost, say, over which a program has written since.
fn errors(user: &User) -> Option<String> {
    let log = fs::read_to_string(user.path("home/.local/state/synk/daemon.log")).expect("the host has a log");
    let errors: Vec<&str> = log.lines().filter(|line| line.contains(" ERROR]")).collect();
    let first = errors.first()?;
    Some(format!("{} errors in the host's log, the first is {first:?}", errors.len()))
}

/// No session may be still for so long while there is something to write. Less than a reply may take.
const STILL: Duration = Duration::from_secs(30);

/// Waits until this session has written everything. How long that takes is the machine's business: what programs could not
/// write while their host was killed they write afterwards, and others want the processors too. So it is waited for as long
/// as any session writes.
fn written(api: &mut Api, id: &str) -> Result<(), String> {
    let output = |api: &mut Api| api.call("get_metrics", json!({}))["output_bytes"].clone();
    let mut before = output(api);
    loop {
        let end = json!({"session_id": id, "until": {"text": "this was all"}, "timeout_ms": STILL.as_millis() as u64});
        let reply = api.ask("wait_for", end);
        match reply["error"]["code"].as_i64() {
            None => return Ok(()),
            Some(error) if error == i64::from(code::TIMED_OUT) => {}
            Some(_) => return Err(format!("wait_for: {reply}")),
        }
        let now = output(api);
        if now == before {
            return Err(format!("no session has written a byte for {STILL:?}, and this one has not come to its end"));
        }
        before = now;
    }
}

/// Looks at one session once it has written everything.
fn reckon(user: &User, plan: &Plan, session: u64, before: &Value) -> Result<(), String> {
    let id = before["session_id"].as_str().ok_or("it has no id")?;
    let mut api = connect(user);
    written(&mut api, id)?;
    let now = api.session(id);
    for field in ["pid", "name", "no", "created_at_ms"] {
        same(field, &now[field], &before[field])?;
    }
    let bytes = emit::stream(plan.seed_of(session), plan.each().0);
    let mut engine = Engine::new(GridSize::clamped(SIZE.0, SIZE.1), EngineOptions::default());
    engine.feed(&bytes, &mut Vec::new());
    same_screen(&mut api, id, &mut engine)?;
    // Where the next byte lies says how many there were before it.
    let mut output = connect(user);
    output.call("subscribe", json!({"events": ["session:output"], "session_id": id}));
    api.call("send_input", json!({"session_id": id, "data": "\n"}));
    let next = output.event("session:output", |_| true);
    let offset = next["offset"].as_u64().ok_or("output without an offset")?;
    if offset != bytes.len() as u64 {
        return Err(format!("{offset} bytes of {} arrived before {BYE:?}", bytes.len()));
    }
    let code = api.call("wait_for", json!({"session_id": id, "until": "exit", "timeout_ms": 60_000}));
    same("exit code", &code["exit_code"], &json!(Plan::code_of(session)))
}
