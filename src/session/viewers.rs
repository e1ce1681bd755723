//! The clients that watch a session: what each was last sent, where it looks, and its credit. A frame is cut against
//! what that viewer was sent last, so a slow one misses frames in between and never holds memory or anybody up.

use std::sync::Arc;

use super::message::{Effect, Outlet, Update};
use super::receipts::{Receipt, Receipts};
use crate::base::{ClientId, GridSize};
use crate::engine::Engine;
use crate::model::{Frame, Screen, ViewAt};

/// One client at a session.
#[derive(Debug)]
pub struct Viewer {
    pub client: ClientId,
    pub outlet: Arc<dyn Outlet>,
    /// Where it looks.
    pub at: ViewAt,
    subscribed: bool,
    /// It took in the last frame: the next may go out.
    credit: bool,
    /// What it sees is out of date and waits for credit.
    stale: bool,
    /// The number of the last frame; 0 when the next has to be a full one.
    seq: u64,
    /// The screen as of that frame.
    sent: Option<Screen>,
    /// The number that its next input has.
    next: Option<Receipt>,
    /// Up to where it knows that its input was taken.
    told: Option<u64>,
}

impl Viewer {
    fn new(client: ClientId, outlet: Arc<dyn Outlet>) -> Self {
        let (subscribed, credit, stale) = (false, false, false);
        let (sent, next, told) = (None, None, None);
        Self { client, outlet, at: ViewAt::Live, subscribed, credit, stale, seq: 0, sent, next, told }
    }

    pub fn subscribe(&mut self) {
        (self.subscribed, self.credit, self.stale, self.sent) = (true, true, true, None);
    }

    pub fn unsubscribe(&mut self) {
        (self.subscribed, self.credit, self.stale, self.sent) = (false, false, false, None);
    }

    /// It may be sent one more frame; credit does not add up.
    pub fn credit(&mut self) {
        self.credit = self.subscribed;
    }

    /// Its input counts on from here.
    pub fn numbered(&mut self, next: Receipt) {
        (self.next, self.told) = (Some(next), None);
    }

    /// It sent input, which has this number if it counts.
    pub fn counted(&mut self) -> Option<Receipt> {
        let next = self.next.as_mut()?;
        let this = *next;
        next.sequence = next.sequence.saturating_add(1);
        Some(this)
    }

    /// Tells it what was taken, if it does not know.
    pub fn tell_taken(&mut self, receipts: &Receipts, effects: &mut Vec<Effect>) {
        let Some(upto) = self.next.map(|next| receipts.upto(next.client)) else { return };
        if self.told.replace(upto) != Some(upto) {
            effects.push(Effect::Send(Arc::clone(&self.outlet), Update::Taken(upto)));
        }
    }

    /// What it sees may have changed.
    pub fn touch(&mut self) {
        self.stale = self.subscribed;
    }

    /// Sends it a frame if it waits for one, has credit, and something is different.
    pub fn show(&mut self, engine: &mut Engine, effects: &mut Vec<Effect>) {
        if !(self.stale && self.credit) {
            return;
        }
        self.stale = false;
        let screen = engine.view(self.at);
        // A place in an old epoch, or one that scrolled out of history, became the nearest one there is.
        self.at = match screen.offset {
            0 => ViewAt::Live,
            _ => ViewAt::Row { epoch: screen.epoch, top: screen.top },
        };
        let next = self.seq + 1;
        let frame = match &self.sent {
            Some(sent) => {
                let frame = Frame::diff(sent, self.seq, &screen, next);
                if frame.is_nothing(sent) {
                    return;
                }
                debug_assert_eq!(applied(&frame, sent, self.seq).as_ref(), Ok(&screen), "a frame has to lead there");
                frame
            }
            None => Frame::diff(&screen, 0, &screen, next),
        };
        (self.seq, self.credit, self.sent) = (next, false, Some(screen));
        effects.push(Effect::Send(Arc::clone(&self.outlet), Update::Frame(frame)));
    }
}

fn applied(frame: &Frame, to: &Screen, seq: u64) -> Result<Screen, crate::model::frame::Mismatch> {
    let mut screen = to.clone();
    frame.apply(&mut screen, seq).map(|()| screen)
}

/// All clients at a session.
#[derive(Debug, Default)]
pub struct Viewers {
    list: Vec<Viewer>,
}

impl Viewers {
    /// A client comes; one that is there already stays as it is.
    pub fn attach(&mut self, client: ClientId, outlet: Arc<dyn Outlet>) {
        if self.get(client).is_none() {
            self.list.push(Viewer::new(client, outlet));
        }
    }

    pub fn detach(&mut self, client: ClientId) {
        self.list.retain(|v| v.client != client);
    }

    pub fn get(&mut self, client: ClientId) -> Option<&mut Viewer> {
        self.list.iter_mut().find(|v| v.client == client)
    }

    /// Who is here, in the order of their coming.
    pub fn clients(&self) -> Vec<ClientId> {
        self.list.iter().map(|v| v.client).collect()
    }

    /// Whether anybody wants frames.
    pub fn any_subscribed(&self) -> bool {
        self.list.iter().any(|v| v.subscribed)
    }

    /// Gives the terminal another size. Who looks at history sees the same text at its top afterwards.
    pub fn resize(&mut self, engine: &mut Engine, size: GridSize) {
        let places: Vec<_> = self.list.iter().map(|v| engine.place_of(v.at)).collect();
        engine.resize(size);
        for (viewer, place) in self.list.iter_mut().zip(places) {
            viewer.at = place.map_or(viewer.at, |place| engine.look_at(place));
        }
    }

    /// Whether anybody looks at history.
    pub fn any_scrolled_back(&self) -> bool {
        self.list.iter().any(|v| v.at != ViewAt::Live)
    }

    /// The session's content changed and is to be shown now, to each as soon as it has credit.
    pub fn show_all(&mut self, engine: &mut Engine, effects: &mut Vec<Effect>) {
        for viewer in &mut self.list {
            viewer.touch();
            viewer.show(engine, effects);
        }
    }

    /// Tells all who count what was taken of theirs.
    pub fn tell_taken(&mut self, receipts: &Receipts, effects: &mut Vec<Effect>) {
        self.list.iter_mut().for_each(|viewer| viewer.tell_taken(receipts, effects));
    }

    /// The same update for everybody.
    pub fn tell(&self, update: &Update, effects: &mut Vec<Effect>) {
        effects.extend(self.list.iter().map(|v| Effect::Send(Arc::clone(&v.outlet), update.clone())));
    }
}
