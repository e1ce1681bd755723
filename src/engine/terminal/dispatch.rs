//! From parsed sequences to the functions that carry them out. What is not named here does nothing.

use super::state::{Shape, Terminal};
use crate::engine::effect::{Effect, raise};
use crate::engine::parser::{Params, Sink};
use crate::model::{CursorShape, Modes};

/// Cells that may be moved or cleared in bulk before a feed pauses: some milliseconds of work, which a slice of ordinary
/// output never needs.
pub(super) const MOST_WORK: usize = 2_000_000;

/// A terminal that is being fed, and where its effects go.
pub(in crate::engine) struct Dispatch<'a> {
    pub terminal: &'a mut Terminal,
    pub effects: &'a mut Vec<Effect>,
    /// How many effects there were when this feeding began.
    pub from: usize,
}

impl Dispatch<'_> {
    fn raise(&mut self, effect: Effect) {
        raise(self.effects, self.from, effect);
    }

    fn reply(&mut self, text: Option<String>) {
        if let Some(text) = text {
            self.raise(Effect::Reply(text.into_bytes()));
        }
    }

    fn tell_title(&mut self) {
        if std::mem::take(&mut self.terminal.titles.fresh) {
            self.raise(Effect::Title(self.terminal.titles.title.clone()));
        }
    }

    /// Sequences with a private marker or intermediates.
    fn marked_csi(&mut self, params: &Params, marks: &[u8], action: u8) {
        let t = &mut *self.terminal;
        match (marks, action) {
            (b"?", b'h' | b'l') => params.groups().for_each(|g| t.set_private_mode(g[0], action == b'h')),
            // Selective erase: nothing can be protected, so it is the plain kind.
            (b"?", b'J') if params.get(0, 0) < 3 => t.erase_screen(params.get(0, 0)),
            (b"?", b'K') => t.erase_line(params.get(0, 0)),
            (b"?", b'W') if params.get(0, 0) == 5 => t.tabs = super::tabs::Tabs::new(t.cols()),
            (b"?$", b'p') => {
                let report = t.mode_report(params.get(0, 0), true);
                self.reply(Some(report));
            }
            (b"$", b'p') => {
                let report = t.mode_report(params.get(0, 0), false);
                self.reply(Some(report));
            }
            (b"!", b'p') => t.soft_reset(),
            (b" ", b'q') => {
                let shape = match params.get(0, 0) {
                    0 => Shape::default(),
                    n @ 1..=6 => Shape {
                        shape: [CursorShape::Block, CursorShape::Underline, CursorShape::Bar][usize::from(n - 1) / 2],
                        blink: n % 2 == 1,
                    },
                    _ => return,
                };
                t.shape = shape;
            }
            (b">", b'c') if params.get(0, 0) == 0 => {
                let attributes = t.secondary_attributes();
                self.reply(Some(attributes));
            }
            (b"?", b'u') => {
                let flags = t.key_flags();
                self.reply(Some(flags));
            }
            (b"?", b'm') if params.get(0, 0) == 4 => {
                let level = t.other_keys_level();
                self.reply(Some(level));
            }
            (b">", b'u') => t.push_keys(params.get(0, 0)),
            (b"<", b'u') => t.pop_keys(params.get(0, 1)),
            (b"=", b'u') => t.set_keys(params.get(0, 0), params.get(1, 1)),
            // 4 is modifyOtherKeys; without a number it is all of them.
            (b">", b'm') if params.get(0, 4) == 4 => t.set_other_keys(params.get(1, 0)),
            (b">", b'n') if params.get(0, 0) == 4 => t.set_other_keys(0),
            (b">", b'q') if params.get(0, 0) == 0 => {
                let version = t.version();
                self.reply(Some(version));
            }
            _ => {}
        }
    }

    fn window_operation(&mut self, params: &Params) {
        // 22 and 23: the title alone or with the icon's name; the icon's name alone is not kept.
        let title = params.get(1, 0) != 1;
        match params.get(0, 0) {
            n @ (14 | 16 | 18) => {
                let report = self.terminal.size_report(n);
                self.reply(report);
            }
            22 if title => self.terminal.titles.push(),
            23 if title => {
                self.terminal.titles.pop();
                self.tell_title();
            }
            _ => {}
        }
    }
}

impl Sink for Dispatch<'_> {
    #[inline]
    fn ascii(&mut self, run: &[u8]) {
        self.terminal.print_ascii(run);
    }

    fn text(&mut self, run: &[char]) {
        self.terminal.print_text(run);
    }

    #[inline]
    fn control(&mut self, byte: u8) {
        let t = &mut *self.terminal;
        match byte {
            0x07 => self.raise(Effect::Bell),
            0x08 => t.backspace(),
            0x09 => t.tab(1),
            0x0a..=0x0c => t.line_feed_key(),
            0x0d => t.carriage_return(),
            0x0e => t.gl = 1,
            0x0f => t.gl = 0,
            _ => {}
        }
    }

    #[inline]
    fn csi(&mut self, params: &Params, intermediates: &[u8], action: u8) {
        if !intermediates.is_empty() {
            return self.marked_csi(params, intermediates, action);
        }
        let t = &mut *self.terminal;
        let n = usize::from(params.get(0, 1));
        match action {
            b'm' => t.sgr(params),
            b'H' | b'f' => t.go_to(n - 1, usize::from(params.get(1, 1)) - 1),
            b'A' => t.move_up(n),
            b'B' | b'e' => t.move_down(n),
            b'C' | b'a' => t.move_right(n),
            b'D' => t.move_left(n),
            b'E' => {
                t.move_down(n);
                t.carriage_return();
            }
            b'F' => {
                t.move_up(n);
                t.carriage_return();
            }
            b'G' | b'`' => t.go_to_col(n - 1),
            b'd' => t.go_to_line(n - 1),
            b'J' => t.erase_screen(params.get(0, 0)),
            b'K' => t.erase_line(params.get(0, 0)),
            b'X' => t.erase_chars(n),
            b'@' => t.insert_chars(n),
            b'P' => t.delete_chars(n),
            b'L' => t.insert_lines(n),
            b'M' => t.delete_lines(n),
            b'S' => t.scroll_up(n),
            b'T' => t.scroll_down(n),
            b'b' => t.repeat(n),
            b'I' => t.tab(n),
            b'Z' => t.back_tab(n),
            b'g' if params.get(0, 0) == 0 => t.tabs.set(t.screen.col(), false),
            b'g' if params.get(0, 0) == 3 => t.tabs.clear(),
            b'r' => t.set_margins(n, usize::from(params.get(1, 0))),
            b's' => t.save_cursor(),
            b'u' => t.restore_cursor(),
            b'h' | b'l' => params.groups().for_each(|g| t.set_ansi_mode(g[0], action == b'h')),
            b't' => self.window_operation(params),
            b'n' => {
                let status = t.status(params.get(0, 0));
                self.reply(status);
            }
            b'c' if params.get(0, 0) == 0 => {
                let attributes = t.primary_attributes();
                self.reply(Some(attributes));
            }
            _ => {}
        }
    }

    fn esc(&mut self, intermediates: &[u8], action: u8) {
        let t = &mut *self.terminal;
        match (intermediates, action) {
            ([], b'7') => t.save_cursor(),
            ([], b'8') => t.restore_cursor(),
            ([], b'D') => t.line_feed(),
            ([], b'E') => {
                t.line_feed();
                t.carriage_return();
            }
            ([], b'H') => t.tabs.set(t.screen.col(), true),
            ([], b'M') => t.reverse_line_feed(),
            ([], b'Z') => {
                let attributes = t.primary_attributes();
                self.reply(Some(attributes));
            }
            ([], b'c') => {
                t.reset();
                self.tell_title();
            }
            ([], b'=') => t.modes.set(Modes::APP_KEYPAD, true),
            ([], b'>') => t.modes.set(Modes::APP_KEYPAD, false),
            ([b'#'], b'8') => t.alignment_test(),
            ([set], name) => t.designate(*set, name),
            _ => {}
        }
    }

    #[inline]
    fn spent(&self) -> bool {
        self.terminal.screen.work >= MOST_WORK
    }

    fn osc(&mut self, string: &[u8]) {
        let effect = self.terminal.osc(string);
        self.tell_title();
        if let Some(effect) = effect {
            self.raise(effect);
        }
    }
}
