//! The dispatch: what parsed output does to the two screens, the modes, the tabs, the colours and the history.
//!
//! One struct, [`Terminal`], is the whole state; each file adds the functions of one subject. The grid is
//! `alacritty_terminal`'s, kept without history of its own: rows that leave go to [`super::history`].

mod asked;
mod charset;
mod color;
mod command;
mod dispatch;
mod edit;
mod link;
mod mode;
mod motion;
mod note;
mod osc;
mod reply;
mod resize;
mod sgr;
mod state;
mod surface;
mod tabs;
mod text;
mod title;
mod width;

pub(super) use asked::{KeyStack, Owners};
pub(super) use charset::SETS;
pub(super) use command::Command;
pub(super) use dispatch::Dispatch;
pub(super) use link::Links;
pub(super) use note::{Content, RowNote, WIDE_OR_GAP};
pub(super) use sgr::NAMED;
pub(super) use state::{Shape, Switches, Terminal};
pub(super) use surface::{SavedState, Surface, recycle};
pub(super) use tabs::Tabs;
pub(super) use text::MAX_MARKS;
pub(super) use title::Titles;
