//! What the host was told to send to this window and what this window still owes it: subscriptions, sizes, credits and
//! which pane has the keyboard. Compares what is wanted with what was said and says the difference.

use std::collections::{HashMap, HashSet};

use super::event::Effect;
use crate::base::{GridSize, PxSize, SessionNo};
use crate::protocol::stream::ClientMessage;

/// What the host knows of this window's panes.
#[derive(Debug, Default)]
pub struct Watch {
    panes: HashMap<SessionNo, Watched>,
    /// Sessions whose frame was taken in and not yet drawn.
    owed: Vec<SessionNo>,
    focus: Option<SessionNo>,
    /// Sessions that the host knows no more, although the board may still show them: asking again would be answered the
    /// same way for ever.
    gone: HashSet<SessionNo>,
}

#[derive(Debug)]
struct Watched {
    size: (GridSize, PxSize),
    /// A full frame was asked for and only such a one is of use.
    needs_full: bool,
}

impl Watch {
    /// Makes the host send frames of exactly the panes wanted, at their sizes.
    pub fn reconcile(&mut self, wanted: &[(SessionNo, GridSize)], cell: PxSize, out: &mut Vec<Effect>) {
        let gone: Vec<SessionNo> =
            self.panes.keys().copied().filter(|no| !wanted.iter().any(|(w, _)| w == no)).collect();
        for no in gone {
            if self.focus == Some(no) {
                out.push(Effect::Send(no, ClientMessage::Focus(false)));
            }
            self.forget(no);
            out.push(Effect::Send(no, ClientMessage::Unsubscribe));
        }
        for &(no, grid) in wanted.iter().filter(|(no, _)| !self.gone.contains(no)) {
            let size = (grid, cell);
            let known = self.panes.get(&no).map(|w| w.size);
            if known != Some(size) {
                let px = |n: u32| n.min(u32::from(u16::MAX)) as u16;
                let (cell_w, cell_h) = (px(cell.w), px(cell.h));
                out.push(Effect::Send(no, ClientMessage::Resize { size: grid, cell_w, cell_h }));
            }
            match self.panes.get_mut(&no) {
                Some(watched) => watched.size = size,
                None => {
                    self.panes.insert(no, Watched { size, needs_full: true });
                    out.push(Effect::Send(no, ClientMessage::Subscribe));
                }
            }
        }
    }

    /// Forgets all but these: the connection that the others came over is gone.
    pub fn keep(&mut self, still: impl Fn(SessionNo) -> bool) {
        self.panes.retain(|no, _| still(*no));
        self.owed.retain(|no| still(*no));
        self.gone.retain(|no| still(*no));
        self.focus = self.focus.filter(|no| still(*no));
    }

    /// The window has left the session, whether it was subscribed or not.
    pub fn leave(&mut self, no: SessionNo, out: &mut Vec<Effect>) {
        self.forget(no);
        out.push(Effect::Send(no, ClientMessage::Detach));
    }

    /// Tells the host which pane has the keyboard.
    pub fn focus(&mut self, wanted: Option<SessionNo>, out: &mut Vec<Effect>) {
        // To one that is gone, every word is answered by that.
        let wanted = wanted.filter(|no| !self.gone.contains(no));
        if self.focus == wanted {
            return;
        }
        if let Some(no) = self.focus {
            out.push(Effect::Send(no, ClientMessage::Focus(false)));
        }
        if let Some(no) = wanted {
            out.push(Effect::Send(no, ClientMessage::Focus(true)));
        }
        self.focus = wanted;
    }

    /// Whether a frame of this kind is of use; one that is will be credited with the next drawing.
    pub fn take_frame(&mut self, no: SessionNo, full: bool) -> bool {
        let Some(watched) = self.panes.get_mut(&no) else { return false };
        if watched.needs_full && !full {
            return false;
        }
        watched.needs_full = false;
        if !self.owed.contains(&no) {
            self.owed.push(no);
        }
        true
    }

    /// A frame did not fit: asks for a full one.
    pub fn resync(&mut self, no: SessionNo, out: &mut Vec<Effect>) {
        if let Some(watched) = self.panes.get_mut(&no) {
            watched.needs_full = true;
            self.owed.retain(|o| *o != no);
            out.push(Effect::Send(no, ClientMessage::Unsubscribe));
            out.push(Effect::Send(no, ClientMessage::Subscribe));
        }
    }

    /// What was taken in is being drawn: the next frames may come.
    pub fn pay(&mut self, out: &mut Vec<Effect>) {
        out.extend(self.owed.drain(..).map(|no| Effect::Send(no, ClientMessage::Credit)));
    }

    /// The host says that there is no such session.
    pub fn gone(&mut self, no: SessionNo) {
        self.forget(no);
        self.gone.insert(no);
    }

    /// The session is off the board, or no longer watched.
    pub fn forget(&mut self, no: SessionNo) {
        self.panes.remove(&no);
        self.gone.remove(&no);
        self.owed.retain(|o| *o != no);
        if self.focus == Some(no) {
            self.focus = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ClientMessage::{Credit, Focus, Subscribe, Unsubscribe};

    const CELL: PxSize = PxSize { w: 8, h: 16 };
    const A: SessionNo = SessionNo(1);
    const B: SessionNo = SessionNo(2);

    fn grid(cols: u16) -> GridSize {
        GridSize::clamped(cols, 24)
    }

    fn said(out: &mut Vec<Effect>) -> Vec<(SessionNo, ClientMessage)> {
        let send = |e| if let Effect::Send(no, m) = e { (no, m) } else { panic!("{e:?}") };
        out.drain(..).map(send).collect()
    }

    fn resize(cols: u16) -> ClientMessage {
        ClientMessage::Resize { size: grid(cols), cell_w: 8, cell_h: 16 }
    }

    #[test]
    fn only_differences_are_said() {
        let (mut w, mut out) = (Watch::default(), Vec::new());
        w.reconcile(&[(A, grid(80)), (B, grid(80))], CELL, &mut out);
        assert_eq!(said(&mut out), [(A, resize(80)), (A, Subscribe), (B, resize(80)), (B, Subscribe)]);
        w.reconcile(&[(A, grid(80)), (B, grid(80))], CELL, &mut out);
        assert!(out.is_empty());
        w.reconcile(&[(A, grid(160))], CELL, &mut out);
        assert_eq!(said(&mut out), [(B, Unsubscribe), (A, resize(160))], "a hidden pane is not resized");
    }

    #[test]
    fn a_session_that_is_gone_is_not_asked_for_again() {
        let (mut w, mut out) = (Watch::default(), Vec::new());
        w.reconcile(&[(A, grid(80))], CELL, &mut out);
        w.gone(A);
        out.clear();
        w.reconcile(&[(A, grid(80))], CELL, &mut out);
        w.focus(Some(A), &mut out);
        assert!(out.is_empty());
        w.forget(A);
        w.reconcile(&[(A, grid(80))], CELL, &mut out);
        assert_eq!(
            said(&mut out),
            [(A, resize(80)), (A, Subscribe)],
            "off the board and made anew, it may be asked for"
        );
    }

    #[test]
    fn a_pane_that_goes_out_of_sight_loses_the_keyboard_first() {
        let (mut w, mut out) = (Watch::default(), Vec::new());
        w.reconcile(&[(A, grid(80))], CELL, &mut out);
        w.focus(Some(A), &mut out);
        out.clear();
        w.reconcile(&[(B, grid(80))], CELL, &mut out);
        assert_eq!(said(&mut out)[..2], [(A, Focus(false)), (A, Unsubscribe)]);
    }

    #[test]
    fn credit_is_paid_once_a_frame_and_only_when_drawn() {
        let (mut w, mut out) = (Watch::default(), Vec::new());
        w.reconcile(&[(A, grid(80))], CELL, &mut out);
        out.clear();
        assert!(!w.take_frame(A, false), "the first frame has to be a full one");
        assert!(w.take_frame(A, true) && !w.take_frame(B, true));
        w.pay(&mut out);
        w.pay(&mut out);
        assert_eq!(said(&mut out), [(A, Credit)]);
        w.take_frame(A, false);
        w.resync(A, &mut out);
        w.pay(&mut out);
        assert_eq!(said(&mut out), [(A, Unsubscribe), (A, Subscribe)], "a new subscription brings its own credit");
        assert!(!w.take_frame(A, false), "frames from before are of no use");
    }

    #[test]
    fn the_keyboard_is_in_one_pane() {
        let (mut w, mut out) = (Watch::default(), Vec::new());
        w.focus(Some(A), &mut out);
        w.focus(Some(A), &mut out);
        w.focus(Some(B), &mut out);
        w.focus(None, &mut out);
        assert_eq!(said(&mut out), [(A, Focus(true)), (A, Focus(false)), (B, Focus(true)), (B, Focus(false))]);
    }
}
