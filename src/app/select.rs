//! Selecting text with the pointer: by cells, words or lines, stable while output goes on because both ends are places
//! in the session's text. Words and lines are the host's to find; the texts are too.

use crate::base::SessionNo;
use crate::model::Screen;
use crate::model::span::{Place, Span, SpanKind};
use crate::protocol::stream::ClientMessage;
use crate::render::{CellPos, Selection};

/// A place between two cells of a row: `edge` cells of it lie to the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    pub row: u64,
    pub edge: u16,
}

/// What is selected and what is being selected.
#[derive(Debug, Default)]
pub struct Select {
    done: Option<(SessionNo, Span)>,
    drag: Option<Drag>,
    /// Counts the questions to the host about spans.
    asked: u32,
}

#[derive(Debug)]
struct Drag {
    no: SessionNo,
    epoch: u32,
    grain: Grain,
    released: bool,
}

#[derive(Debug)]
enum Grain {
    Cells(Spot),
    /// By words or lines: the span where it began, once known, and what was asked last.
    Spans {
        kind: SpanKind,
        anchor: Option<Span>,
        asked: u32,
        head: Option<Place>,
    },
}

/// What the pointer's movement asks of the host.
pub type Ask = Option<ClientMessage>;

impl Select {
    /// The button went down, for the `clicks`th time at that place.
    pub fn press(&mut self, no: SessionNo, screen: &Screen, at: (u16, u16), spot: Spot, clicks: u32) -> Ask {
        self.done = None;
        let kind = match clicks {
            0 | 1 => {
                self.drag = Some(Drag { no, epoch: screen.epoch, grain: Grain::Cells(spot), released: false });
                return None;
            }
            2 => SpanKind::Word,
            _ => SpanKind::Line,
        };
        let place = place(screen, at);
        self.asked = self.asked.wrapping_add(1);
        let grain = Grain::Spans { kind, anchor: None, asked: self.asked, head: None };
        self.drag = Some(Drag { no, epoch: screen.epoch, grain, released: false });
        Some(ClientMessage::GetSpan { request: self.asked, place, kind })
    }

    /// The pointer moved with the button down, or the text moved under it.
    pub fn drag(&mut self, screen: &Screen, at: (u16, u16), spot: Spot) -> Ask {
        let drag = self.drag.as_mut().filter(|d| d.epoch == screen.epoch && !d.released)?;
        match &mut drag.grain {
            Grain::Cells(anchor) => {
                let span = between(*anchor, spot, screen);
                self.done = span.map(|span| (drag.no, span));
                None
            }
            Grain::Spans { kind, asked, head, .. } => {
                let place = place(screen, at);
                if *head == Some(place) {
                    return None;
                }
                *head = Some(place);
                self.asked = self.asked.wrapping_add(1);
                *asked = self.asked;
                Some(ClientMessage::GetSpan { request: self.asked, place, kind: *kind })
            }
        }
    }

    /// The host's answer about a word or line. True: the button is up already and this was the last word.
    pub fn span(&mut self, no: SessionNo, request: u32, span: Span) -> bool {
        // Another machine's host may answer what it was not asked.
        let Some(drag) = self.drag.as_mut().filter(|drag| drag.no == no) else { return false };
        let Grain::Spans { anchor, asked, .. } = &mut drag.grain else { return false };
        if anchor.is_none() {
            *anchor = Some(span);
        } else if *asked != request {
            return false;
        }
        self.done = anchor.map(|anchor| (drag.no, anchor.union(span)));
        let finished = drag.released && *asked == request;
        if finished {
            self.drag = None;
        }
        finished
    }

    /// The button went up. True: what is selected is final.
    pub fn release(&mut self) -> bool {
        let Some(drag) = &mut self.drag else { return false };
        drag.released = true;
        if matches!(drag.grain, Grain::Spans { anchor: None, .. }) {
            return false;
        }
        self.drag = None;
        self.done.is_some()
    }

    /// The session in which the button is down.
    pub fn dragging(&self) -> Option<SessionNo> {
        self.drag.as_ref().filter(|d| !d.released).map(|d| d.no)
    }

    pub fn selected(&self) -> Option<(SessionNo, Span)> {
        self.done
    }

    /// Deselects; true if anything was selected.
    pub fn clear(&mut self) -> bool {
        self.drag = None;
        self.done.take().is_some()
    }

    /// The sessions have other numbers now, or are gone. A question that the host has not answered is not answered any
    /// more: what is selected stays as it is.
    pub fn carry(&mut self, now: impl Fn(SessionNo) -> Option<SessionNo>) {
        self.done = self.done.take().and_then(|(no, span)| Some((now(no)?, span)));
        let drag = self.drag.take().filter(|drag| !drag.released && matches!(drag.grain, Grain::Cells(_)));
        self.drag = drag.and_then(|drag| Some(Drag { no: now(drag.no)?, ..drag }));
    }

    /// A screen came in: what was selected in another epoch of it is no place any more.
    pub fn screen_changed(&mut self, no: SessionNo, screen: &Screen) {
        if self.drag.as_ref().is_some_and(|d| d.no == no && d.epoch != screen.epoch) {
            self.drag = None;
        }
        if self.done.is_some_and(|(n, span)| n == no && span.from.epoch != screen.epoch) {
            self.done = None;
        }
    }

    /// The part of a viewport that is selected.
    pub fn visible(&self, no: SessionNo, screen: &Screen) -> Option<Selection> {
        let (_, span) = self.done.filter(|(n, _)| *n == no)?;
        in_view(span, screen)
    }

    /// Selects what was not selected with the pointer.
    pub fn choose(&mut self, no: SessionNo, span: Span) {
        (self.done, self.drag) = (Some((no, span)), None);
    }
}

/// The part of a viewport that a span takes.
pub fn in_view(span: Span, screen: &Screen) -> Option<Selection> {
    if span.from.epoch != screen.epoch {
        return None;
    }
    let lines = u64::from(screen.size.lines());
    if span.to.row < screen.top || span.from.row >= screen.top + lines {
        return None;
    }
    let line = |row: u64| row.saturating_sub(screen.top).min(lines - 1) as u16;
    let from = if span.from.row < screen.top {
        CellPos { line: 0, col: 0 }
    } else {
        CellPos { line: line(span.from.row), col: span.from.col }
    };
    let to = if span.to.row >= screen.top + lines {
        CellPos { line: line(u64::MAX), col: u16::MAX }
    } else {
        CellPos { line: line(span.to.row), col: span.to.col }
    };
    Some(Selection { from, to, block: false })
}

fn place(screen: &Screen, (line, col): (u16, u16)) -> Place {
    Place { epoch: screen.epoch, row: screen.top + u64::from(line), col }
}

/// The cells between two spots; none when they are the same spot.
fn between(a: Spot, b: Spot, screen: &Screen) -> Option<Span> {
    let (mut from, mut to) = (a.min(b), a.max(b));
    let cols = screen.size.cols();
    if from.edge >= cols && from.row < to.row {
        from = Spot { row: from.row + 1, edge: 0 };
    }
    if to.edge == 0 && from.row < to.row {
        to = Spot { row: to.row - 1, edge: cols };
    }
    let at = |s: Spot, col: u16| Place { epoch: screen.epoch, row: s.row, col };
    (from < to).then(|| Span { from: at(from, from.edge), to: at(to, to.edge.min(cols).saturating_sub(1)) })
}

#[cfg(test)]
#[path = "select_tests.rs"]
mod tests;
