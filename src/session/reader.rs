//! The thread that reads a program's output. It reads straight into the session's memory and tells the core where. It parses
//! nothing, and it is the only one of a session's threads that waits for the core.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::thread;
use std::time::Instant;

use crossbeam_channel::Sender;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::brake::{Member, SIP, Volume};
use super::burst::{Burst, NAP};
use super::memory::Inlet;
use super::message::Output;
use crate::base::{Wake, point};
use crate::keeper::Master;
use crate::keeper::pty::ReadOutcome;

/// The most that one message to the core covers, and hence that it parses at a time.
const SLICE: usize = 64 << 10;

/// What others tell the reader.
#[derive(Debug)]
pub(super) struct Signals {
    wake: Wake,
    stop: AtomicBool,
    exited: AtomicBool,
    starved: AtomicBool,
}

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        let flag = || AtomicBool::new(false);
        Ok(Self { wake: Wake::new()?, stop: flag(), exited: flag(), starved: flag() })
    }

    /// The session is over: the reader ends.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
        self.wake.wake();
    }

    /// The program has ended: the reader says so once it has read everything.
    pub(super) fn exited(&self) {
        self.exited.store(true, Ordering::SeqCst);
        self.wake.wake();
    }

    /// There is room in the ring again.
    pub(super) fn released(&self) {
        // The room was made before the question whether anybody waits for it; in `wait` it is the other way round.
        fence(Ordering::SeqCst);
        if self.starved.swap(false, Ordering::SeqCst) {
            self.wake.wake();
        }
    }
}

/// What a turn of the reader came to.
enum Turn {
    /// Something was read, or nothing was there.
    Read(usize),
    /// The other side is closed and everything was read.
    End,
}

pub(super) struct Reader {
    master: Arc<Master>,
    inlet: Inlet,
    output: Sender<Output>,
    signals: Arc<Signals>,
    /// The core knows that everything up to the program's end was read.
    drained: bool,
    burst: Burst,
    volume: Volume,
    brake: Member,
}

impl Reader {
    /// The reader of a terminal, which tells the core through `output` what it put into the ring.
    pub(super) fn new(
        master: Arc<Master>,
        inlet: Inlet,
        output: Sender<Output>,
        signals: Arc<Signals>,
        brake: Member,
    ) -> Self {
        let (burst, volume) = (Burst::default(), Volume::default());
        Self { master, inlet, output, signals, drained: false, burst, volume, brake }
    }

    /// Reads until the other side is closed or the session is over.
    pub(super) fn run(mut self) {
        exact_naps();
        while !self.signals.stop.load(Ordering::SeqCst) {
            if !self.wait() {
                continue;
            }
            // Asked before reading: what comes after the program's end may be read in this turn, and is not missed.
            let exited = self.signals.exited.load(Ordering::SeqCst);
            let turn = self.paced_turn();
            let chunk = self.inlet.take_chunk().map(Output::Chunk);
            let over = matches!(turn, Turn::End) || exited && matches!(turn, Turn::Read(0));
            let last = (over && !self.drained).then_some(Output::Drained);
            self.drained |= over;
            // The core is gone when it takes nothing more.
            if chunk.into_iter().chain(last).any(|output| self.output.send(output).is_err())
                || matches!(turn, Turn::End)
            {
                return;
            }
        }
    }

    /// Waits for output while there is room for it. False when only the room or the orders have changed.
    fn wait(&mut self) -> bool {
        let mut room = !self.inlet.space().is_empty();
        if !room {
            self.signals.starved.store(true, Ordering::SeqCst);
            // The core may have made room just before it could see that.
            fence(Ordering::SeqCst);
            room = !self.inlet.space().is_empty();
        }
        let mut fds = [PollFd::new(&self.signals.wake, PollFlags::IN), PollFd::new(&*self.master, PollFlags::IN)];
        let count = if room { 2 } else { 1 };
        // Once the program has ended, it has to be seen that nothing more is there.
        let look = room && !self.drained && self.signals.exited.load(Ordering::SeqCst);
        let limit = look.then(Timespec::default);
        if let Err(e) = poll(&mut fds[..count], limit.as_ref())
            && e != rustix::io::Errno::INTR
        {
            log::error!("waiting for output failed: {e}");
            self.signals.stop.store(true, Ordering::SeqCst);
        }
        if !fds[0].revents().is_empty() {
            self.signals.wake.clear();
        }
        room
    }

    /// A turn, or a sip when its time has come.
    fn paced_turn(&mut self) -> Turn {
        let sip = self.volume.floods().then(|| self.brake.turn(Instant::now())).flatten();
        let Some(at) = sip else { return self.turn(SLICE) };
        self.rest(at);
        let turn = self.turn(SIP);
        // At the ring's end a sip is cut short, however much is there.
        self.volume.sipped(matches!(turn, Turn::Read(n) if n >= SIP) || self.inlet.at_end());
        turn
    }

    /// Waits for a time, or until the session is over.
    fn rest(&self, until: Instant) {
        while !self.signals.stop.load(Ordering::SeqCst) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            // A rest is some milliseconds, or some of them for each flood: far from what a timespec holds.
            let limit = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
            let _ = poll(&mut [PollFd::new(&self.signals.wake, PollFlags::IN)], Some(&limit));
            self.signals.wake.clear();
        }
    }

    /// Reads until nothing is there, or so much.
    fn turn(&mut self, most: usize) -> Turn {
        self.burst.begin();
        loop {
            let left = most.saturating_sub(self.inlet.pending());
            let space = self.inlet.space();
            let room = space.len().min(left);
            if room == 0 {
                return Turn::Read(self.inlet.pending().max(1));
            }
            match self.master.read(&mut space[..room]) {
                Ok(ReadOutcome::Bytes(n)) => {
                    point("read");
                    self.inlet.publish(n);
                    let now = Instant::now();
                    self.burst.read(n, now);
                    self.volume.read(n, now);
                    // An echo is handed on at once: to see that nothing is behind it, the kernel would wait for its
                    // worker to end.
                    if n < room && !self.burst.is_long() {
                        return Turn::Read(self.inlet.pending());
                    }
                }
                Ok(ReadOutcome::Empty) if self.burst.goes_on(Instant::now()) => thread::sleep(NAP),
                Ok(ReadOutcome::Empty) => return Turn::Read(self.inlet.pending()),
                Ok(ReadOutcome::End) => return Turn::End,
                Err(e) => {
                    log::error!("reading a terminal failed: {e}");
                    return Turn::End;
                }
            }
            if self.inlet.at_end() {
                return Turn::Read(self.inlet.pending());
            }
        }
    }
}

/// Linux lets a sleeping thread sleep 50 us longer to save wake-ups, which is more than the whole nap.
#[cfg(target_os = "linux")]
fn exact_naps() {
    if let Err(e) = rustix::thread::set_current_timer_slack(std::num::NonZero::new(1)) {
        log::debug!("naps stay coarse: {e}");
    }
}

#[cfg(not(target_os = "linux"))]
fn exact_naps() {}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
