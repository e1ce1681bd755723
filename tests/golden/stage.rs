//! A stage for golden images: one pane with rows written cell by cell, and the comparison.

use std::path::Path;
use std::sync::Arc;

use crate::device::{fonts, with_gpu};
use synk::base::{GridSize, PxRect, PxSize, Rgb};
use synk::model::{Attrs, Cell, Color, Row, Screen, Style, Theme, Width};
use synk::render::{FrameStats, Image, OffscreenTarget, PaneScene, Renderer, Scene};

/// Largest difference of a channel that does not count: drivers round differently.
pub const TOLERANCE: u8 = 2;

pub fn style(fg: Color, attrs: Attrs) -> Style {
    Style { fg, attrs, ..Style::default() }
}

/// What a test changes in the scene before it is drawn.
pub type Direct = Box<dyn Fn(&mut Scene, &mut Renderer)>;

/// One pane on a background that is not its own.
pub struct Stage {
    pub screen: Screen,
    pub theme: Theme,
    pub px: f32,
    pub direct: Direct,
    rows: Vec<Row>,
}

impl Stage {
    pub fn new(cols: u16, lines: u16) -> Self {
        let size = GridSize::clamped(cols, lines);
        Self {
            screen: Screen::blank(size),
            theme: Theme::default(),
            px: 15.0,
            direct: Box::new(|_, _| ()),
            rows: vec![Row::default(); usize::from(size.lines())],
        }
    }

    /// Writes narrow characters.
    pub fn text(&mut self, line: u16, col: u16, text: &str, style: Style) {
        for (i, ch) in text.chars().enumerate() {
            self.put(line, col + i as u16, Cell { ch, style, width: Width::Narrow });
        }
    }

    /// Writes one cell.
    pub fn put(&mut self, line: u16, col: u16, cell: Cell) {
        let cells = &mut self.rows[usize::from(line)].cells;
        if cells.len() <= usize::from(col) {
            cells.resize(usize::from(col) + 1, Cell::BLANK);
        }
        cells[usize::from(col)] = cell;
    }

    /// Writes a cluster that is two cells wide, with what combines with its character.
    pub fn wide(&mut self, line: u16, col: u16, cluster: &str, style: Style) {
        self.cluster(line, col, cluster, style);
        self.rows[usize::from(line)].cells[usize::from(col)].width = Width::Wide;
        self.put(line, col + 1, Cell { ch: ' ', style, width: Width::Spacer });
    }

    /// Writes a cluster that is one cell wide.
    pub fn cluster(&mut self, line: u16, col: u16, cluster: &str, style: Style) {
        let mut chars = cluster.chars();
        let ch = chars.next().expect("a cluster has a character");
        self.put(line, col, Cell { ch, style, width: Width::Narrow });
        if !chars.as_str().is_empty() {
            self.rows[usize::from(line)].marks.push((col, chars.as_str().into()));
        }
    }

    /// The screen as it is now.
    pub fn screen(&self) -> Arc<Screen> {
        let mut screen = self.screen.clone();
        screen.rows = self.rows.iter().cloned().map(Arc::new).collect();
        Arc::new(screen)
    }

    /// The scene: the pane with 4 pixels around it.
    pub fn scene(&self, cell: PxSize) -> Scene {
        let (w, h) = (cell.w * u32::from(self.screen.size.cols()), cell.h * u32::from(self.screen.size.lines()));
        let pane = PaneScene {
            key: 1,
            area: PxRect::new(4, 4, w, h),
            screen: self.screen(),
            focused: true,
            cursor_on: true,
            selection: None,
            marks: Vec::new(),
            dim: false,
        };
        let size = PxSize { w: w + 8, h: h + 8 };
        Scene { size, background: Rgb::new(60, 0, 60), panes: vec![pane], ..Scene::default() }
    }

    /// Draws it.
    pub fn draw(&self) -> (Image, FrameStats) {
        with_gpu(|gpu| {
            let mut renderer =
                Renderer::new(gpu, OffscreenTarget::FORMAT, &fonts(self.px)).expect("the fonts are there");
            let mut scene = self.scene(renderer.cell_size());
            (self.direct)(&mut scene, &mut renderer);
            let target = OffscreenTarget::new(gpu, scene.size);
            let stats = renderer.draw(gpu, target.view(), &scene, &self.theme);
            (target.read(gpu).expect("the device gives its pixels"), stats)
        })
    }

    /// Draws it and compares it with the picture of that name, or makes that picture.
    pub fn golden(&self, name: &str) {
        let (image, _) = self.draw();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.png"));
        if std::env::var_os("SYNK_BLESS").is_some() {
            image.write_png(&path).expect("the picture can be written");
            return;
        }
        let golden = Image::read_png(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        if let Err(what) = compare(&golden, &image) {
            let wrong = std::env::temp_dir().join(format!("synk-golden-{name}.png"));
            image.write_png(&wrong).expect("the picture can be written");
            panic!("{name}: {what}; what was drawn is in {}", wrong.display());
        }
    }
}

/// Whether two pictures are the same but for rounding.
pub fn compare(golden: &Image, drawn: &Image) -> Result<(), String> {
    if golden.size != drawn.size {
        return Err(format!("the size is {:?} instead of {:?}", drawn.size, golden.size));
    }
    let off = |(a, b): (&u8, &u8)| a.abs_diff(*b) > TOLERANCE;
    let wrong: Vec<usize> = golden
        .rgba
        .chunks(4)
        .zip(drawn.rgba.chunks(4))
        .enumerate()
        .filter(|(_, (a, b))| a.iter().zip(*b).any(off))
        .map(|(i, _)| i)
        .collect();
    let Some(&first) = wrong.first() else { return Ok(()) };
    let (x, y) = (first as u32 % golden.size.w, first as u32 / golden.size.w);
    Err(format!(
        "{} pixels differ, the first at {x},{y}: {} instead of {}",
        wrong.len(),
        drawn.pixel(x, y),
        golden.pixel(x, y)
    ))
}
