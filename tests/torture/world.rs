//! The processes that may be killed, together, in any order: a window, the daemon, the keeper, the program of a session.
//! What each of these ends has to leave as it was is looked at afterwards.

use std::collections::BTreeMap;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::emit::Random;
use crate::player::{Death, Player, answering, connect};
use crate::process::{lives, parent};
use crate::puppet::Order;
use crate::support::until;
use crate::terminal::Terminal;
use crate::user::User;

/// Sessions of a world.
const SESSIONS: usize = 3;
/// What a session writes in a round at the most, in bytes: that takes the host a few hundredths of a second.
const LENGTH: u64 = 400 << 10;

/// Who is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Victim {
    /// `synk attach` in a terminal: what it shows is compared cell by cell.
    Window,
    Daemon,
    Keeper,
    /// The program of a session, with SIGKILL.
    Shell,
    /// The program of a session, which says goodbye and ends by itself.
    ShellEnds,
}

impl Victim {
    pub fn letter(self) -> char {
        match self {
            Self::Window => 'W',
            Self::Daemon => 'D',
            Self::Keeper => 'K',
            Self::Shell => 'S',
            Self::ShellEnds => 'E',
        }
    }
}

/// What was counted.
#[derive(Debug, Default)]
pub struct Tally {
    /// Rounds of each set of victims.
    pub sets: BTreeMap<String, u64>,
    /// Exit codes that were looked at, and how many of them nobody knows.
    pub exits: u64,
    pub unknown: u64,
    pub bytes: u64,
    pub screens: u64,
}

pub struct World {
    user: User,
    daemon: u32,
    /// None once it was killed.
    keeper: Option<u32>,
    players: Vec<Player>,
    window: Option<Terminal>,
    /// Sessions that were ever made.
    made: u64,
}

impl World {
    pub fn new() -> Self {
        let user = User::new();
        user.start_host();
        let daemon = answering(&user, None);
        let keeper = Some(parent(daemon).expect("the daemon has a parent"));
        let mut world = Self { user, daemon, keeper, players: Vec::new(), window: None, made: 0 };
        (0..SESSIONS).for_each(|_| world.start_session());
        world.open_window();
        world
    }

    /// Whether its keeper is still there.
    pub fn has_keeper(&self) -> bool {
        self.keeper.is_some()
    }

    fn start_session(&mut self) {
        self.made += 1;
        let code = 3 + (self.made % 100) as i32;
        let name = format!("s{}", self.made);
        self.players.push(Player::start(&self.user, &mut connect(&self.user), &name, code));
    }

    /// The window shows the first session, which no round kills.
    fn open_window(&mut self) {
        let (cols, lines) = crate::player::SIZE;
        self.window = Some(Terminal::start(&self.user, &["attach", "-t", &self.players[0].id], cols, lines));
    }

    /// Kills all of them, in this order and while everything is under way; then everything is as it should be.
    pub fn round(&mut self, victims: &[Victim], random: &mut Random, tally: &mut Tally) -> Result<(), String> {
        *tally.sets.entry(victims.iter().map(|v| v.letter()).collect()).or_default() += 1;
        for player in &mut self.players {
            let length = (1 << 10) + random.below(LENGTH) as usize;
            tally.bytes += length as u64;
            player.tell(Order::Write { seed: random.below(u64::MAX), length });
        }
        // A random time is what is tried here, not what is waited for.
        std::thread::sleep(std::time::Duration::from_micros(random.below(30_000)));
        let shell = 1 + random.below(SESSIONS as u64 - 1) as usize;
        victims.iter().for_each(|victim| self.kill(*victim, shell));
        if victims.contains(&Victim::Daemon) {
            self.daemon = answering(&self.user, Some(self.daemon));
        }
        self.settle(victims, shell, tally)
    }

    fn kill(&mut self, victim: Victim, shell: usize) {
        let window = self.window.as_ref().map(|window| window.pid().as_raw_pid().cast_unsigned());
        let pid = match victim {
            Victim::Window => window,
            Victim::Daemon => Some(self.daemon),
            Victim::Keeper => self.keeper.take(),
            Victim::Shell => Some(self.players[shell].pid),
            Victim::ShellEnds => return self.players[shell].tell(Order::End),
        };
        kill(pid.expect("it was not killed before"));
    }

    fn settle(&mut self, victims: &[Victim], shell: usize, tally: &mut Tally) -> Result<(), String> {
        let user = &self.user;
        if self.keeper.is_none() {
            // Whoever asks is told that there is none.
            let status = || connect(user).call("get_status", json!({}));
            until("the daemon knows that its keeper is gone", || (status()["keeper"] == json!(false)).then_some(()));
        }
        let death = victims.iter().find_map(|victim| match victim {
            Victim::Shell => Some(Death::Killed),
            Victim::ShellEnds => Some(Death::Told),
            _ => None,
        });
        if let Some(death) = death {
            let mut dead = self.players.remove(shell);
            let known = dead.obituary(user, death, self.keeper.is_some());
            let known = known.map_err(|why| format!("session {}, which ended: {why}", dead.id))?;
            tally.exits += 1;
            tally.unknown += u64::from(!known);
            tally.screens += 1;
        }
        for player in &mut self.players {
            player.settle(user, "all of this round").map_err(|why| format!("session {}: {why}", player.id))?;
            tally.screens += 1;
        }
        if death.is_some() {
            self.start_session();
        }
        if victims.contains(&Victim::Window) {
            self.open_window();
        }
        let window = self.window.as_mut().expect("it is open");
        window.until_same(&self.players[0].screen());
        tally.screens += 1;
        match parent(self.daemon) {
            Some(parent) if self.keeper.is_none_or(|keeper| keeper == parent) => Ok(()),
            other => Err(format!("the daemon's parent is {other:?} in place of {:?}", self.keeper)),
        }
    }

    /// The end of the world: every program ends, with its exit code, or because the last one who held its terminal is
    /// killed.
    pub fn end(mut self, quietly: bool, tally: &mut Tally) -> Result<(), String> {
        if quietly {
            for player in &mut self.players {
                player.tell(Order::End);
                let known = player.obituary(&self.user, Death::Told, self.keeper.is_some())?;
                tally.exits += 1;
                tally.unknown += u64::from(!known);
            }
            return Ok(());
        }
        self.keeper.into_iter().chain([self.daemon]).for_each(kill);
        for player in &self.players {
            until("a program without a terminal ends", || (!lives(player.pid)).then_some(()));
        }
        // Nothing is in the way of another host.
        self.user.start_host();
        let sessions = connect(&self.user).call("list_sessions", json!({}));
        let pids = self.players.iter().map(|player| json!(player.pid));
        let alive = |pid: serde_json::Value| {
            sessions["sessions"].as_array().is_some_and(|all| all.iter().any(|s| s["pid"] == pid))
        };
        match pids.filter(|pid| alive(pid.clone())).count() {
            0 => Ok(()),
            n => Err(format!("{n} sessions of programs that have ended are said to run")),
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(mut window) = self.window.take() {
            let _ = window.child.kill();
            let _ = window.child.wait();
        }
    }
}

fn kill(pid: u32) {
    let pid = Pid::from_raw(pid.cast_signed()).expect("a process id");
    kill_process(pid, Signal::KILL).expect("it is there");
}
