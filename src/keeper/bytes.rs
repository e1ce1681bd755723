//! The bytes of the payloads between keeper and daemon: numbers in little-endian order, bytes behind their number.

use std::ffi::{OsStr, OsString};
use std::os::fd::RawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use super::child::Exit;
use super::claim::FileId;
use super::command::Launch;
use super::environ::Vars;
use super::pty::WindowSize;
use super::wire::{Event, Line, Parts, Reply, Request, Stage, Upgrade};

/// Writes them.
#[derive(Default)]
pub(super) struct Out(pub(super) Vec<u8>);

impl Out {
    pub(super) fn u8(&mut self, n: u8) {
        self.0.push(n);
    }

    pub(super) fn u16(&mut self, n: u16) {
        self.0.extend(n.to_le_bytes());
    }

    pub(super) fn u32(&mut self, n: u32) {
        self.0.extend(n.to_le_bytes());
    }

    pub(super) fn u64(&mut self, n: u64) {
        self.0.extend(n.to_le_bytes());
    }

    pub(super) fn u128(&mut self, n: u128) {
        self.0.extend(n.to_le_bytes());
    }

    /// A payload of so many of anything is longer than a frame, and refused for that.
    pub(super) fn count(&mut self, n: usize) {
        self.u32(u32::try_from(n).unwrap_or(u32::MAX));
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn file(&mut self, (device, number): FileId) {
        self.u64(device);
        self.u64(number);
    }

    pub(super) fn parts(&mut self, Parts { terminal, memory }: Parts) {
        self.u8(u8::from(terminal) | u8::from(memory) << 1);
    }

    pub(super) fn exit(&mut self, exit: Exit) {
        self.0.extend(exit.code.to_le_bytes());
        self.u8(exit.by_signal.into());
    }

    /// What is held under one key.
    pub(super) fn line(&mut self, Line { key, pid, exit }: &Line) {
        self.u128(*key);
        self.u32(pid.unwrap_or(0));
        self.u8(exit.is_some().into());
        self.exit(exit.unwrap_or(Exit { code: 0, by_signal: false }));
    }

    /// The number of a descriptor, if there is one.
    pub(super) fn fd(&mut self, fd: Option<RawFd>) {
        self.0.extend(fd.unwrap_or(-1).to_le_bytes());
    }

    pub(super) fn upgrade(&mut self, Upgrade { program, stage, why }: &Upgrade) {
        self.u8(stage.number());
        self.bytes(program.as_os_str().as_bytes());
        self.bytes(why.as_bytes());
    }
}

/// Reads the same. None where the payload is at its end.
pub(super) struct In<'a>(pub(super) &'a [u8]);

impl<'a> In<'a> {
    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[n]| n)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn u128(&mut self) -> Option<u128> {
        self.array().map(u128::from_le_bytes)
    }

    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let n = self.u32()?;
        let (first, rest) = self.0.split_at_checked(n as usize)?;
        self.0 = rest;
        Some(first)
    }

    pub(super) fn text(&mut self) -> Option<OsString> {
        self.bytes().map(|bytes| OsString::from_vec(bytes.to_vec()))
    }

    pub(super) fn file(&mut self) -> Option<FileId> {
        Some((self.u64()?, self.u64()?))
    }

    pub(super) fn exit(&mut self) -> Option<Exit> {
        let code = self.array().map(i32::from_le_bytes)?;
        Some(Exit { code, by_signal: self.u8()? != 0 })
    }

    pub(super) fn parts(&mut self) -> Option<Parts> {
        let parts = self.u8()?;
        Some(Parts { terminal: parts & 1 != 0, memory: parts & 2 != 0 })
    }

    pub(super) fn deposit(&mut self) -> Option<Request> {
        Some(Request::Deposit { key: self.u128()?, parts: self.parts()? })
    }

    pub(super) fn hello(&mut self) -> Option<Request> {
        Some(Request::Hello { proto_min: self.u16()?, proto_max: self.u16()? })
    }

    pub(super) fn spawn(&mut self) -> Option<Request> {
        let key = self.u128()?;
        // As long as there are bytes, whatever number was written.
        let argv = (0..self.u32()?).map(|_| self.text()).collect::<Option<Vec<_>>>()?;
        let env = (0..self.u32()?).map(|_| Some((self.text()?, self.text()?))).collect::<Option<Vars>>()?;
        let cwd = OsStr::from_bytes(self.bytes()?).into();
        let size = WindowSize { cols: self.u16()?, lines: self.u16()?, cell_w: self.u16()?, cell_h: self.u16()? };
        Some(Request::Spawn { key, launch: Launch { argv, cwd, env }, size })
    }

    pub(super) fn greeting(&mut self) -> Option<Reply> {
        let (proto, epoch, crashes) = (self.u16()?, self.u64()?, self.u32()?);
        Some(Reply::Hello { proto, epoch, crashes, made: self.file()? })
    }

    pub(super) fn lines(&mut self) -> Option<Reply> {
        (0..self.u32()?).map(|_| self.line()).collect::<Option<_>>().map(Reply::Held)
    }

    pub(super) fn line(&mut self) -> Option<Line> {
        let (key, pid, ended, exit) = (self.u128()?, self.u32()?, self.u8()?, self.exit()?);
        Some(Line { key, pid: (pid > 0).then_some(pid), exit: (ended != 0).then_some(exit) })
    }

    pub(super) fn fd(&mut self) -> Option<Option<RawFd>> {
        self.array().map(i32::from_le_bytes).map(|fd| (fd >= 0).then_some(fd))
    }

    pub(super) fn upgrade(&mut self) -> Option<Request> {
        Some(Request::Upgrade { program: self.text()?.into(), file: self.file()? })
    }

    pub(super) fn upgraded(&mut self) -> Option<Upgrade> {
        let (stage, program) = (Stage::of(self.u8()?)?, self.text()?.into());
        Some(Upgrade { stage, program, why: self.text()?.to_string_lossy().into_owned() })
    }

    pub(super) fn exited(&mut self) -> Option<Event> {
        Some(Event::Exited { key: self.u128()?, exit: self.exit()? })
    }
}
