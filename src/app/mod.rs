//! The window: one core that decides, a view that draws its state, and a thin shell of winit around both.
//!
//! ```text
//! winit, host, clipboard -> window.rs (translates) -> core.step(event, now) -> effects -> window.rs (does them)
//!                                                     core.picture() -> scene -> render
//! ```

mod actions;
mod ahead;
mod arrange;
mod clipboard;
mod connection;
mod core;
mod edit;
mod event;
mod far;
mod input;
mod key_names;
mod layout;
mod links;
mod menu;
mod mouse;
mod on_far;
mod on_host;
mod on_key;
mod on_search;
mod options;
mod pointer;
mod redraw;
mod run;
mod saved;
mod screen;
mod search;
mod seek;
mod select;
mod shown;
mod still;
mod view;
mod watch;
mod window;
mod workspaces;

pub use options::{AppError, AppOptions, Command, Start};
pub use run::run;
pub use still::{Still, graphics};
