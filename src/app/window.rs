//! The window itself: translates what winit says into events of the core and does what the core asks for. Decides
//! nothing. Runs on the main thread, as winit wants it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use winit::application::ApplicationHandler;
use winit::dpi::{LogicalSize, PhysicalPosition, PhysicalSize};
use winit::event::{Ime, StartCause, WindowEvent};
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoopProxy};
use winit::window::{CursorIcon, UserAttentionType, Window, WindowAttributes, WindowId};

use super::arrange::Geometry;
use super::clipboard::Clipboards;
use super::core::Core;
use super::event::{CursorKind, Effect, Event, Pointer};
use super::input;
use super::links::Links;
use super::options::AppError;
use super::screen::{Drawn, Screen, inner_size};
use super::view::Picture;
use crate::base::PxPoint;
use crate::client::Update;
use crate::config::saved;
use crate::model::mouse::{MouseButton, MouseKind};
use crate::model::session_kind::SshTarget;
use crate::render::FontOptions;

/// The size of a new window, in logical pixels.
const SIZE: LogicalSize<u32> = LogicalSize::new(1200, 800);
/// In a smaller one the question at the end has no room.
const MIN_SIZE: LogicalSize<u32> = LogicalSize::new(420, 300);

/// The window's title unless it shows another machine, and the class by which a desktop finds its entry and its icon.
pub(super) const NAME: &str = "synk";

/// What other threads tell the window.
pub enum Told {
    /// What comes from the window's own host, or from that of another machine.
    Host(Option<SshTarget>, u32, Box<Update>),
    Clipboard(u32, Result<String, String>),
}

/// The window's handler.
pub struct Shell {
    core: Core,
    links: Links,
    clipboards: Clipboards,
    sessions_dir: Option<std::path::PathBuf>,
    title: String,
    font_family: Option<String>,
    /// Text size in logical pixels.
    font_size: f32,
    window: Option<Arc<Window>>,
    screen: Option<Screen>,
    keyboard: input::Keyboard,
    pointer: PxPoint,
    /// Why the window ended early.
    pub failed: Option<AppError>,
}

impl Shell {
    pub fn new(core: Core, links: Links, proxy: EventLoopProxy<Told>, font: (Option<String>, f32)) -> Self {
        let deliver = move |ticket, text| proxy.send_event(Told::Clipboard(ticket, text)).unwrap_or_default();
        Self {
            core,
            links,
            clipboards: Clipboards::new(Box::new(deliver)),
            sessions_dir: None,
            title: NAME.into(),
            font_family: font.0,
            font_size: font.1,
            window: None,
            screen: None,
            keyboard: input::Keyboard::default(),
            pointer: PxPoint::default(),
            failed: None,
        }
    }

    pub fn with_title(mut self, title: String) -> Self {
        self.title = title;
        self
    }

    pub fn with_sessions_dir(mut self, dir: Option<std::path::PathBuf>) -> Self {
        self.sessions_dir = dir;
        self
    }

    /// Begins to connect; the window need not exist yet.
    pub fn connect_first(&mut self) {
        let effect = self.core.begin();
        self.links.run(effect);
    }

    fn step(&mut self, event: Event, target: &ActiveEventLoop) {
        for effect in self.core.step(event, Instant::now()) {
            self.run(effect, target);
        }
    }

    fn run(&mut self, effect: Effect, target: &ActiveEventLoop) {
        match effect {
            Effect::Connect { .. }
            | Effect::Call(..)
            | Effect::Send(..)
            | Effect::Doubt
            | Effect::Far(..)
            | Effect::LeaveFar(_) => self.links.run(effect),
            Effect::Draw => {
                if let Some(window) = &self.window {
                    window.request_redraw();
                }
            }
            Effect::ReadClipboard(ticket, clip) => self.clipboards.read(ticket, clip),
            Effect::WriteClipboard(clip, text) => self.clipboards.write(clip, text),
            Effect::FontSize(size) => {
                self.font_size = size;
                self.set_font(target);
            }
            Effect::Cursor(kind) => {
                if let Some(window) = &self.window {
                    window.set_cursor(cursor_icon(kind));
                }
            }
            Effect::Save { name, session } => {
                let outcome = match &self.sessions_dir {
                    Some(dir) => saved::save(dir, &name, &session).map_err(|e| e.to_string()),
                    None => Err("there is no place for saved sessions".to_owned()),
                };
                self.step(Event::Saved(outcome), target);
            }
            Effect::Attention => {
                if let Some(window) = &self.window {
                    window.request_user_attention(Some(UserAttentionType::Informational));
                }
            }
            Effect::Exit => target.exit(),
        }
    }

    fn open(&mut self, target: &ActiveEventLoop) -> Result<(), AppError> {
        let attributes = Window::default_attributes().with_title(&self.title);
        let attributes = named(attributes.with_inner_size(SIZE).with_min_inner_size(MIN_SIZE));
        let window = target.create_window(attributes).map_err(|e| AppError::NoWindow(e.to_string()))?;
        let window = Arc::new(window);
        window.set_ime_allowed(true);
        let px = self.font_size * window.scale_factor() as f32;
        let font = FontOptions { family: self.font_family.clone(), px, ..FontOptions::default() };
        let screen = Screen::new(Arc::clone(&window), target.owned_display_handle(), font);
        self.screen = Some(screen.map_err(AppError::NoGraphics)?);
        if let Some(millihertz) = window.current_monitor().and_then(|m| m.refresh_rate_millihertz()) {
            // Three quarters of a refresh: a frame that is asked for a little early still makes it.
            self.core.set_frame_interval(Duration::from_micros(750_000_000 / u64::from(millihertz.max(1000))));
        }
        self.window = Some(window);
        self.tell_geometry(target);
        Ok(())
    }

    fn tell_geometry(&mut self, target: &ActiveEventLoop) {
        let (Some(window), Some(screen)) = (&self.window, &self.screen) else { return };
        let (size, scale) = (inner_size(window), window.scale_factor() as f32);
        let geometry = Geometry { size, cell: screen.cell_size(), scale };
        self.step(Event::Geometry(geometry), target);
    }

    fn set_font(&mut self, target: &ActiveEventLoop) {
        if let (Some(window), Some(screen)) = (&self.window, &mut self.screen) {
            screen.set_font_px(self.font_size * window.scale_factor() as f32);
        }
        self.tell_geometry(target);
    }

    fn draw(&mut self, target: &ActiveEventLoop) {
        let Some(screen) = &mut self.screen else { return };
        let Some(Picture { scene, .. }) = self.core.picture(screen.fonts()) else { return };
        let drawn = screen.draw(&scene, self.core.theme());
        match drawn {
            Ok(Drawn::Yes) => self.step(Event::Drawing, target),
            Ok(Drawn::Later) => self.step(Event::NotDrawn { hidden: false }, target),
            Ok(Drawn::Hidden) => self.step(Event::NotDrawn { hidden: true }, target),
            Err(why) => {
                self.failed = Some(AppError::NoGraphics(why));
                target.exit();
            }
        }
        self.place_ime();
    }

    /// Input methods show their lists beside the cursor.
    fn place_ime(&self) {
        if let (Some(window), Some(at)) = (&self.window, self.core.ime_place()) {
            window.set_ime_cursor_area(PhysicalPosition::new(at.x, at.y), PhysicalSize::new(at.w, at.h));
        }
    }

    fn pointer(&self, kind: MouseKind, button: MouseButton) -> Event {
        Event::Pointer(Pointer { kind, button, mods: self.keyboard.mods(), at: self.pointer })
    }

    fn translate(&mut self, event: WindowEvent) -> Option<Event> {
        Some(match event {
            WindowEvent::CloseRequested => Event::CloseAsked,
            WindowEvent::Focused(on) => {
                self.keyboard.let_go();
                Event::Focused(on)
            }
            WindowEvent::ModifiersChanged(mods) => {
                self.keyboard.changed(mods.state());
                return None;
            }
            // winit makes up presses of what is already down when the window gets the keyboard.
            WindowEvent::KeyboardInput { is_synthetic: true, .. } => return None,
            WindowEvent::KeyboardInput { event, .. } => Event::Key(self.keyboard.key(&event)?),
            WindowEvent::Ime(Ime::Preedit(text, _)) => Event::Composing(text),
            WindowEvent::Ime(Ime::Commit(text)) => Event::Composed(text),
            WindowEvent::Ime(Ime::Disabled) => Event::Composing(String::new()),
            WindowEvent::CursorMoved { position, .. } => {
                self.pointer = PxPoint { x: position.x as i32, y: position.y as i32 };
                self.pointer(MouseKind::Motion, MouseButton::None)
            }
            WindowEvent::MouseInput { state, button, .. } => {
                let kind = if state.is_pressed() { MouseKind::Press } else { MouseKind::Release };
                self.pointer(kind, input::button(button))
            }
            WindowEvent::MouseWheel { delta, .. } => {
                let cell = self.screen.as_ref().map_or(crate::base::PxSize { w: 8, h: 16 }, |s| s.cell_size());
                Event::Wheel { turned: input::wheel(delta, cell), mods: self.keyboard.mods(), at: self.pointer }
            }
            _ => return None,
        })
    }
}

/// X11's class and Wayland's application id; elsewhere windows have neither.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn named(attributes: WindowAttributes) -> WindowAttributes {
    let attributes = winit::platform::x11::WindowAttributesExtX11::with_name(attributes, NAME, NAME);
    winit::platform::wayland::WindowAttributesExtWayland::with_name(attributes, NAME, NAME)
}

#[cfg(not(all(unix, not(target_vendor = "apple"))))]
fn named(attributes: WindowAttributes) -> WindowAttributes {
    attributes
}

fn cursor_icon(kind: CursorKind) -> CursorIcon {
    match kind {
        CursorKind::Arrow => CursorIcon::Default,
        CursorKind::Text => CursorIcon::Text,
        CursorKind::Hand => CursorIcon::Pointer,
        CursorKind::ResizeColumns => CursorIcon::ColResize,
        CursorKind::ResizeRows => CursorIcon::RowResize,
    }
}

impl ApplicationHandler<Told> for Shell {
    fn resumed(&mut self, target: &ActiveEventLoop) {
        if self.window.is_none()
            && let Err(e) = self.open(target)
        {
            self.failed = Some(e);
            target.exit();
        }
    }

    fn new_events(&mut self, target: &ActiveEventLoop, cause: StartCause) {
        if matches!(cause, StartCause::ResumeTimeReached { .. }) {
            self.step(Event::Tick, target);
        }
    }

    fn user_event(&mut self, target: &ActiveEventLoop, told: Told) {
        let event = match told {
            Told::Host(machine, attempt, update) => self.links.told(machine, attempt, *update),
            Told::Clipboard(ticket, text) => Event::Clipboard(ticket, text),
        };
        self.step(event, target);
    }

    fn window_event(&mut self, target: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        match event {
            WindowEvent::RedrawRequested => self.draw(target),
            WindowEvent::Resized(size) => {
                if let Some(screen) = &mut self.screen {
                    screen.resize(crate::base::PxSize { w: size.width, h: size.height });
                }
                self.tell_geometry(target);
            }
            WindowEvent::ScaleFactorChanged { .. } => self.set_font(target),
            WindowEvent::Occluded(false) => self.tell_geometry(target),
            event => {
                if let Some(event) = self.translate(event) {
                    self.step(event, target);
                }
            }
        }
    }

    fn about_to_wait(&mut self, target: &ActiveEventLoop) {
        target.set_control_flow(self.core.deadline().map_or(ControlFlow::Wait, ControlFlow::WaitUntil));
    }
}
