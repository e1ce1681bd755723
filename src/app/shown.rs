//! What the window shows of its core's state.

use super::core::Core;
use super::view::{self, Measure, Picture, View};
use crate::base::PxRect;
use crate::model::Theme;

impl Core {
    /// The present state as a draw list; remembers what a click in it will hit. `None` before the window has a size.
    pub fn picture(&mut self, measure: &mut dyn Measure) -> Option<Picture> {
        let geometry = self.geometry?;
        let view = View {
            geometry: &geometry,
            theme: &self.options.theme,
            arrangement: &self.arrangement,
            board: &self.board,
            mirror: &self.mirror,
            far: &self.far,
            agents: &self.options.agents,
            keymap: &self.options.keymap,
            home: self.options.home.as_deref(),
            machine: self.options.machine.as_deref(),
            focus: self.focus,
            active: self.window_focused,
            cursor_on: self.cursor_on,
            zoomed: self.zoomed,
            select: &self.select,
            rang: &self.rang,
            overlay: &self.overlay,
            notice: self.notice.as_ref(),
            host: self.standing(),
            known: self.connection.is_known(),
            composing: &self.composing,
        };
        let picture = view.picture(measure);
        self.hits.clone_from(&picture.hits);
        Some(picture)
    }

    pub fn theme(&self) -> &Theme {
        &self.options.theme
    }

    /// Where an input method shows its list: the cursor of the focused pane.
    pub fn ime_place(&self) -> Option<PxRect> {
        let pane = self.arrangement.pane(self.focus?)?;
        Some(view::cursor_rect(pane, self.mirror.screen(pane.no)?, self.geometry?.cell))
    }
}
