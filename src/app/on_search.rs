//! What the keys and the host do to a search that is open in a pane.

use super::connection::PasteTo;
use super::core::{Core, Overlay};
use super::event::Clip;
use super::on_host::NO_HOST;
use super::search::{Ask, Search};
use crate::base::SessionNo;
use crate::model::key::{Key, KeyEvent, Mods, NamedKey};
use crate::model::search::{Searched, Way};
use crate::model::{Action, Screen};
use crate::protocol::stream::ClientMessage;

impl Core {
    /// Opens the search of the focused pane.
    pub(super) fn open_search(&mut self) {
        let Some(no) = self.focus else { return };
        if !self.is_reached(no) {
            return self.tell(NO_HOST, true);
        }
        if !self.host_of(no).is_some_and(|(host, _)| host.can_search()) {
            return self.tell(
                "The host is of an older version, which cannot search: `synk upgrade` brings it up to date",
                true,
            );
        }
        self.select.clear();
        self.overlay = Overlay::Search(Search::new(no));
        self.dirty = true;
    }

    /// Ends the search where it is; the match is selected, to be copied.
    fn close_search(&mut self) {
        if let Overlay::Search(search) = &self.overlay {
            if let Some(span) = search.current() {
                self.select.choose(search.no, span);
            }
            self.overlay = Overlay::None;
            self.dirty = true;
        }
    }

    /// A search whose pane has lost the keyboard, or is gone, is over.
    pub(super) fn settle_search(&mut self) {
        if let Overlay::Search(search) = &self.overlay
            && (Some(search.no) != self.focus || !self.is_reached(search.no))
        {
            self.overlay = Overlay::None;
            self.dirty = true;
        }
    }

    pub(super) fn on_search_key(&mut self, event: &KeyEvent) {
        let action = self.options.keymap.action(event);
        let Overlay::Search(search) = &mut self.overlay else { return };
        self.dirty = true;
        match (event.key, action) {
            (Key::Named(NamedKey::Escape), _) => self.close_search(),
            (Key::Named(NamedKey::Enter | NamedKey::KpEnter), _) => {
                self.go(if event.mods.has(Mods::SHIFT) { Way::Down } else { Way::Up });
            }
            (Key::Named(NamedKey::Up), None) => self.go(Way::Up),
            (Key::Named(NamedKey::Down), None) => self.go(Way::Down),
            (_, Some(Action::Search)) => self.go(Way::Up),
            (_, Some(Action::Paste)) => self.read_clipboard(Clip::Clipboard, PasteTo::Written),
            (_, Some(Action::PastePrimary)) => self.read_clipboard(Clip::Primary, PasteTo::Written),
            (_, Some(Action::CloseWindow)) => {
                self.close_search();
                self.ask_to_quit();
            }
            (
                _,
                Some(
                    action @ (Action::ScrollPageUp | Action::ScrollPageDown | Action::ScrollTop | Action::ScrollBottom),
                ),
            ) => drop(self.act(action, event)),
            (Key::Char('r'), None) if event.mods.has(Mods::CTRL) => {
                search.regex = !search.regex;
                self.search_anew();
            }
            _ => {
                let before = search.edit.text().to_owned();
                search.edit.key(event);
                if search.edit.text() != before {
                    self.search_anew();
                }
            }
        }
    }

    /// Puts text into the search: a line, whatever came with it.
    pub(super) fn search_insert(&mut self, text: &str) {
        let Overlay::Search(search) = &mut self.overlay else { return };
        search.edit.insert(text.trim_start_matches(['\r', '\n']).lines().next().unwrap_or_default());
        self.search_anew();
    }

    fn search_anew(&mut self) {
        self.ask_search(Search::anew);
    }

    fn go(&mut self, way: Way) {
        self.ask_search(|search, _| search.go(way));
    }

    /// A frame has come.
    pub(super) fn search_frame(&mut self, no: SessionNo) {
        if matches!(&self.overlay, Overlay::Search(search) if search.no == no) {
            self.ask_search(|search, screen| screen.map(|screen| search.screen_changed(screen)).unwrap_or_default());
        }
    }

    /// The host has an answer.
    pub(super) fn on_searched(&mut self, no: SessionNo, request: u32, searched: Searched) {
        let Overlay::Search(search) = &mut self.overlay else { return };
        let Some(screen) = self.mirror.screen(no).filter(|_| search.no == no) else { return };
        let (asks, look) = search.answered(request, searched, screen);
        self.dirty = true;
        if let Some(at) = look {
            self.send(no, ClientMessage::View(at));
        }
        self.put_asks(no, asks);
    }

    fn ask_search(&mut self, what: impl FnOnce(&mut Search, Option<&Screen>) -> Vec<Ask>) {
        let Overlay::Search(search) = &mut self.overlay else { return };
        let no = search.no;
        let asks = what(search, self.mirror.screen(no).map(|screen| &**screen));
        self.put_asks(no, asks);
    }

    fn put_asks(&mut self, no: SessionNo, asks: Vec<Ask>) {
        for Ask { purpose, query } in asks {
            let request = self.connection.next_request();
            if let Overlay::Search(search) = &mut self.overlay {
                search.asked(purpose, request);
            }
            self.send(no, ClientMessage::Search { request, query });
        }
    }
}
