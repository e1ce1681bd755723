//! From one workspace to another, in one window.

use super::connection::Pending;
use super::core::Core;
use super::event::Call;
use super::on_host::NO_HOST;
use crate::base::SessionNo;
use crate::client::{Answer, read_result};
use crate::model::BoardEvent;
use crate::protocol::methods::ListWorkspaces;

/// Which workspace comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Next,
    Previous,
}

impl Step {
    /// The one of these behind or before it, and round at the ends; `None` when there is no other.
    fn from<'a>(self, here: &str, names: &'a [String]) -> Option<&'a String> {
        let at = names.iter().position(|name| name == here);
        let there = match (self, at) {
            (Self::Next, Some(at)) => (at + 1) % names.len(),
            (Self::Next, None) => 0,
            (Self::Previous, Some(at)) => at.checked_sub(1).unwrap_or(names.len() - 1),
            (Self::Previous, None) => names.len().checked_sub(1)?,
        };
        names.get(there).filter(|name| *name != here)
    }
}

/// The pane that had the keyboard in each workspace that the window has left.
#[derive(Debug, Default)]
pub struct FocusIn(Vec<(String, SessionNo)>);

impl FocusIn {
    fn leave(&mut self, workspace: &str, focus: Option<SessionNo>) {
        self.0.retain(|(name, _)| name != workspace);
        self.0.extend(focus.map(|no| (workspace.to_owned(), no)));
    }

    fn of(&self, workspace: &str) -> Option<SessionNo> {
        self.0.iter().find(|(name, _)| name == workspace).map(|(_, no)| *no)
    }
}

impl Core {
    /// Which workspaces there are only the host knows.
    pub(super) fn ask_for_workspaces(&mut self, step: Step) {
        if self.options.start.private {
            return self.tell("This window has a workspace of its own, which ends with it", false);
        }
        if !self.connection.is_current() {
            return self.tell(NO_HOST, true);
        }
        let id = self.call(Call::ListWorkspaces);
        self.connection.expect(id, Pending::Workspaces(step));
    }

    pub(super) fn on_workspaces(&mut self, step: Step, result: Answer) {
        let list = match read_result::<ListWorkspaces>(result) {
            Ok(list) => list,
            Err(e) => return self.tell(format!("There is no list of workspaces: {e}"), true),
        };
        let names: Vec<String> = list.workspaces.into_iter().map(|workspace| workspace.name).collect();
        // Asked for twice in a row, it goes on from the one that is on its way.
        match step.from(&self.options.start.workspace, &names) {
            Some(name) => self.show_workspace(name.clone()),
            None => self.tell("There is no other workspace: `synk workspace new NAME` makes one", false),
        }
    }

    fn show_workspace(&mut self, name: String) {
        self.options.saved_name.clone_from(&name);
        self.options.start.workspace = name;
        // A workspace is not filled by being looked at.
        self.connection.starts = false;
        self.connection.opened = false;
    }

    /// The host shows this window no other workspace.
    pub(super) fn stay_in_workspace(&mut self) {
        if self.connection.is_current() {
            self.options.saved_name.clone_from(&self.board.workspace.name);
            self.options.start.workspace.clone_from(&self.board.workspace.name);
        }
    }

    /// The grid of another workspace is about to be shown: what the window was about in the old one ends.
    pub(super) fn enter_workspace(&mut self, change: &BoardEvent) {
        let BoardEvent::Workspace(workspace) = change else { return };
        let (old, new) = (&self.board.workspace.name, &workspace.name);
        if !self.connection.is_current() || old == new {
            return;
        }
        self.focus_in.leave(old, self.focus);
        let focus = self.focus_in.of(new).filter(|no| workspace.panes.contains(no));
        let text = format!("Workspace {new}");
        self.release_held(self.focus);
        for no in self.board.workspace.panes.iter().filter(|no| !workspace.panes.contains(no)) {
            self.watch.leave(*no, &mut self.out);
            let left = self.board.session(*no).map(|session| session.id);
            left.into_iter().for_each(|id| self.connection.sent.left(id));
        }
        self.focus = focus.or(workspace.panes.first().copied());
        self.zoomed = false;
        self.ahead.clear();
        self.select.clear();
        self.pointer.drop_all();
        self.forget_mouse();
        self.close_stale_menu();
        self.tell(text, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_workspace_follows_the_other_and_round() {
        let names = ["default", "a", "b"].map(str::to_owned);
        let go = |step: Step, here| step.from(here, &names).map(String::as_str);
        assert_eq!((go(Step::Next, "default"), go(Step::Next, "b")), (Some("a"), Some("default")));
        assert_eq!((go(Step::Previous, "default"), go(Step::Previous, "b")), (Some("b"), Some("a")));
        assert_eq!((go(Step::Next, "gone"), go(Step::Previous, "gone")), (Some("default"), Some("b")));
        assert_eq!((Step::Next.from("a", &names[1..2]), Step::Previous.from("x", &[])), (None, None));
        assert_eq!(Step::Next.from("x", &[]), None);
    }

    #[test]
    fn the_last_pane_of_each_workspace_is_remembered() {
        let mut focus = FocusIn::default();
        focus.leave("a", Some(SessionNo(1)));
        focus.leave("b", Some(SessionNo(2)));
        focus.leave("a", Some(SessionNo(3)));
        assert_eq!((focus.of("a"), focus.of("b"), focus.of("c")), (Some(SessionNo(3)), Some(SessionNo(2)), None));
        focus.leave("b", None);
        assert_eq!(focus.of("b"), None);
    }
}
