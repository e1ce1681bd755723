//! A picture of the grid as a window would show it, without a window and without a display.

use std::path::Path;

use super::arrange::{Arrangement, Geometry};
use super::core::Overlay;
use super::far::Far;
use super::options::AppError;
use super::select::Select;
use super::view::{Standing, View};
use crate::base::{GridSize, PxSize, SessionNo};
use crate::client::Mirror;
use crate::model::agent::AgentKind;
use crate::model::board::{Board, Workspace};
use crate::model::{Keymap, Theme};
use crate::render::{FontOptions, Gpu, Image, OffscreenTarget, Renderer};

/// Name and kind of the graphics adapter that would draw.
///
/// # Errors
/// [`AppError::NoGraphics`] when there is none, or none that works.
pub fn graphics() -> Result<String, AppError> {
    Gpu::headless().map(|gpu| gpu.describe()).map_err(|e| AppError::NoGraphics(e.to_string()))
}

/// Graphics without a window, with everything that the view needs to know.
pub struct Still {
    gpu: Gpu,
    renderer: Renderer,
    size: PxSize,
    theme: Theme,
    agents: Vec<AgentKind>,
    home: Option<String>,
}

impl Still {
    /// Prepares a picture of `size` pixels; terminal text has `font_size` pixels.
    ///
    /// # Errors
    /// [`AppError::NoGraphics`] when there is no adapter or no font.
    pub fn new(
        size: PxSize,
        font: (Option<String>, f32),
        theme: Theme,
        agents: Vec<AgentKind>,
        home: Option<String>,
    ) -> Result<Self, AppError> {
        let fail = |why: String| AppError::NoGraphics(why);
        let gpu = Gpu::headless().map_err(|e| fail(e.to_string()))?;
        let font = FontOptions { family: font.0, px: font.1, ..FontOptions::default() };
        let renderer = Renderer::new(&gpu, OffscreenTarget::FORMAT, &font).map_err(|e| fail(e.to_string()))?;
        Ok(Self { gpu, renderer, size, theme, agents, home })
    }

    /// The size in cells that each pane of a workspace has in the picture.
    pub fn grids(&self, workspace: &Workspace) -> Vec<(SessionNo, GridSize)> {
        let arrangement = Arrangement::new(&self.geometry(), workspace, None);
        arrangement.panes.iter().map(|pane| (pane.no, pane.grid)).collect()
    }

    /// One terminal cell, in pixels.
    pub fn cell(&self) -> PxSize {
        self.renderer.cell_size()
    }

    /// Draws the grid with these screens into a PNG file; the first pane has the focus.
    ///
    /// # Errors
    /// A sentence for people: the picture cannot be read back, or the file cannot be written.
    pub fn write_png(&mut self, board: &Board, mirror: &Mirror, path: &Path) -> Result<(), String> {
        let image = self.draw(board, mirror).map_err(|e| e.to_string())?;
        image.write_png(path).map_err(|e| format!("cannot write {}: {e}", path.display()))
    }

    fn draw(&mut self, board: &Board, mirror: &Mirror) -> Result<Image, AppError> {
        let geometry = self.geometry();
        let view = View {
            geometry: &geometry,
            theme: &self.theme,
            arrangement: &Arrangement::new(&geometry, &board.workspace, None),
            board,
            mirror,
            far: &Far::default(),
            agents: &self.agents,
            keymap: &Keymap::default(),
            home: self.home.as_deref(),
            machine: None,
            focus: board.workspace.panes.first().copied(),
            active: true,
            cursor_on: true,
            zoomed: false,
            select: &Select::default(),
            rang: &[],
            overlay: &Overlay::None,
            notice: None,
            host: Standing::Fine,
            known: true,
            composing: "",
        };
        let scene = view.picture(self.renderer.fonts()).scene;
        let target = OffscreenTarget::new(&self.gpu, self.size);
        self.renderer.draw(&self.gpu, target.view(), &scene, &self.theme);
        target.read(&self.gpu).map_err(|e| AppError::NoGraphics(e.to_string()))
    }

    fn geometry(&self) -> Geometry {
        Geometry { size: self.size, cell: self.renderer.cell_size(), scale: 1.0 }
    }
}
