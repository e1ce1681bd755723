//! What a frame costs: only what changed is encoded, uploaded, shaped; and no scene, however odd, is fatal.

#[path = "golden/device.rs"]
mod device;

use std::sync::Arc;

use device::{fonts, with_gpu};
use synk::base::{GridSize, PxPoint, PxRect, PxSize, Rgb};
use synk::model::{Cursor, CursorShape, Row, Screen, Theme};
use synk::render::{
    CellPos, FrameStats, Gpu, GpuError, Image, OffscreenTarget, PaneScene, Quad, Renderer, Scene, Selection, TextLine,
};

/// A renderer with a target, to draw one scene after another.
struct Bench<'a> {
    gpu: &'a Gpu,
    renderer: Renderer,
    target: OffscreenTarget,
    theme: Theme,
}

impl<'a> Bench<'a> {
    fn new(gpu: &'a Gpu, size: PxSize) -> Self {
        let renderer = Renderer::new(gpu, OffscreenTarget::FORMAT, &fonts(15.0)).expect("the fonts are there");
        Self { gpu, renderer, target: OffscreenTarget::new(gpu, size), theme: Theme::default() }
    }

    /// Rows uploaded, glyphs rasterised, shaped.
    fn draw(&mut self, scene: &Scene) -> (u32, u32, u32) {
        let FrameStats { rows_uploaded, glyphs_rasterised, shaped, .. } =
            self.renderer.draw(self.gpu, self.target.view(), scene, &self.theme);
        (rows_uploaded, glyphs_rasterised, shaped)
    }

    fn image(&self) -> Image {
        self.target.read(self.gpu).expect("the device gives its pixels")
    }

    /// The picture that a renderer makes that has drawn nothing else before.
    fn fresh(&self, scene: &Scene) -> Image {
        let mut other = Bench::new(self.gpu, self.target.size());
        other.theme = self.theme.clone();
        other.draw(scene);
        other.image()
    }
}

const SIZE: PxSize = PxSize { w: 400, h: 200 };

fn screen(lines: &[&str]) -> Screen {
    let mut screen = Screen::blank(GridSize::clamped(40, lines.len() as u16));
    screen.rows = lines.iter().map(|l| Arc::new(Row::from(*l))).collect();
    screen
}

fn pane(key: u32, area: PxRect, screen: &Screen) -> PaneScene {
    let screen = Arc::new(screen.clone());
    PaneScene { key, area, screen, focused: true, cursor_on: true, selection: None, marks: Vec::new(), dim: false }
}

fn scene(panes: Vec<PaneScene>) -> Scene {
    Scene { size: SIZE, background: Rgb::new(9, 9, 9), panes, ..Scene::default() }
}

const AREA: PxRect = PxRect { x: 10, y: 10, w: 380, h: 180 };

#[test]
fn one_changed_row_uploads_one_row_and_shapes_nothing() {
    with_gpu(|gpu| {
        let mut bench = Bench::new(gpu, SIZE);
        let mut now = screen(&["hello", "world", "", "$ "]);
        let (rows, rasterised, shaped) = bench.draw(&scene(vec![pane(1, AREA, &now)]));
        assert_eq!((rows, rasterised, shaped), (4, 8, 8), "h e l o w r d $");
        assert_eq!(bench.draw(&scene(vec![pane(1, AREA, &now)])), (0, 0, 0));
        now.rows[3] = Arc::new(Row::from("$ hello world"));
        assert_eq!(bench.draw(&scene(vec![pane(1, AREA, &now)])), (1, 0, 0));
        // The host may send what is there already.
        now.rows[1] = Arc::new(Row::from("world"));
        assert_eq!(bench.draw(&scene(vec![pane(1, AREA, &now)])), (0, 0, 0));
        let last = scene(vec![pane(1, AREA, &now)]);
        assert_eq!(bench.image(), bench.fresh(&last));
    });
}

#[test]
fn cursor_selection_focus_and_place_upload_no_row() {
    with_gpu(|gpu| {
        let mut bench = Bench::new(gpu, SIZE);
        let mut now = screen(&["hello", "world"]);
        bench.draw(&scene(vec![pane(1, AREA, &now)]));
        now.cursor = Cursor { line: 1, col: 2, shape: CursorShape::Block, blink: true, visible: true };
        let mut changed = pane(1, PxRect { x: 30, ..AREA }, &now);
        changed.selection = Some(Selection { from: CellPos::default(), to: CellPos { line: 1, col: 1 }, block: false });
        changed.dim = true;
        assert_eq!(bench.draw(&scene(vec![changed.clone()])), (0, 0, 0));
        assert_eq!(bench.image(), bench.fresh(&scene(vec![changed.clone()])));
        let shown = bench.image();
        changed.cursor_on = false;
        assert_eq!(bench.draw(&scene(vec![changed])), (0, 0, 0));
        assert_ne!(bench.image(), shown);
    });
}

#[test]
fn theme_font_and_grid_changes_make_all_rows_anew() {
    with_gpu(|gpu| {
        let mut bench = Bench::new(gpu, SIZE);
        let now = screen(&["hello", "world"]);
        bench.draw(&scene(vec![pane(1, AREA, &now)]));
        bench.theme.fg = Rgb::new(255, 0, 0);
        assert_eq!(bench.draw(&scene(vec![pane(1, AREA, &now)])), (2, 0, 0));
        let before = bench.renderer.cell_size();
        bench.renderer.set_font(30.0);
        assert!(bench.renderer.cell_size().w > before.w);
        assert_eq!(bench.draw(&scene(vec![pane(1, AREA, &now)])), (2, 7, 7));
        bench.renderer.set_font(15.0);
        assert_eq!(bench.renderer.cell_size(), before);
        let taller = screen(&["hello", "world", "again"]);
        assert_eq!(bench.draw(&scene(vec![pane(1, AREA, &taller)])).0, 3);
        assert_eq!(bench.image(), bench.fresh(&scene(vec![pane(1, AREA, &taller)])));
    });
}

#[test]
fn a_pane_out_of_sight_is_kept_for_a_while_and_then_dropped() {
    with_gpu(|gpu| {
        let mut bench = Bench::new(gpu, SIZE);
        let shown = scene(vec![pane(1, AREA, &screen(&["hello", "world"]))]);
        bench.draw(&shown);
        for _ in 0..20 {
            bench.draw(&scene(vec![]));
        }
        assert_eq!(bench.draw(&shown).0, 0);
        for _ in 0..200 {
            bench.draw(&scene(vec![]));
        }
        assert_eq!(bench.draw(&shown), (2, 0, 0));
    });
}

#[test]
fn chrome_is_laid_out_only_when_it_changes() {
    with_gpu(|gpu| {
        let mut bench = Bench::new(gpu, SIZE);
        let line = |text: &str, y| TextLine {
            pos: PxPoint { x: 0, y },
            clip: PxRect::new(0, 0, 400, 200),
            text: text.into(),
            px: 14.0,
            color: Rgb::new(255, 255, 255),
            bold: false,
            mono: false,
        };
        let mut now = scene(vec![]);
        now.below.texts = vec![line("one", 0), line("two", 20)];
        assert_eq!(bench.draw(&now).2, 2);
        assert_eq!(bench.draw(&now).2, 0);
        // Moved, not reworded; and a new one in the other layer.
        now.below.texts.swap(0, 1);
        now.above.texts = vec![line("three", 40)];
        assert_eq!(bench.draw(&now).2, 1);
        assert_eq!(bench.image(), bench.fresh(&now));
    });
}

/// More glyphs than fit: no frame shows a wrong one, neither of those that stay nor of one that comes back.
#[test]
fn an_overflowing_atlas_shows_no_wrong_glyph() {
    with_gpu(|gpu| {
        let mut bench = Bench::new(gpu, SIZE);
        // A size at which few glyphs fill a page.
        bench.renderer.set_font(190.0);
        let (left, right) = (PxRect::new(0, 0, 200, 200), PxRect::new(200, 0, 200, 200));
        // Characters that no font has are drawn too, and each is a picture of its own.
        let filler = |first: u32| {
            let text: String = (first..first + 40).filter_map(char::from_u32).collect();
            pane(2, right, &screen(&[&text]))
        };
        let comes_back = pane(2, right, &screen(&["--"]));
        bench.draw(&scene(vec![comes_back.clone()]));
        for first in (0xf0000..0xf0100).step_by(40) {
            bench.draw(&scene(vec![filler(first)]));
        }
        let stays = pane(1, left, &screen(&["Hi"]));
        bench.draw(&scene(vec![stays.clone(), filler(0xf0000)]));
        let whole = bench.image();
        let left_half = |i: &Image| -> Vec<u8> { i.rgba.chunks(1600).flat_map(|row| row[..800].to_vec()).collect() };
        for first in (0xf0200..0xf0e00).step_by(40) {
            bench.draw(&scene(vec![stays.clone(), filler(first)]));
            assert!(left_half(&bench.image()) == left_half(&whole), "at {first:x}");
        }
        let last = scene(vec![stays, comes_back]);
        assert_eq!(bench.draw(&last).1, 1, "it had to give way");
        let shown = bench.image();
        let mut fresh = Bench::new(gpu, SIZE);
        fresh.renderer.set_font(190.0);
        fresh.draw(&last);
        assert!(shown == fresh.image());
    });
}

#[test]
fn odd_sizes_are_not_fatal() {
    with_gpu(|gpu| {
        for size in [PxSize { w: 1, h: 1 }, PxSize { w: 0, h: 0 }, PxSize { w: 3, h: 500 }] {
            let mut bench = Bench::new(gpu, size);
            let mut full = screen(&["hello", "world"]);
            full.cursor = Cursor { line: 9, col: 999, shape: CursorShape::Bar, blink: false, visible: true };
            let areas = [
                PxRect::default(),
                PxRect::new(-100, -100, 50, 50),
                PxRect::new(i32::MAX, i32::MAX, u32::MAX, u32::MAX),
                PxRect::new(0, 0, 1, 1),
                PxRect::new(-5, -5, 5000, 5000),
            ];
            let panes = (0..).zip(areas).map(|(key, area)| pane(key, area, &full)).collect();
            let mut now = Scene { size, ..scene(panes) };
            now.above.rects = areas.map(|rect| Quad { rect, color: Rgb::default(), alpha: 9, radius: 99 }).to_vec();
            for scene in [&Scene::default(), &now, &scene(vec![])] {
                bench.draw(scene);
                bench.image();
            }
        }
    });
}

#[test]
fn the_largest_grid_is_drawn() {
    with_gpu(|gpu| {
        let mut bench = Bench::new(gpu, SIZE);
        let mut huge = Screen::blank(GridSize::clamped(1000, 500));
        let row = Arc::new(Row::from("x".repeat(1000).as_str()));
        huge.rows = vec![row; 500];
        assert_eq!(bench.draw(&scene(vec![pane(1, AREA, &huge)])).0, 500);
        assert_eq!(bench.draw(&scene(vec![pane(1, AREA, &huge)])).0, 0);
    });
}

/// What a driver reset does: the old renderer draws nothing and does not fail, a new one goes on.
#[test]
fn a_lost_device_is_noticed_and_replaced() {
    let now = scene(vec![pane(1, AREA, &screen(&["hello"]))]);
    let gpu = Gpu::headless().unwrap_or_else(|e| panic!("{e}"));
    let mut bench = Bench::new(&gpu, SIZE);
    assert_eq!(bench.draw(&now).0, 1);
    assert!(!gpu.is_lost());
    gpu.destroy();
    assert!(gpu.is_lost());
    assert_eq!(bench.draw(&now), (0, 0, 0));
    assert!(bench.target.read(&gpu).is_err());
    let again = Gpu::headless().unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(Bench::new(&again, SIZE).draw(&now).0, 1);
}

#[test]
fn text_is_measured_as_it_is_drawn() {
    with_gpu(|gpu| {
        let mut bench = Bench::new(gpu, SIZE);
        let cell = bench.renderer.cell_size();
        let fonts = bench.renderer.fonts();
        assert_eq!(fonts.measure("", 15.0, true, false), 0);
        assert!(fonts.measure("mmmmmmmmmm", 15.0, true, false).abs_diff(10 * cell.w) <= 2);
        let (plain, bold) = (fonts.measure("words", 15.0, false, false), fonts.measure("words", 15.0, false, true));
        assert!(plain < bold && bold < 10 * cell.w, "{plain} {bold}");
    });
}

/// Asked of a child, because the driver layer reads its variables from the environment.
#[test]
fn no_adapter_is_said_in_one_sentence() {
    const CHILD: &str = "SYNK_TEST_WITHOUT_ADAPTER";
    if std::env::var_os(CHILD).is_some() {
        let error = Gpu::headless().err().expect("there is no such driver layer here");
        assert!(matches!(error, GpuError::NoAdapter(_)), "{error:?}");
        let text = error.to_string();
        assert!(text.starts_with("no graphics adapter was found") && !text.contains('\n'), "{text}");
        return;
    }
    let this = std::env::current_exe().expect("a test knows its program");
    let mut child = std::process::Command::new(this);
    child.args(["--exact", "no_adapter_is_said_in_one_sentence"]).env(CHILD, "1").env("WGPU_BACKEND", "webgpu");
    let out = child.output().expect("the child starts");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
}
