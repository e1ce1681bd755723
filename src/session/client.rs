//! What clients ask of a session's core.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::core::{Core, Timer};
use super::message::{Effect, Request, Update};
use super::receipts::Receipt;
use super::size::Viewport;
use super::viewers::Viewer;
use crate::base::ClientId;
use crate::engine::{MAX_SEARCH, Pattern, Piece, WORD_SEPARATORS, key_code, mouse_code, paste};
use crate::model::{Key, Modes, MouseEvent, MouseKind, Press, Query, Searched, SpanKind, ViewAt};

/// How long a client may not know that its input was taken: it keeps what it does not know of.
const TAKEN: Duration = Duration::from_millis(250);

/// What a program that asked for focus events (mode 1004) is told.
const FOCUS_IN: &[u8] = b"\x1b[I";
const FOCUS_OUT: &[u8] = b"\x1b[O";

impl Core {
    pub(super) fn client(&mut self, client: ClientId, request: Request, now: Instant, effects: &mut Vec<Effect>) {
        // What a client sent before it heard that it was detached comes to nothing.
        if self.viewers.get(client).is_none() {
            return;
        }
        let counts = matches!(&request, Request::Key(_) | Request::Paste(_) | Request::Prompt(_));
        let receipt = self.viewers.get(client).filter(|_| counts).and_then(Viewer::counted);
        if receipt.is_some_and(|receipt| self.receipts.has(receipt) || self.submit.has(receipt)) {
            // It was sent again by a client that did not know.
            return;
        }
        self.at_hand = receipt;
        match request {
            Request::Numbered { client: name, next } => {
                if let Some(viewer) = self.viewers.get(client) {
                    viewer.numbered(Receipt { client: name, sequence: next });
                    viewer.tell_taken(&self.receipts, effects);
                }
            }
            Request::Subscribe => self.subscribe(client, effects),
            Request::Unsubscribe => {
                if let Some(viewer) = self.viewers.get(client) {
                    viewer.unsubscribe();
                }
            }
            Request::Detach => self.detach(client, now, effects),
            Request::Credit => {
                if let Some(viewer) = self.viewers.get(client) {
                    viewer.credit();
                    if !self.pace.is_held() {
                        viewer.show(&mut self.engine, effects);
                    }
                }
            }
            Request::Key(event) if self.asks_for_link(&event) => self.relink(effects),
            Request::Key(event) => {
                self.held.key(client, &event);
                let bytes = key_code::encode(&event, self.engine.modes());
                let modifier = matches!(event.key, Key::Named(named) if named.is_modifier());
                // Letting go of Shift+PageUp must not bring the viewer back to the live screen.
                if modifier || event.press == Press::Release {
                    self.write(bytes, now, effects);
                } else {
                    self.typed(client, bytes, now, effects);
                }
            }
            Request::Mouse(event) => self.mouse(client, event, now, effects),
            Request::Paste(text) => {
                let bytes = paste::encode(&text, self.engine.modes());
                self.typed(client, bytes, now, effects);
            }
            Request::Prompt(text) => self.prompt(client, text, now, effects),
            Request::Focus(on) => self.focus(client, on, effects),
            Request::Resize { size, cell_w, cell_h } => {
                self.sizes.resize(client, Viewport { size, cell_w, cell_h });
                self.plan_resize(now);
            }
            Request::View(at) => self.look(client, at, effects),
            Request::Scroll(rows) => {
                if let Some(at) = self.viewers.get(client).map(|v| v.at) {
                    let at = self.engine.scroll(at, i64::from(rows));
                    self.look(client, at, effects);
                }
            }
            Request::GetText { request, span } => {
                let text = self.engine.text(span);
                self.answer(client, Update::Text { request, text }, effects);
            }
            Request::GetSpan { request, place, kind } => {
                let span = match kind {
                    SpanKind::Word => self.engine.word_at(place, WORD_SEPARATORS),
                    SpanKind::Line => self.engine.line_at(place),
                };
                self.answer(client, Update::Span { request, span }, effects);
            }
            Request::Search { request, query } => {
                let searched = self.search(&query);
                self.answer(client, Update::Found { request, searched }, effects);
            }
        }
        // Also of what does nothing: it is not to be sent again.
        if let Some(receipt) = self.receipt(now) {
            effects.push(Effect::Write(Vec::new(), Some(receipt)));
        }
    }

    /// The receipt of the request at hand, which is taken with it: once.
    fn receipt(&mut self, now: Instant) -> Option<Receipt> {
        let receipt = self.at_hand.take();
        receipt.into_iter().for_each(|receipt| self.takes(receipt, now));
        receipt
    }

    /// Input with this receipt is about to be written.
    pub(super) fn takes(&mut self, receipt: Receipt, now: Instant) {
        self.receipts.note(receipt);
        self.timers.set_earlier(Timer::Taken, now + TAKEN);
    }

    pub(super) fn detach(&mut self, client: ClientId, now: Instant, effects: &mut Vec<Effect>) {
        self.viewers.detach(client);
        let (keys, buttons) = self.held.let_go(client);
        for key in keys {
            self.write(key_code::encode(&key, self.engine.modes()), now, effects);
        }
        for button in buttons {
            self.write(mouse_code::encode(&button, self.engine.modes()), now, effects);
        }
        self.sizes.leave(client);
        self.focus(client, false, effects);
        self.plan_resize(now);
        self.facts_changed(now);
    }

    fn subscribe(&mut self, client: ClientId, effects: &mut Vec<Effect>) {
        if std::mem::take(&mut self.sleeps) {
            self.relink(effects);
        }
        let Some(viewer) = self.viewers.get(client) else { return };
        viewer.subscribe();
        if !self.pace.is_held() {
            viewer.show(&mut self.engine, effects);
        }
    }

    /// Moves where a viewer looks; it is shown at once, or when the program lets go of the frame.
    fn look(&mut self, client: ClientId, at: ViewAt, effects: &mut Vec<Effect>) {
        let Some(viewer) = self.viewers.get(client) else { return };
        viewer.at = at;
        viewer.touch();
        if !self.pace.is_held() {
            viewer.show(&mut self.engine, effects);
        }
    }

    fn search(&self, query: &Query) -> Searched {
        let Query { text, regex, from, way, most, rows } = query;
        if text.is_empty() || text.len() > MAX_SEARCH {
            return Searched::Refused(format!("a text of 1 to {MAX_SEARCH} bytes is searched for"));
        }
        let pattern = match Pattern::search(text, *regex) {
            Ok(pattern) => pattern,
            Err(why) => return Searched::Refused(why),
        };
        let piece = Piece { from: *from, way: *way, most: usize::from(*most), rows: u64::from(*rows) };
        self.engine.search(&pattern, piece).map_or(Searched::Rewrapped, |found| Searched::Found {
            spans: found.hits.iter().map(|hit| hit.span).collect(),
            next: found.next,
        })
    }

    fn answer(&mut self, client: ClientId, update: Update, effects: &mut Vec<Effect>) {
        if let Some(viewer) = self.viewers.get(client) {
            effects.push(Effect::Send(Arc::clone(&viewer.outlet), update));
        }
    }

    /// Input from a person: it goes first, its echo is shown at once, and whoever types looks at the live screen.
    fn typed(&mut self, client: ClientId, bytes: Vec<u8>, now: Instant, effects: &mut Vec<Effect>) {
        if bytes.is_empty() || self.is_over() {
            return;
        }
        // Before the input: what it starts is to find the size of the one who typed it.
        self.takes_size(client, now, effects);
        self.write(bytes, now, effects);
        if self.viewers.get(client).is_some_and(|v| v.at != ViewAt::Live) {
            self.look(client, ViewAt::Live, effects);
        }
    }

    /// Writes input to the program, whose answer is waited for. False if there was nothing to write or nobody to read it.
    fn write(&mut self, bytes: Vec<u8>, now: Instant, effects: &mut Vec<Effect>) -> bool {
        if bytes.is_empty() || self.is_over() {
            return false;
        }
        self.sends(&bytes, now);
        let receipt = self.receipt(now);
        effects.push(Effect::Write(bytes, receipt));
        true
    }

    /// The pointer, for a program that asked for it. Who looks at history points at nothing of the program's.
    fn mouse(&mut self, client: ClientId, mut event: MouseEvent, now: Instant, effects: &mut Vec<Effect>) {
        let (modes, size) = (self.engine.modes(), self.engine.size());
        if self.viewers.get(client).is_some_and(|v| v.at != ViewAt::Live) {
            return;
        }
        // The viewer may not know the size yet.
        (event.col, event.line) = (event.col.min(size.cols() - 1), event.line.min(size.lines() - 1));
        self.held.mouse(client, &event);
        let at = if modes.has(Modes::MOUSE_PIXELS) { (event.px, event.py) } else { (event.col, event.line) };
        let moved = self.pointed.replace(at) != Some(at);
        let bytes = mouse_code::encode(&event, modes);
        match event.kind {
            MouseKind::Press => self.typed(client, bytes, now, effects),
            MouseKind::Motion if !moved => {}
            // Whoever only moves over a pane does not take its size over.
            MouseKind::Motion | MouseKind::Release => {
                self.write(bytes, now, effects);
            }
        }
    }

    /// Whoever types may take the size over, at once: nobody drags here.
    fn takes_size(&mut self, client: ClientId, now: Instant, effects: &mut Vec<Effect>) {
        let before = self.sizes.viewport();
        self.sizes.typed(client, now);
        if self.sizes.viewport() != before {
            self.resize(now, effects);
        }
    }

    fn prompt(&mut self, client: ClientId, text: String, now: Instant, effects: &mut Vec<Effect>) {
        if self.is_over() {
            return;
        }
        self.takes_size(client, now, effects);
        if self.submit.push(text, None, self.at_hand).is_ok() {
            // It is taken when its paste is written.
            self.at_hand = None;
        } else {
            let body = "too many prompts wait for this program; the last one was not taken".to_owned();
            self.tell_soon(Update::Notify { title: "synk".into(), body }, now);
        }
    }

    /// A viewer has the keyboard here or not. The program has the focus while any of them has: a window that loses it may
    /// say so after another one has gained it.
    pub(super) fn focus(&mut self, client: ClientId, on: bool, effects: &mut Vec<Effect>) {
        let had = !self.focused.is_empty();
        if on {
            self.focused.insert(client);
        } else {
            self.focused.remove(&client);
        }
        let has = !self.focused.is_empty();
        if has != had && !self.is_over() && self.engine.modes().has(Modes::FOCUS_EVENTS) {
            effects.push(Effect::Write(if has { FOCUS_IN } else { FOCUS_OUT }.to_vec(), None));
        }
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
