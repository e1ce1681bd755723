//! A session of a run, seen from outside: what its program was told, and what its terminal has to show because of it.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;

use serde_json::{Value, json};
use synk::base::GridSize;
use synk::engine::{Engine, EngineOptions};

use crate::emit::BYE;
use crate::puppet::{Order, Progress};
use crate::same::{lines, same_lines, same_screen};
use crate::support::api::Api;
use crate::support::{PATIENCE, until};
use crate::user::User;

/// The terminals' size.
pub const SIZE: (u16, u16) = (100, 30);

/// How a program came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// It was told to, and said goodbye.
    Told,
    /// SIGKILL.
    Killed,
}

pub struct Player {
    pub id: String,
    pub pid: u32,
    /// What nothing ever interrupts: fed with everything that the program writes.
    engine: Engine,
    /// How much that was, in bytes.
    fed: u64,
    /// What the program was told and has not said to be done yet.
    writing: Option<Order>,
    orders: BufReader<UnixStream>,
    progress: Progress,
    code: i32,
}

impl Player {
    /// A session of this name whose program ends with this code. The name is one that the user never had.
    pub fn start(user: &User, api: &mut Api, name: &str, code: i32) -> Self {
        let (socket, file): (PathBuf, PathBuf) = (user.path(&format!("{name}.sock")), user.path(name));
        let listener = UnixListener::bind(&socket).expect("a place for a socket");
        let progress = Progress::create(&file);
        let program = std::env::current_exe().expect("this program").display().to_string();
        let place = [socket, file].map(|path| path.display().to_string());
        let command = [vec![program, "puppet".into()], place.to_vec(), vec![code.to_string()]].concat();
        let (cols, rows) = SIZE;
        let made = api.call("create_session", json!({"name": name, "command": command, "cols": cols, "rows": rows}));
        let (orders, _) = listener.accept().expect("the program comes");
        orders.set_read_timeout(Some(PATIENCE)).expect("a socket that can be set");
        let pid = api.session(name)["pid"].as_u64().expect("a process id") as u32;
        Self {
            id: made["session_id"].as_str().expect("an id").into(),
            pid,
            engine: Engine::new(GridSize::clamped(cols, rows), EngineOptions::default()),
            fed: 0,
            writing: None,
            orders: BufReader::new(orders),
            progress,
            code,
        }
    }

    pub fn tell(&mut self, order: Order) {
        self.orders.get_mut().write_all(order.line().as_bytes()).expect("the program listens");
        if matches!(order, Order::Write { .. }) {
            self.writing = Some(order);
        }
    }

    /// Has a line written that is not waited for.
    fn say(&mut self, line: &str) {
        let order = Order::Say(line.into());
        self.feed(&order.bytes());
        self.tell(order);
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.engine.feed(bytes, &mut Vec::new());
        self.fed += bytes.len() as u64;
    }

    /// What the terminal has to show.
    pub fn screen(&mut self) -> synk::model::Screen {
        self.engine.view(synk::model::ViewAt::Live)
    }

    /// Waits until the program has written what it was told, and looks whether all of it arrived as it was.
    pub fn settle(&mut self, user: &User, mark: &str) -> Result<(), String> {
        if let Some(order) = self.writing.take() {
            let mut done = String::new();
            self.orders.read_line(&mut done).map_err(|e| format!("its program does not say that it is done: {e}"))?;
            if done != "done\n" {
                return Err("its program is gone".into());
            }
            self.feed(&order.bytes());
        }
        let mut api = connect(user);
        self.say(mark);
        let text = json!({"session_id": self.id, "until": {"text": mark}, "timeout_ms": 60_000});
        api.call("wait_for", text);
        same("process id", &api.session(&self.id)["pid"], &json!(self.pid))?;
        same_screen(&mut api, &self.id, &mut self.engine)?;
        // Where the next byte lies says how many there were before it.
        let mut output = connect(user);
        output.call("subscribe", json!({"events": ["session:output"], "session_id": self.id}));
        let before = self.fed;
        self.say("and on");
        let offset = output.event("session:output", |_| true)["offset"].as_u64();
        if offset != Some(before) {
            return Err(format!("{offset:?} bytes of {before} arrived"));
        }
        Ok(())
    }

    /// Looks at a session that came back from the disk: it shows all that its program wrote before, and of this some
    /// beginning; below that stands that it was restored.
    pub fn restored(&mut self, user: &User, maybe: &[u8]) -> Result<(), String> {
        let mut api = connect(user);
        let read = api.call("read_screen", json!({"session_id": self.id, "source": "history", "format": "text"}));
        let text = read["text"].as_str().ok_or("no text")?;
        let said = text.rsplit_once(" synk: restored, last seen 20");
        let (before, _) = said.ok_or("it does not say that it was restored")?;
        let shown = lines(before);
        let mut maybe = maybe.iter();
        let mut first = None;
        while let Err(why) = same_lines(&shown, &mut self.engine) {
            let first = first.get_or_insert(why);
            let Some(byte) = maybe.next() else { return Err(first.clone()) };
            self.feed(&[*byte]);
        }
        Ok(())
    }

    /// Looks at a session whose program has come to its end in this way: at its exit code and its last words. Whether the
    /// exit code is known; where it may be unknown (`strict` is not set), it is never a wrong one.
    pub fn obituary(&mut self, user: &User, death: Death, strict: bool) -> Result<bool, String> {
        let mut api = connect(user);
        let ended = api.call("wait_for", json!({"session_id": self.id, "until": "exit", "timeout_ms": 60_000}));
        let code = &ended["exit_code"];
        let known = *code != json!(-1);
        if known || strict {
            same("exit code", code, &json!(if death == Death::Killed { 137 } else { self.code }))?;
        }
        let (least, most) = self.progress.written();
        let order = self.writing.take().map(|order| order.bytes()).unwrap_or_default();
        let before = self.fed;
        let upto = |n: u64| &order[..((n - before) as usize).min(order.len())];
        if death == Death::Told {
            if least != most {
                return Err("its program ended before it had written everything".into());
            }
            let last = upto(most - BYE.len() as u64).to_vec();
            self.feed(&last);
            self.feed(BYE.as_bytes());
        } else {
            let whole = upto(least).to_vec();
            self.feed(&whole);
            let maybe = upto(most)[whole.len()..].to_vec();
            // How much of the last write was done only the kernel knows: as much as is there, and no byte less than what the
            // program knew of.
            let shown = screen_text(&mut api, &self.id)?;
            let mut maybe = maybe.iter();
            while lines(&self.screen().text()) != shown {
                let Some(byte) = maybe.next() else {
                    return Err(format!("its screen is none of those that {least} to {most} bytes make: {shown:?}"));
                };
                self.feed(&[*byte]);
            }
        }
        same_screen(&mut api, &self.id, &mut self.engine)?;
        Ok(known)
    }
}

pub fn connect(user: &User) -> Api {
    Api::new(UnixStream::connect(user.socket()).expect("nobody is refused"))
}

pub fn same(what: &str, is: &Value, should: &Value) -> Result<(), String> {
    if is == should { Ok(()) } else { Err(format!("{what}: {is} in place of {should}")) }
}

fn screen_text(api: &mut Api, id: &str) -> Result<Vec<String>, String> {
    let read = api.call("read_screen", json!({"session_id": id, "format": "text"}));
    read["text"].as_str().map(lines).ok_or_else(|| "no text".into())
}

/// The process id of the daemon that answers, which is another one than `before`.
pub fn answering(user: &User, before: Option<u32>) -> u32 {
    until("a daemon answers", || {
        let socket = UnixStream::connect(user.socket()).expect("nobody is refused");
        asked(socket).filter(|pid| Some(*pid) != before)
    })
}

/// The process id of who answers here. What was taken by one that is gone gets no answer.
pub fn asked(mut socket: UnixStream) -> Option<u32> {
    socket.set_read_timeout(Some(PATIENCE)).expect("a socket that can be set");
    writeln!(socket, r#"{{"id":1,"method":"get_status"}}"#).ok()?;
    let mut line = String::new();
    BufReader::new(socket).read_line(&mut line).ok()?;
    let status: Value = serde_json::from_str(&line).ok()?;
    status["result"]["pid"].as_u64().map(|pid| pid as u32)
}
