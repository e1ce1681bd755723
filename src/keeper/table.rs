//! What the keeper holds: terminals, the memory of their sessions, and how their programs ended. It reads none of it.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::path::Path;
use std::sync::Arc;

use rustix::process::Pid;

use super::child::{self, Child, Exit};
use super::command::Launch;
use super::legacy::Left;
use super::pty::{Master, WindowSize};
use super::spawn::{Spawned, spawn};
use super::successor::Adopted;
use super::wire::{Line, Parts};

/// One session's.
#[derive(Debug)]
struct Held {
    master: Option<Master>,
    memory: Option<OwnedFd>,
    /// None where no program was started.
    child: Option<Arc<Child>>,
    exit: Option<Exit>,
}

#[derive(Debug, Default)]
pub(super) struct Table {
    held: BTreeMap<u128, Held>,
    /// Programs that were forgotten before they ended.
    orphans: Vec<Arc<Child>>,
}

impl Held {
    fn line(&self, key: u128) -> Line {
        Line { key, pid: self.child.as_ref().map(number), exit: self.exit }
    }
}

fn number(child: &Arc<Child>) -> u32 {
    child.pid().as_raw_pid().cast_unsigned()
}

/// How the programs that are left are told to end.
pub(super) type How = fn(&Child, Option<Pid>);

impl Table {
    /// Starts a program. What the key held before goes, if its program has ended.
    ///
    /// # Errors
    /// There is a living program of this key, or the system has nothing left.
    pub(super) fn spawn(
        &mut self,
        key: u128,
        launch: &Launch,
        size: WindowSize,
        synk: Option<&Path>,
        memory: Option<OwnedFd>,
    ) -> io::Result<(Pid, OwnedFd)> {
        let lives = |held: &Held| held.child.as_ref().is_some_and(|child| child.look().is_none());
        if self.held.get(&key).is_some_and(lives) {
            return Err(io::Error::other("a program of this key runs already"));
        }
        self.forget(key);
        let Spawned { master, child } = spawn(launch, size, synk)?;
        let given = master.as_fd().try_clone_to_owned();
        let held = master.as_fd().try_clone_to_owned().and_then(Master::new);
        match (given, held) {
            (Ok(given), Ok(master)) => {
                let pid = child.pid();
                self.held.insert(key, Held { master: Some(master), memory, child: Some(child), exit: None });
                Ok((pid, given))
            }
            (Err(e), _) | (_, Err(e)) => {
                child.kill(None);
                self.orphans.push(child);
                Err(e)
            }
        }
    }

    /// Keeps what no program stands behind, in place of what the key held before.
    ///
    /// # Errors
    /// The terminal is none that can be read.
    pub(super) fn deposit(&mut self, key: u128, master: Option<OwnedFd>, memory: Option<OwnedFd>) -> io::Result<()> {
        let master = master.map(Master::new).transpose()?;
        self.forget(key);
        self.held.insert(key, Held { master, memory, child: None, exit: None });
        Ok(())
    }

    pub(super) fn list(&self) -> Vec<Line> {
        self.held.iter().map(|(key, held)| held.line(*key)).collect()
    }

    /// What another program in this process needs to go on with it: [`Table::go_on`].
    pub(super) fn leave(&self) -> (Vec<Left>, Vec<u32>) {
        let left = |(key, held): (&u128, &Held)| Left {
            line: held.line(*key),
            master: held.master.as_ref().map(|master| master.as_fd().as_raw_fd()),
            memory: held.memory.as_ref().map(AsRawFd::as_raw_fd),
        };
        (self.held.iter().map(left).collect(), self.orphans.iter().map(number).collect())
    }

    /// Goes on with what the program that this process was has left. What cannot be had of it is missing.
    pub(super) fn go_on(held: Vec<Left>, orphans: Vec<u32>, adopted: &mut Adopted) -> Self {
        let child = |pid: u32| child::pid(pid).map(|pid| Arc::new(Child::new(pid)));
        let mut take = |key: u128, number: Option<RawFd>| {
            let taken = number.map(|number| adopted.take(number)).transpose();
            taken.unwrap_or_else(|e| {
                log::error!("what is held under {key:x} is not whole: {e}");
                None
            })
        };
        let one = |Left { line: Line { key, pid, exit }, master, memory }| {
            let master = take(key, master).and_then(|fd| Master::new(fd).ok());
            (key, Held { master, memory: take(key, memory), child: pid.and_then(child), exit })
        };
        Self { held: held.into_iter().map(one).collect(), orphans: orphans.into_iter().filter_map(child).collect() }
    }

    /// Terminal and memory of a key, once more.
    ///
    /// # Errors
    /// The key holds nothing, or there is no descriptor left.
    pub(super) fn take(&self, key: u128) -> io::Result<(Parts, Vec<OwnedFd>)> {
        let held = self.held.get(&key).ok_or_else(|| io::Error::other("nothing is held under this key"))?;
        let parts = Parts { terminal: held.master.is_some(), memory: held.memory.is_some() };
        let all = held.master.as_ref().map(AsFd::as_fd).into_iter().chain(held.memory.as_ref().map(AsFd::as_fd));
        Ok((parts, all.map(|fd| fd.try_clone_to_owned()).collect::<io::Result<_>>()?))
    }

    pub(super) fn forget(&mut self, key: u128) {
        let child = self.held.remove(&key).and_then(|held| held.child);
        self.orphans.extend(child.filter(|child| !child.reap()));
    }

    /// Looks which programs have ended since the last time.
    pub(super) fn look(&mut self) -> Vec<(u128, Exit)> {
        self.orphans.retain(|child| !child.reap());
        let mut ended = Vec::new();
        for (key, held) in self.held.iter_mut().filter(|(_, held)| held.exit.is_none()) {
            held.exit = held.child.as_ref().and_then(|child| child.look());
            ended.extend(held.exit.map(|exit| (*key, exit)));
        }
        ended
    }

    /// Whether no program is left.
    pub(super) fn is_quiet(&self) -> bool {
        self.orphans.is_empty() && self.held.values().all(|held| held.child.is_none() || held.exit.is_some())
    }

    /// Tells every program that is left.
    pub(super) fn tell(&self, how: How) {
        for held in self.held.values() {
            if let Some(child) = &held.child {
                how(child, held.master.as_ref().and_then(Master::foreground));
            }
        }
        self.orphans.iter().for_each(|child| how(child, None));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keeper::child::session_of;
    use crate::keeper::pty::ReadOutcome;

    const SIZE: WindowSize = WindowSize { cols: 80, lines: 24, cell_w: 0, cell_h: 0 };

    fn launch(script: &str) -> Launch {
        let env = [("PATH".into(), std::env::var_os("PATH").unwrap())].into();
        Launch { argv: ["sh", "-c", script].map(Into::into).to_vec(), cwd: "/".into(), env }
    }

    fn start(table: &mut Table, key: u128, script: &str) -> io::Result<(Pid, OwnedFd)> {
        table.spawn(key, &launch(script), SIZE, None, None)
    }

    /// The next end that is seen.
    fn ended(table: &mut Table) -> (u128, Exit) {
        loop {
            if let Some(ended) = table.look().pop() {
                return ended;
            }
            std::thread::yield_now();
        }
    }

    #[test]
    fn an_end_is_told_once_and_the_id_stays_until_it_is_forgotten() {
        let mut table = Table::default();
        let exit = |code, by_signal| Exit { code, by_signal };
        for (script, wanted) in
            [("exit 0", exit(0, false)), ("exit 7", exit(7, false)), ("kill -9 $$", exit(137, true))]
        {
            let (pid, _master) = start(&mut table, 5, script).unwrap();
            assert_eq!(ended(&mut table), (5, wanted));
            assert!(table.look().is_empty() && table.is_quiet());
            assert_eq!(
                table.list(),
                [Line { key: 5, pid: Some(pid.as_raw_pid().cast_unsigned()), exit: Some(wanted) }]
            );
            // A zombie can be asked about; what was reaped cannot.
            assert!(session_of(pid).is_ok());
            table.forget(5);
            assert!(session_of(pid).is_err() && table.list().is_empty());
        }
    }

    #[test]
    fn a_terminal_can_be_taken_as_often_as_wanted() {
        let mut table = Table::default();
        let memory = || Some(std::fs::File::open("/dev/null").unwrap().into());
        let (pid, master) = table.spawn(1, &launch("printf hello; read x"), SIZE, None, memory()).unwrap();
        drop(master);
        assert!(start(&mut table, 1, "true").is_err(), "it runs");
        let (parts, mut taken) = table.take(1).unwrap();
        assert_eq!((parts, taken.len()), (Parts { terminal: true, memory: true }, 2));
        let master = Master::new(taken.swap_remove(0)).unwrap();
        let mut said = Vec::new();
        while said != b"hello" {
            let mut bytes = [0; 16];
            match master.read(&mut bytes).unwrap() {
                ReadOutcome::Bytes(n) => said.extend_from_slice(&bytes[..n]),
                _ => std::thread::yield_now(),
            }
        }
        assert!(table.take(2).is_err());
        // A program that is forgotten while it lives is hung up on by the end of its terminal, and reaped.
        drop(master);
        table.forget(1);
        while !table.is_quiet() {
            assert!(table.look().is_empty());
            std::thread::yield_now();
        }
        assert!(session_of(pid).is_err());
        table.deposit(3, memory(), None).unwrap();
        assert_eq!(table.list(), [Line { key: 3, pid: None, exit: None }]);
        assert!(table.is_quiet() && table.take(3).unwrap().1.len() == 1);
    }
}
