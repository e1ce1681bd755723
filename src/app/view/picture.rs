//! The whole window: the grid below, whatever lies over it above.

use std::sync::Arc;

use super::compose;
use super::help;
use super::menus;
use super::paint::{Measure, Paint};
use super::panes;
use super::search;
use crate::app::arrange::{Arrangement, Geometry};
use crate::app::core::{Notice, Overlay};
use crate::app::far::Far;
use crate::app::select::Select;
use crate::base::{PxRect, Rgb, SessionNo};
use crate::client::Mirror;
use crate::model::agent::AgentKind;
use crate::model::board::Board;
use crate::model::{Keymap, Screen, Theme};
use crate::render::{Layer, Scene};

/// What a click can hit above the panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// An entry of the menu.
    Item(usize),
    /// A panel, where a click does nothing.
    Panel,
}

/// A scene and what a click hits in it; later places lie over earlier ones.
pub struct Picture {
    pub scene: Scene,
    pub hits: Vec<(PxRect, Hit)>,
}

/// How the window stands with its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    Fine,
    /// Lost a moment ago and looked for: the last picture stays.
    Sought,
    /// Given up, for this reason.
    Lost(&'a str),
}

/// Everything that is seen.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub geometry: &'a Geometry,
    pub theme: &'a Theme,
    pub arrangement: &'a Arrangement,
    pub board: &'a Board,
    pub mirror: &'a Mirror,
    /// How the window stands with other machines.
    pub far: &'a Far,
    pub agents: &'a [AgentKind],
    pub keymap: &'a Keymap,
    pub home: Option<&'a str>,
    /// The machine whose sessions are shown, if it is not this one.
    pub machine: Option<&'a str>,
    pub focus: Option<SessionNo>,
    /// The window has the keyboard.
    pub active: bool,
    pub cursor_on: bool,
    pub zoomed: bool,
    pub select: &'a Select,
    /// Sessions that ask for attention.
    pub rang: &'a [SessionNo],
    pub overlay: &'a Overlay,
    pub notice: Option<&'a Notice>,
    pub host: Standing<'a>,
    /// The board is known: an empty grid is really empty.
    pub known: bool,
    /// What an input method is composing.
    pub composing: &'a str,
}

impl View<'_> {
    /// The draw list of this state.
    pub fn picture(&self, measure: &mut dyn Measure) -> Picture {
        let mut hits = Vec::new();
        let mut below = self.paint(measure);
        let panes = panes::draw(self, &mut below);
        if self.known && self.board.workspace.panes.is_empty() {
            help::empty(self, &mut below);
        }
        let below = below.layer;
        let mut above = self.paint(measure);
        panes::draw_composing(self, &mut above);
        match self.overlay {
            Overlay::None => {}
            Overlay::Menu(menu) => menus::draw(menu, &mut above, &mut hits),
            Overlay::Help => help::draw(self, &mut above, &mut hits),
            Overlay::Compose(edit) => compose::draw(self, edit, &mut above, &mut hits),
            Overlay::Search(search) => search::draw(self, search, &mut above, &mut hits),
        }
        match self.host {
            Standing::Fine => {}
            Standing::Sought => menus::mark("Reconnecting", &mut above),
            Standing::Lost(why) => menus::banner(why, &mut above),
        }
        // A question matters more than a notice, and in a small window there is no room for both.
        let covered = matches!(self.overlay, Overlay::Menu(_) | Overlay::Help);
        if let Some(notice) = self.notice.filter(|_| !covered) {
            menus::notice(notice, &mut above);
        }
        let above = above.layer;
        let scene = Scene { size: self.geometry.size, background: self.theme.gap, below, panes, above };
        Picture { scene, hits }
    }

    fn paint<'a>(&'a self, measure: &'a mut dyn Measure) -> Paint<'a> {
        Paint { geometry: self.geometry, theme: self.theme, measure, layer: Layer::default() }
    }

    pub(super) fn screen(&self, no: SessionNo) -> Option<&Arc<Screen>> {
        self.mirror.screen(no)
    }

    /// Whether the broadcast being written will reach this session.
    pub(super) fn is_target(&self, no: SessionNo) -> bool {
        let live = |no| self.board.session(no).is_some_and(|s| s.state != crate::model::SessionState::Stopped);
        matches!(self.overlay, Overlay::Compose(_)) && live(no)
    }

    /// The colour of a pane's frame.
    pub(super) fn frame_color(&self, no: SessionNo) -> Rgb {
        let focused = self.focus == Some(no);
        match (self.is_target(no), focused, self.active) {
            (true, ..) => self.theme.warning,
            (_, true, true) => self.theme.accent,
            (_, true, false) => self.theme.accent.mix(self.theme.header_bg, 140),
            _ => self.theme.header_bg,
        }
    }
}
