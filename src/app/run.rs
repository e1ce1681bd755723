//! The way into the window: from options to an event loop and back.

use std::time::Instant;

use winit::event_loop::EventLoop;

use super::core::{Core, CoreOptions};
use super::links::Links;
use super::options::{AppError, AppOptions};
use super::window::{NAME, Shell, Told};

/// Opens a window and runs it until it is closed. Has to be called on the main thread, once in a process.
///
/// # Errors
/// [`AppError`], each one sentence for people: no display, no window, nothing to draw with.
pub fn run(options: AppOptions) -> Result<(), AppError> {
    let event_loop = EventLoop::<Told>::with_user_event().build().map_err(|e| AppError::NoDisplay(e.to_string()))?;
    let font = (options.settings.font_family.clone(), options.settings.font_size);
    let notices = options.notices.join("  ·  ");
    let home = options.home.as_ref().map(|home| home.to_string_lossy().into_owned());
    let title = options.machine.as_ref().map_or_else(|| NAME.to_owned(), |machine| format!("{NAME} - {machine}"));
    let core = CoreOptions {
        start: options.start,
        keymap: options.keymap,
        theme: options.theme,
        agents: options.agents,
        offered: options.offered,
        saved_name: options.saved_name,
        host_stays: options.host_stays,
        can_save: options.sessions_dir.is_some(),
        home,
        machine: options.machine,
        font_size: options.settings.font_size,
        cursor_blink: options.settings.cursor_blink,
        on_quit: options.settings.ask_on_quit,
    };
    let mut core = Core::new(core, Instant::now());
    if !notices.is_empty() {
        core.tell(notices, true);
    }
    let links = Links::new(options.connector, options.dial, event_loop.create_proxy());
    let shell = Shell::new(core, links, event_loop.create_proxy(), font);
    let mut shell = shell.with_title(title).with_sessions_dir(options.sessions_dir);
    shell.connect_first();
    event_loop.run_app(&mut shell).map_err(|e| AppError::NoWindow(e.to_string()))?;
    match shell.failed.take() {
        Some(failed) => Err(failed),
        None => Ok(()),
    }
}
