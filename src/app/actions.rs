//! What the keymap's actions and the menus' entries do.

use super::connection::{PasteTo, Pending, State};
use super::core::{Core, Overlay};
use super::event::{Clip, Effect};
use super::menu::{Item, Menu, Picked, Purpose};
use super::on_host::{NO_HOST, count};
use super::saved;
use super::seek::NOT_COPIED;
use super::workspaces::Step;
use crate::base::SessionNo;
use crate::config::OnQuit;
use crate::model::agent::{self, AgentKind};
use crate::model::key::KeyEvent;
use crate::model::{Action, Direction, SessionKind, Side, ViewAt};
use crate::protocol::methods::{CreateParams, SplitParams};
use crate::protocol::stream::ClientMessage;

/// Text sizes in logical pixels: the settings' own range, and one step.
const FONT_RANGE: std::ops::RangeInclusive<f32> = 6.0..=96.0;
const FONT_STEP: f32 = 1.0;

impl Core {
    /// Does what was asked for; false where the key is to go to the program instead.
    pub(super) fn act(&mut self, action: Action, event: &KeyEvent) -> bool {
        match action {
            Action::NewShell => self.launch(agent::SHELL, None),
            Action::LaunchAgent => self.open_launcher(),
            Action::SplitRight => self.split_pane(Side::Right),
            Action::SplitDown => self.split_pane(Side::Down),
            Action::ClosePane => self.close_pane(),
            Action::Zoom => self.toggle_zoom(),
            Action::FocusLeft => self.move_focus(Direction::Left),
            Action::FocusRight => self.move_focus(Direction::Right),
            Action::FocusUp => self.move_focus(Direction::Up),
            Action::FocusDown => self.move_focus(Direction::Down),
            Action::ResizeLeft => self.nudge_edge(Direction::Left),
            Action::ResizeRight => self.nudge_edge(Direction::Right),
            Action::ResizeUp => self.nudge_edge(Direction::Up),
            Action::ResizeDown => self.nudge_edge(Direction::Down),
            Action::SwapLeft => self.swap_towards(Direction::Left),
            Action::SwapRight => self.swap_towards(Direction::Right),
            Action::SwapUp => self.swap_towards(Direction::Up),
            Action::SwapDown => self.swap_towards(Direction::Down),
            Action::Broadcast if self.passes_through() => return false,
            Action::Broadcast | Action::ForceBroadcast => self.arm_broadcast(),
            Action::Copy if self.select.selected().is_none() => return !action.falls_through(),
            Action::Copy => self.copy_selection(Clip::Clipboard),
            Action::Paste => self.paste_from(Clip::Clipboard),
            Action::PastePrimary => self.paste_from(Clip::Primary),
            Action::ScrollPageUp => self.scroll_pages(-1),
            Action::ScrollPageDown => self.scroll_pages(1),
            Action::ScrollTop => self.scroll_to_top(),
            Action::ScrollBottom => {
                if let Some(no) = self.focus {
                    self.send(no, ClientMessage::View(ViewAt::Live));
                }
            }
            Action::Search => self.open_search(),
            Action::FontBigger => self.set_font(self.font_size + FONT_STEP),
            Action::FontSmaller => self.set_font(self.font_size - FONT_STEP),
            Action::FontReset => self.set_font(self.options.font_size),
            Action::EqualizePanes => self.equalize_panes(),
            Action::NextWorkspace => self.ask_for_workspaces(Step::Next),
            Action::PreviousWorkspace => self.ask_for_workspaces(Step::Previous),
            Action::CloseWindow => self.ask_to_quit(),
            Action::KeyHelp => {
                self.overlay = Overlay::Help;
                self.dirty = true;
            }
        }
        // A repeat of the key must not reach the program half way through.
        self.held.retain(|(press, _)| press.physical != event.physical);
        true
    }

    /// Starts an agent or a shell in the next pane, or in a part of another.
    pub(super) fn launch(&mut self, id: &str, split: Option<SplitParams>) {
        if !self.connection.is_up() {
            return self.tell(NO_HOST, true);
        }
        // A directory of another machine is none here.
        let here = self.focused().filter(|s| !matches!(s.kind, SessionKind::Remote(_)));
        let cwd = here.map(|s| s.cwd.clone()).filter(|cwd| !cwd.is_empty());
        // The host knows agents by name only; what a shell is, it knows better than a file does.
        let kind = self.options.agents.iter().find(|a| a.id == id && a.id != agent::SHELL);
        let command = kind.map(|a| [std::slice::from_ref(&a.command), &a.args].concat()).unwrap_or_default();
        self.create(CreateParams { agent: Some(id.to_owned()), command, cwd, split, ..CreateParams::default() });
    }

    fn open_launcher(&mut self) {
        let known = self.options.agents.iter().filter(|a| self.options.offered.contains(&a.id));
        let item = |a: &AgentKind| Item {
            label: a.name.clone(),
            detail: a.command.clone(),
            badge: Some((a.badge.text.clone(), a.badge.color)),
            danger: false,
        };
        let items: Vec<Item> = known.map(item).collect();
        if items.is_empty() {
            return self.tell("No agent's command was found on PATH", true);
        }
        let title = "Start in the next pane".to_owned();
        self.open_menu(Menu { purpose: Purpose::Launch, title, body: Vec::new(), items, selected: 0 });
    }

    fn open_menu(&mut self, menu: Menu) {
        self.overlay = Overlay::Menu(menu);
        self.dirty = true;
    }

    fn close_pane(&mut self) {
        let Some(info) = self.focused() else { return };
        if let SessionKind::Remote(remote) = &info.kind {
            let (no, text) = (info.no, format!("{} of {} goes on there", remote.session, remote.machine));
            self.tell(text, false);
            return self.terminate(no, Pending::Quiet("The pane cannot be closed"));
        }
        let (no, program) = (info.no, info.foreground.clone());
        if program.is_empty() || !self.is_live(no) {
            return self.terminate(no, Pending::Quiet("The pane cannot be closed"));
        }
        let item = |label: &str, danger| Item { label: label.into(), detail: String::new(), badge: None, danger };
        self.open_menu(Menu {
            purpose: Purpose::ClosePane(no),
            title: "Close this pane?".into(),
            body: vec![format!("{program} is running in it and will be ended.")],
            items: vec![item("Close", true), item("Keep it", false)],
            selected: 1,
        });
    }

    /// The window is to close: asks what becomes of its sessions, where there are any and the settings leave it open.
    pub(super) fn ask_to_quit(&mut self) {
        let live = self.live_panes().len();
        let lost = self.connection.state != State::Up;
        let on_quit = if live == 0 || lost || self.options.start.private { OnQuit::Keep } else { self.options.on_quit };
        match on_quit {
            OnQuit::Keep => self.out.push(Effect::Exit),
            OnQuit::Stop => self.stop_and_leave(),
            OnQuit::Ask => {
                let item =
                    |label: &str, detail: String, danger| Item { label: label.into(), detail, badge: None, danger };
                let name = &self.options.saved_name;
                let far = self.live_panes().into_iter().any(|no| self.remote(no).is_some());
                let except = if far { "; sessions of other machines go on there" } else { "" };
                let mut items = vec![
                    item("Keep running", "They go on; the next window shows them again".into(), false),
                    item(
                        "Save and stop",
                        format!("\"synk open {name}\" brings the layout back with fresh shells"),
                        false,
                    ),
                    item("Stop without saving", format!("Everything that runs in them ends{except}"), true),
                    item("Cancel", String::new(), false),
                ];
                if !self.options.can_save {
                    items.remove(1);
                }
                if !self.options.host_stays {
                    items.remove(0);
                }
                let verb = if live == 1 { "is" } else { "are" };
                let body = vec![format!("{} {verb} running.", count(live, "session"))];
                let title = "Save session for later?".to_owned();
                self.open_menu(Menu { purpose: Purpose::Quit, title, body, items, selected: 0 });
            }
        }
    }

    pub(super) fn on_picked(&mut self, picked: Picked) {
        let Overlay::Menu(menu) = &self.overlay else { return };
        let chosen = match picked {
            Picked::Nothing => return,
            Picked::Cancelled => None,
            Picked::Chosen(at) => menu.items.get(at).map(|item| item.label.clone()),
        };
        let purpose = menu.purpose;
        self.overlay = Overlay::None;
        self.dirty = true;
        match (purpose, chosen.as_deref()) {
            (Purpose::Quit, Some("Keep running")) => self.out.push(Effect::Exit),
            (Purpose::Quit, Some("Save and stop")) => {
                let (name, session) = (self.options.saved_name.clone(), saved::from_board(&self.board));
                self.out.push(Effect::Save { name, session });
            }
            (Purpose::Quit, Some("Stop without saving")) => self.stop_and_leave(),
            (Purpose::ClosePane(no), Some("Close")) => {
                self.terminate(no, Pending::Quiet("The pane cannot be closed"));
            }
            (Purpose::Launch, Some(name)) => {
                let id = self.options.agents.iter().find(|a| a.name == name).map(|a| a.id.clone());
                if let Some(id) = id {
                    self.launch(&id, None);
                }
            }
            _ => {}
        }
    }

    pub(super) fn toggle_zoom(&mut self) {
        self.zoomed = !self.zoomed && self.board.workspace.panes.len() > 1;
        self.dirty = true;
    }

    /// Moves the keyboard to the pane that lies there. A zoomed window shows that one instead.
    fn move_focus(&mut self, direction: Direction) {
        if let Some(no) = self.beside(direction) {
            self.set_focus(no);
        }
    }

    fn set_font(&mut self, size: f32) {
        let size = size.clamp(*FONT_RANGE.start(), *FONT_RANGE.end());
        if size != self.font_size {
            self.font_size = size;
            self.out.push(Effect::FontSize(size));
        }
    }

    pub(super) fn copy_selection(&mut self, clip: Clip) {
        let Some((no, span)) = self.select.selected() else { return };
        if !self.is_reached(no) {
            // What was only selected is copied again whenever it is asked for.
            if clip == Clip::Clipboard {
                self.tell(NOT_COPIED, true);
            }
            return;
        }
        let request = self.connection.next_request();
        self.connection.texts.push((request, no, clip));
        self.send(no, ClientMessage::GetText { request, span });
    }

    pub(super) fn on_selected_text(&mut self, no: SessionNo, request: u32, text: String) {
        if let Some(at) = self.connection.texts.iter().position(|(r, of, _)| (*r, *of) == (request, no)) {
            let (.., clip) = self.connection.texts.swap_remove(at);
            self.out.push(Effect::WriteClipboard(clip, text));
        }
    }

    pub(super) fn paste_from(&mut self, clip: Clip) {
        if let Some(id) = self.focused().map(|s| s.id) {
            self.read_clipboard(clip, PasteTo::Session(id));
        }
    }

    fn scroll_pages(&mut self, pages: i32) {
        let Some(no) = self.focus else { return };
        let lines = self.mirror.screen(no).map_or(24, |s| i32::from(s.size.lines()));
        // One line stays in sight, to read on from.
        self.send(no, ClientMessage::Scroll(pages * (lines - 1).max(1)));
    }

    fn scroll_to_top(&mut self) {
        let Some(no) = self.focus else { return };
        if let Some(history) = self.mirror.screen(no).map(|s| s.history) {
            self.send(no, ClientMessage::Scroll(-(history.min(i32::MAX as u32) as i32)));
        }
    }
}
