//! What a keeper leaves to the program that takes its place in the same process: the numbers of its descriptors and what it
//! knows. Another release reads it, so it is frozen like [`super::wire`]: a payload, and each session's, may grow at its end.
//! `tests/wire/legacy-1.txt` holds the bytes.

use std::fs::File;
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use rustix::process::Rlimit;

use super::bytes::{In, Out};
use super::claim::{ClaimPaths, FileId};
use super::wire::{Line, Upgrade};

/// What it begins with; the last character is the version.
const MARK: [u8; 8] = *b"synkkpr1";
/// Longest one that is believed, in bytes: some hundred a session.
const LONGEST: u64 = 64 << 20;
/// No descriptor, and no limit.
const NONE: u64 = u64::MAX;

/// What is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Legacy {
    pub(super) paths: ClaimPaths,
    pub(super) made: FileId,
    pub(super) lock: RawFd,
    pub(super) listener: RawFd,
    pub(super) desk: Option<RawFd>,
    /// The way to the daemon, with no frame under way.
    pub(super) link: RawFd,
    pub(super) daemon: u32,
    pub(super) epoch: u64,
    /// The limit of open files that programs have.
    pub(super) usual: Option<Rlimit>,
    /// How long ago daemons crashed.
    pub(super) crashes: Vec<Duration>,
    pub(super) upgrade: Option<Upgrade>,
    pub(super) held: Vec<Left>,
    /// Process ids of programs that were forgotten and have not ended.
    pub(super) orphans: Vec<u32>,
}

/// One session's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) line: Line,
    pub(super) master: Option<RawFd>,
    pub(super) memory: Option<RawFd>,
}

impl Legacy {
    /// Every descriptor that is left.
    pub(super) fn fds(&self) -> impl Iterator<Item = RawFd> {
        let sessions = self.held.iter().flat_map(|left| [left.master, left.memory]);
        [Some(self.lock), Some(self.listener), self.desk, Some(self.link)].into_iter().chain(sessions).flatten()
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Out(MARK.to_vec());
        let Self { paths, made, lock, listener, desk, link, daemon, epoch, usual, crashes, upgrade, held, orphans } =
            self;
        for path in [&paths.dir, &paths.socket, &paths.lock] {
            out.bytes(path.as_os_str().as_bytes());
        }
        out.u8(paths.own_dir.into());
        out.file(*made);
        [Some(*lock), Some(*listener), *desk, Some(*link)].into_iter().for_each(|fd| out.fd(fd));
        out.u32(*daemon);
        out.u64(*epoch);
        out.u8(usual.is_some().into());
        let Rlimit { current, maximum } = usual.unwrap_or(Rlimit { current: None, maximum: None });
        [current, maximum].into_iter().for_each(|limit| out.u64(limit.unwrap_or(NONE)));
        out.count(crashes.len());
        crashes.iter().for_each(|ago| out.u64(u64::try_from(ago.as_millis()).unwrap_or(u64::MAX)));
        out.count(orphans.len());
        orphans.iter().for_each(|pid| out.u32(*pid));
        out.count(held.len());
        for Left { line, master, memory } in held {
            let mut one = Out::default();
            one.line(line);
            [master, memory].into_iter().for_each(|fd| one.fd(*fd));
            out.bytes(&one.0);
        }
        out.u8(upgrade.is_some().into());
        if let Some(upgrade) = upgrade {
            out.upgrade(upgrade);
        }
        out.0
    }

    /// Reads what [`Legacy::encode`] made, here or in another release.
    ///
    /// # Errors
    /// It is none, or one of a later version; in words.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let mut input = In(bytes);
        if input.array() != Some(MARK) {
            return Err(format!("this is no state of a keeper that begins with {}", MARK.escape_ascii()));
        }
        read(&mut input).ok_or_else(|| "the state of the keeper is cut short".into())
    }

    /// As [`Legacy::decode`], of a whole file.
    ///
    /// # Errors
    /// As there; or the file cannot be read.
    pub(super) fn read(file: &File) -> Result<Self, String> {
        let words = |e: std::io::Error| format!("the state of the keeper cannot be read: {e}");
        let length = file.metadata().map_err(words)?.len();
        if length > LONGEST {
            return Err(format!("a state of the keeper of {length} bytes: {LONGEST} at most"));
        }
        let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
        file.read_exact_at(&mut bytes, 0).map_err(words)?;
        Self::decode(&bytes)
    }
}

fn read(input: &mut In<'_>) -> Option<Legacy> {
    let (dir, socket, lock) = (input.text()?.into(), input.text()?.into(), input.text()?.into());
    let paths = ClaimPaths { dir, own_dir: input.u8()? != 0, socket, lock };
    let made = input.file()?;
    let (lock, listener, desk, link) = (input.fd()?, input.fd()?, input.fd()?, input.fd()?);
    let (daemon, epoch, limited) = (input.u32()?, input.u64()?, input.u8()? != 0);
    let mut limit = || input.u64().map(|limit| (limit != NONE).then_some(limit));
    let usual = Rlimit { current: limit()?, maximum: limit()? };
    let crashes = (0..input.u32()?).map(|_| input.u64().map(Duration::from_millis)).collect::<Option<_>>()?;
    let orphans = (0..input.u32()?).map(|_| input.u32()).collect::<Option<_>>()?;
    let left = |input: &mut In<'_>| {
        let mut one = In(input.bytes()?);
        Some(Left { line: one.line()?, master: one.fd()?, memory: one.fd()? })
    };
    let held = (0..input.u32()?).map(|_| left(input)).collect::<Option<_>>()?;
    // How an upgrade stands that this build cannot tell is not worth more than what it is told with.
    let upgrade = if input.u8()? == 0 { None } else { input.upgraded() };
    Some(Legacy {
        paths,
        made,
        lock: lock?,
        listener: listener?,
        desk,
        link: link?,
        daemon,
        epoch,
        usual: limited.then_some(usual),
        crashes,
        upgrade,
        held,
        orphans,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keeper::Exit;
    use crate::keeper::wire::Stage;

    /// Bytes of today: every later build has to read them. What is added is added at the end.
    const FIXTURE: &str = include_str!("../../tests/wire/legacy-1.txt");

    fn legacy() -> Legacy {
        let line = |key, pid, exit| Line { key, pid, exit };
        let exit = Exit { code: 137, by_signal: true };
        Legacy {
            paths: ClaimPaths {
                dir: "/run/synk".into(),
                own_dir: true,
                socket: "/run/synk/synk.sock".into(),
                lock: "/run/synk/synk.lock".into(),
            },
            made: (5, 6),
            lock: 7,
            listener: 8,
            desk: Some(9),
            link: 10,
            daemon: 4321,
            epoch: 3,
            usual: Some(Rlimit { current: Some(1024), maximum: None }),
            crashes: vec![Duration::from_millis(1500)],
            upgrade: Some(Upgrade { program: "/opt/synk".into(), stage: Stage::Done, why: String::new() }),
            held: vec![
                Left { line: line(1, Some(77), None), master: Some(11), memory: Some(12) },
                Left { line: line(2, Some(78), Some(exit)), master: Some(13), memory: None },
                Left { line: line(3, None, None), master: None, memory: Some(14) },
            ],
            orphans: vec![79],
        }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn it_stays_as_it_is_and_may_grow_at_its_end() {
        let mut bytes = legacy().encode();
        assert_eq!(hex(&bytes), FIXTURE.trim());
        bytes.extend(b"of a later release");
        assert_eq!(Legacy::decode(&bytes), Ok(legacy()));
        assert_eq!(legacy().fds().collect::<Vec<_>>(), [7, 8, 9, 10, 11, 12, 13, 14]);
        let none = Legacy { desk: None, usual: None, upgrade: None, ..legacy() };
        assert_eq!(Legacy::decode(&none.encode()), Ok(none));
    }

    #[test]
    fn what_is_none_is_refused_in_words() {
        let bytes = legacy().encode();
        for length in 0..bytes.len() {
            let read = Legacy::decode(&bytes[..length]);
            // Without its last words, how the upgrade stands is not known.
            assert!(read.is_err() || read.is_ok_and(|legacy| legacy.upgrade.is_none()), "{length}");
        }
        assert!(Legacy::decode(&bytes[..bytes.len() - 40]).unwrap_err().contains("cut short"));
        assert!(Legacy::decode(b"synkkpr9 and more").unwrap_err().contains("synkkpr1"));
    }
}
