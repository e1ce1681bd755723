//! Modes, the alternate screen, and the saved cursor.

use super::dispatch::MOST_WORK;
use super::state::Terminal;
use super::surface::SavedState;
use crate::model::Modes;

/// Private modes that are no more than a flag for viewers and for the encoding of input.
const FLAGS: [(u16, Modes); 14] = [
    (1, Modes::APP_CURSOR),
    (5, Modes::REVERSE_SCREEN),
    (9, Modes::MOUSE_X10),
    (66, Modes::APP_KEYPAD),
    (1000, Modes::MOUSE_CLICK),
    (1002, Modes::MOUSE_DRAG),
    (1003, Modes::MOUSE_MOTION),
    (1004, Modes::FOCUS_EVENTS),
    (1005, Modes::MOUSE_UTF8),
    (1006, Modes::MOUSE_SGR),
    (1007, Modes::ALTERNATE_SCROLL),
    (1015, Modes::MOUSE_URXVT),
    (1016, Modes::MOUSE_PIXELS),
    (2004, Modes::BRACKETED_PASTE),
];

impl Terminal {
    /// DECSET and DECRST. Numbers that mean nothing here are ignored, among them DECCOLM: programs do not resize synk.
    pub(super) fn set_private_mode(&mut self, mode: u16, on: bool) {
        if let Some((_, flag)) = FLAGS.iter().find(|(n, _)| *n == mode) {
            // At most one of a kind is on. As in xterm, resetting one of them ends whichever is.
            for kind in [Modes::mouse_tracking(), Modes::mouse_encodings()] {
                if kind.has(*flag) {
                    self.modes.set(kind, false);
                }
            }
            self.modes.set(*flag, on);
            match *flag {
                Modes::FOCUS_EVENTS => self.owners.focus = None,
                flag if Modes::mouse_tracking().has(flag) => self.owners.mouse = None,
                _ => {}
            }
            return;
        }
        match mode {
            6 => {
                self.switches.origin = on;
                self.go_to(0, 0);
            }
            7 => self.switches.autowrap = on,
            12 => self.shape.blink = on,
            25 => self.switches.cursor_visible = on,
            47 => self.show_alternate(on),
            1047 => {
                if !on && self.alt {
                    self.screen.clear_rows(0..self.lines());
                }
                self.show_alternate(on);
            }
            1048 if on => self.save_cursor(),
            1048 => self.restore_cursor(),
            1049 => self.set_alternate_with_cursor(on),
            2026 => {
                // A picture is complete: whoever feeds may show it before the next one begins.
                if self.switches.hold && !on {
                    self.screen.work = MOST_WORK;
                }
                self.switches.hold = on;
            }
            _ => {}
        }
    }

    /// SM and RM.
    pub(super) fn set_ansi_mode(&mut self, mode: u16, on: bool) {
        match mode {
            4 => self.switches.insert = on,
            20 => self.switches.newline = on,
            _ => {}
        }
    }

    /// Whether a private mode is on; none for a mode that is not built.
    pub(super) fn private_mode(&self, mode: u16) -> Option<bool> {
        if let Some((_, flag)) = FLAGS.iter().find(|(n, _)| *n == mode) {
            return Some(self.modes.has(*flag));
        }
        Some(match mode {
            6 => self.switches.origin,
            7 => self.switches.autowrap,
            12 => self.shape.blink,
            25 => self.switches.cursor_visible,
            47 | 1047 | 1049 => self.alt,
            2026 => self.switches.hold,
            _ => return None,
        })
    }

    /// Whether an ANSI mode is on; none for a mode that is not built.
    pub(super) fn ansi_mode(&self, mode: u16) -> Option<bool> {
        match mode {
            4 => Some(self.switches.insert),
            20 => Some(self.switches.newline),
            _ => None,
        }
    }

    /// 47 and 1047: the other screen with its own text; the cursor stays where it is and as it is.
    fn show_alternate(&mut self, on: bool) {
        if self.alt == on {
            return;
        }
        self.hidden.grid.cursor = self.screen.grid.cursor.clone();
        self.swap_screens();
    }

    /// 1049: saves the cursor and goes to a blank alternate screen; back, the cursor is as it was saved.
    fn set_alternate_with_cursor(&mut self, on: bool) {
        if self.alt == on {
            return;
        }
        if on {
            self.save_cursor();
            self.show_alternate(true);
            self.screen.clear_rows(0..self.lines());
        } else {
            // The cursor as it was saved, which a resize may have moved with its text meanwhile.
            self.swap_screens();
            (self.gl, self.switches.origin) = (self.screen.saved.gl, self.screen.saved.origin);
        }
    }

    /// Shows the screen that was hidden. Its rows have numbers of their own.
    pub(super) fn swap_screens(&mut self) {
        std::mem::swap(&mut self.screen, &mut self.hidden);
        self.alt = !self.alt;
        self.epoch = self.epoch.wrapping_add(1);
        self.screen.changed = true;
    }

    /// DECSC: position, attributes, character sets and origin mode, for the screen that shows.
    pub(super) fn save_cursor(&mut self) {
        self.screen.grid.saved_cursor = self.screen.grid.cursor.clone();
        self.screen.saved = SavedState { gl: self.gl, origin: self.switches.origin };
    }

    /// DECRC; without a DECSC before it the cursor goes home with default attributes.
    pub(super) fn restore_cursor(&mut self) {
        let last = self.cols() - 1;
        self.screen.grid.cursor = self.screen.grid.saved_cursor.clone();
        // The screen may have grown since: a wrap is due only in the last column.
        self.screen.grid.cursor.input_needs_wrap &= self.screen.col() == last;
        (self.gl, self.switches.origin) = (self.screen.saved.gl, self.screen.saved.origin);
    }
}
