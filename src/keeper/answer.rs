//! What a keeper does for its daemon: one request after the other, each with its answer.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Instant;

use super::frame::Frame;
use super::run::{Keeping, Place};
use super::watchman::Event;
use super::wire::{self, Reply, Request};
use super::{successor, trial};
use crate::base::point;

/// How many connections may wait: as many as the system allows (listen(2)), as the daemon asked for.
const WAITING: i32 = i32::MAX;

impl Keeping {
    pub(super) fn answer(&mut self, frame: Frame, events: &mut Vec<Event>) -> (Reply, Vec<OwnedFd>) {
        let Frame { op, payload, fds, .. } = frame;
        match Request::decode(op, &payload).and_then(|request| self.done(request, fds, events)) {
            Ok(answer) => answer,
            Err(why) => (Reply::Refused(why), Vec::new()),
        }
    }

    fn done(
        &mut self,
        request: Request,
        fds: Vec<OwnedFd>,
        events: &mut Vec<Event>,
    ) -> Result<(Reply, Vec<OwnedFd>), String> {
        let words = |e: io::Error| e.to_string();
        let mut fds = fds.into_iter();
        let done = Ok((Reply::Done, Vec::new()));
        match request {
            Request::Hello { proto_min, proto_max } => {
                if !(proto_min..=proto_max).contains(&wire::PROTO) {
                    let own = wire::PROTO;
                    return Err(format!("this keeper speaks protocol {own}, not {proto_min} to {proto_max}"));
                }
                self.greet(events).map_err(words)
            }
            Request::Spawn { key, launch, size } => {
                let (pid, master) =
                    self.table.spawn(key, &launch, size, Some(&self.synk), fds.next()).map_err(words)?;
                point("spawned");
                Ok((Reply::Spawned { pid: pid.as_raw_pid().cast_unsigned() }, vec![master]))
            }
            Request::Deposit { key, parts } => {
                let master =
                    if parts.terminal { Some(fds.next().ok_or("the terminal to keep is missing")?) } else { None };
                let memory = if parts.memory { Some(fds.next().ok_or("the memory to keep is missing")?) } else { None };
                self.table.deposit(key, master, memory).map_err(words)?;
                done
            }
            Request::List => Ok((Reply::Held(self.table.list()), Vec::new())),
            Request::Take { key } => {
                let (parts, fds) = self.table.take(key).map_err(words)?;
                Ok((Reply::Taken(parts), fds))
            }
            Request::Forget { key } => {
                self.table.forget(key);
                done
            }
            Request::Listener { made } => {
                let (Some(listener), Some(lock)) = (fds.next(), fds.next()) else {
                    return Err("a listener and a lock are missing".into());
                };
                if let Some(place) = &mut self.place {
                    // The system tells clients who called this last: the one who looks after the host (unix(7), SO_PEERCRED).
                    rustix::net::listen(&listener, WAITING).map_err(|e| words(e.into()))?;
                    place.claim.replace(lock, made);
                    (place.listener, place.made) = (listener, made);
                }
                done
            }
            Request::Upgrade { program, file } => self.try_out(program, file).map(|()| (Reply::Done, Vec::new())),
            Request::Serving => {
                events.push(Event::Serving);
                self.judge(trial::Event::Serving);
                done
            }
            Request::State => {
                let legacy = self.legacy().ok_or("no daemon is up")?;
                Ok((Reply::Done, vec![successor::memory(&legacy).map_err(words)?]))
            }
            Request::Stop => {
                if let Some(Place { claim, listener, .. }) = self.place.take() {
                    // They are the daemon's alone from here on, and go with it.
                    claim.leave();
                    drop(listener);
                }
                events.push(Event::Stopping);
                done
            }
        }
    }

    fn greet(&mut self, events: &mut Vec<Event>) -> io::Result<(Reply, Vec<OwnedFd>)> {
        self.tell_upgrade();
        let place = self.place.as_ref().ok_or_else(|| io::Error::other("the keeper is about to end"))?;
        let mut fds = vec![place.claim.lock().try_clone_to_owned()?, place.listener.try_clone()?];
        if let Some(desk) = &self.desk {
            fds.push(desk.try_clone()?);
        }
        let crashes = u32::try_from(self.watchman.crashes(Instant::now())).unwrap_or(u32::MAX);
        events.push(Event::Greeted);
        Ok((Reply::Hello { proto: wire::PROTO, epoch: self.epoch, crashes, made: place.made }, fds))
    }
}
