//! Golden images: small scenes drawn off screen by the real renderer and compared with pictures that a person has looked
//! at. `SYNK_BLESS=1` writes them anew; look at them before they are committed.
//!
//! The fonts are files of the packages fonts-dejavu-core and fonts-noto-color-emoji, so that a picture depends on nothing
//! else that is installed. No adapter is a failure, not a skip.

#[path = "golden/device.rs"]
mod device;
#[path = "golden/stage.rs"]
mod stage;

use stage::{Stage, compare, style};
use std::sync::Arc;
use synk::base::{PxPoint, PxRect, PxSize, Rgb};
use synk::model::{Attrs, Color, CursorShape, Modes, Style, Underline};
use synk::render::{CellPos, Image, PaneScene, Quad, Selection, TextLine};

#[test]
fn attributes() {
    let mut stage = Stage::new(24, 4);
    stage.text(0, 0, "plain ", style(Color::Default, Attrs::NONE));
    stage.text(0, 6, "bold ", style(Color::Default, Attrs::BOLD));
    stage.text(0, 11, "italic ", style(Color::Default, Attrs::ITALIC));
    stage.text(0, 18, "both", style(Color::Default, Attrs::BOLD | Attrs::ITALIC));
    stage.text(1, 0, "dim", style(Color::Indexed(3), Attrs::DIM));
    stage.text(1, 4, "reverse", style(Color::Indexed(2), Attrs::REVERSE));
    stage.text(1, 12, "hidden", style(Color::Default, Attrs::HIDDEN));
    stage.text(1, 18, "strike", style(Color::Indexed(1), Attrs::STRIKE));
    for i in 0..16 {
        let mut look = style(Color::Indexed(i), Attrs::NONE);
        stage.text(2, u16::from(i), "a", look);
        (look.fg, look.bg) = (Color::Rgb(Rgb::new(0, 0, 0)), Color::Indexed(i));
        stage.text(3, u16::from(i), "g", look);
    }
    stage.golden("attributes");
}

#[test]
fn clusters() {
    let plain = style(Color::Default, Attrs::NONE);
    let mut stage = Stage::new(24, 4);
    for (i, cluster) in ["e\u{301}", "n\u{303}", "o\u{308}\u{301}", "\u{e9}"].into_iter().enumerate() {
        stage.cluster(0, 2 * i as u16, cluster, plain);
    }
    // No test font has these: a visible box, of one cell and of two.
    stage.cluster(0, 10, "\u{12000}", plain);
    stage.wide(0, 12, "\u{6f22}", plain);
    let faces = [
        "\u{1f600}",
        "\u{1f680}",
        "\u{2764}\u{fe0f}",
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "\u{1f1e9}\u{1f1ea}",
    ];
    for (i, cluster) in faces.into_iter().enumerate() {
        stage.wide(1, 3 * i as u16, cluster, plain);
        stage.cluster(2, 3 * i as u16, cluster, plain);
    }
    stage.text(1, 16, "Wide", plain);
    stage.text(2, 16, "Narrow", plain);
    // Wide without its other half, in the last column and under another character.
    stage.cluster(3, 23, "\u{1f600}", plain);
    stage.text(3, 0, "\u{2713} \u{2717} \u{2022} \u{2026} \u{2192} \u{221e} \u{263a} \u{2318}", plain);
    stage.golden("clusters");
}

#[test]
fn boxes_join() {
    let plain = style(Color::Default, Attrs::NONE);
    let mut stage = Stage::new(44, 9);
    let art = [
        "┌──┬──┐ ╔══╦══╗ ┏━━┳━━┓ ╭──┬──╮ ▁▂▃▄▅▆▇█",
        "│  │  │ ║  ║  ║ ┃  ┃  ┃ │  │  │ ▏▎▍▌▋▊▉█",
        "├──┼──┤ ╠══╬══╣ ┣━━╋━━┫ ├──┼──┤ ░▒▓█▀▄▌▐",
        "└──┴──┘ ╚══╩══╝ ┗━━┻━━┛ ╰──┴──╯ ▖▗▘▙▚▛▜▝▞▟",
        "╒══╤══╕ ╓──╥──╖ ┍━━┯━━┑ ┎──┰──┒ ▔▕",
        "╞══╪══╡ ╟──╫──╢ ┝━━┿━━┥ ┠──╂──┨ ⣿⣷⣯⡇⢸⠿",
        "╘══╧══╛ ╙──╨──╜ ┕━━┷━━┙ ┖──┸──┚ ⠁⠂⠄⡀⢀⣀",
        "┄┄┅┅┈┈┉┉╌╌╍╍ ╱╲╳ ╼╾╽╿ ╴╵╶╷╸╹╺╻ ┆┇┊┋╎╏",
        "ab\u{e0b0}cd\u{e0b1}ef\u{e0b2}gh\u{e0b3}ij\u{e0b4}kl\u{e0b5}mn\u{e0b6}op\u{e0b7}qr",
    ];
    for (line, text) in (0..).zip(art) {
        stage.text(line, 0, text, plain);
    }
    stage.golden("boxes");
}

#[test]
fn lines_under_text() {
    use Underline::{Curly, Dashed, Dotted, Double, Single};
    let mut stage = Stage::new(20, 6);
    for (line, kind) in (0..).zip([Single, Double, Curly, Dotted, Dashed]) {
        let own = Style { underline: kind, ..Style::default() };
        stage.text(line, 0, "typing", own);
        let red = Style { underline_color: Color::Indexed(1), ..own };
        stage.text(line, 7, "misspelled", red);
    }
    let both = Style { underline: Single, attrs: Attrs::STRIKE, fg: Color::Indexed(4), ..Style::default() };
    stage.text(5, 0, "both lines", both);
    stage.golden("underlines");
}

/// The same at twice the size, where thickness is more than a pixel.
#[test]
fn lines_under_large_text() {
    use Underline::{Curly, Dashed, Dotted, Double, Single};
    let mut stage = Stage::new(10, 2);
    stage.px = 32.0;
    for (i, kind) in (0..).zip([Single, Double, Curly, Dotted, Dashed]) {
        let style = Style { underline: kind, ..Style::default() };
        stage.text(0, 2 * i, "gj", style);
        stage.text(1, 2 * i, if i % 2 == 0 { "\u{256d}\u{2550}" } else { "\u{2571}\u{28ff}" }, Style::default());
    }
    stage.golden("large");
}

/// Five panes in a row, one for each way a cursor looks.
#[test]
fn cursors() {
    let plain = style(Color::Default, Attrs::NONE);
    let mut stage = Stage::new(4, 2);
    stage.text(0, 0, "word", plain);
    stage.text(1, 0, "on", style(Color::Default, Attrs::REVERSE));
    stage.wide(1, 2, "\u{1f600}", plain);
    stage.direct = Box::new(|scene, renderer| {
        let cell = renderer.cell_size();
        let first = scene.panes.remove(0);
        let looks = [
            (CursorShape::Block, true, (0, 1)),
            (CursorShape::Block, false, (0, 1)),
            (CursorShape::Bar, true, (0, 1)),
            (CursorShape::Underline, true, (0, 1)),
            (CursorShape::Block, false, (1, 3)),
            (CursorShape::Block, true, (1, 0)),
        ];
        for (i, (shape, focused, (line, col))) in (0..).zip(looks) {
            let mut screen = (*first.screen).clone();
            screen.cursor = synk::model::Cursor { line, col, shape, blink: false, visible: true };
            let area = PxRect { x: 4 + i * (first.area.w as i32 + 4), ..first.area };
            scene.panes.push(PaneScene { key: i as u32, area, screen: Arc::new(screen), focused, ..first.clone() });
        }
        scene.size.w = 4 + 6 * (4 * cell.w + 4);
    });
    stage.golden("cursors");
}

#[test]
fn selections() {
    let mut stage = Stage::new(10, 6);
    for line in 0..6 {
        stage.text(line, 0, "selectable", Style { bg: Color::Indexed(u8::from(line == 4) * 5), ..Style::default() });
    }
    let at = |line, col| CellPos { line, col };
    stage.direct = Box::new(move |scene, _| {
        scene.panes[0].selection = Some(Selection { from: at(2, 3), to: at(0, 6), block: false });
        let mut block = scene.panes[0].clone();
        block.key = 2;
        block.area.x += block.area.w as i32 + 4;
        block.selection = Some(Selection { from: at(1, 2), to: at(4, 5), block: true });
        scene.size.w += block.area.w + 4;
        scene.panes.push(block);
    });
    stage.golden("selections");
}

/// Header below, a prompt with round corners above, the pane dimmed between them.
#[test]
fn chrome() {
    let mut stage = Stage::new(30, 6);
    for line in 0..6 {
        stage.text(line, 0, "the quick brown fox jumps over", style(Color::Indexed(2 + line as u8), Attrs::NONE));
    }
    stage.direct = Box::new(|scene, renderer| {
        let theme = synk::model::Theme::default();
        let text = |x, y, px, text: &str, bold, mono| TextLine {
            pos: PxPoint { x, y },
            clip: PxRect::new(0, 0, 400, 200),
            text: text.into(),
            px,
            color: theme.fg,
            bold,
            mono,
        };
        let quad = |x, y, w, h, color, alpha, radius| Quad { rect: PxRect::new(x, y, w, h), color, alpha, radius };
        scene.size.h += 24;
        scene.panes[0].area.y += 24;
        scene.panes[0].dim = true;
        let w = scene.size.w;
        scene.below.rects = vec![quad(0, 0, w, 24, theme.header_bg, 255, 0), quad(8, 8, 8, 8, theme.running, 255, 4)];
        scene.below.texts =
            vec![text(24, 3, 13.0, "bash", true, false), text(64, 3, 13.0, "~/code/synk", false, false)];
        let width = renderer.fonts().measure("Save session for later?", 14.0, false, true);
        let box_w = width + 40;
        let x = (w - box_w) as i32 / 2;
        scene.above.rects = vec![
            quad(0, 0, w, scene.size.h, Rgb::new(0, 0, 0), 90, 0),
            quad(x, 40, box_w, 64, theme.accent, 255, 8),
            quad(x + 1, 41, box_w - 2, 62, theme.header_bg, 255, 7),
        ];
        let mut clipped = text(x + 20, 74, 13.0, "clipped in the middle of the line", false, true);
        clipped.clip = PxRect::new(x + 20, 74, width, 11);
        scene.above.texts = vec![text(x + 20, 50, 14.0, "Save session for later?", true, false), clipped];
    });
    stage.golden("chrome");
}

/// A pane that is smaller than its screen, one that is larger, one partly outside of the window, one with a palette of its
/// own in reverse video.
#[test]
fn clipped_and_letterboxed() {
    let mut stage = Stage::new(8, 3);
    for line in 0..3 {
        stage.text(line, 0, "MMMMMMMM", style(Color::Indexed(1 + line as u8), Attrs::NONE));
    }
    stage.direct = Box::new(|scene, _| {
        let base = scene.panes.remove(0);
        let mut reversed = (*base.screen).clone();
        reversed.modes = Modes::REVERSE_SCREEN;
        let mut palette = synk::model::Palette { bg: Some(Rgb::new(0, 60, 60)), ..Default::default() };
        palette.indexed.insert(1, Rgb::new(255, 255, 255));
        let mut coloured = (*base.screen).clone();
        coloured.palette = Arc::new(palette);
        let panes = [
            (PxRect::new(4, 4, 50, 40), Arc::clone(&base.screen)),
            (PxRect::new(58, 4, 90, 62), Arc::new(reversed)),
            (PxRect::new(152, 30, 90, 62), Arc::new(coloured)),
            (PxRect::new(-20, 70, 60, 30), Arc::clone(&base.screen)),
        ];
        for (key, (area, screen)) in (0..).zip(panes) {
            scene.panes.push(PaneScene { key, area, screen, ..base.clone() });
        }
        scene.size = PxSize { w: 180, h: 84 };
    });
    stage.golden("clipped");
}

/// The comparison finds a single pixel that is off by more than rounding, and no less.
#[test]
fn the_comparison_can_fail() {
    let mut stage = Stage::new(4, 1);
    stage.text(0, 0, "real", style(Color::Default, Attrs::NONE));
    let (golden, _) = stage.draw();
    let change = |by: u8| {
        let mut other = golden.clone();
        other.rgba[100] = other.rgba[100].wrapping_add(by);
        compare(&golden, &other)
    };
    assert_eq!((change(0), change(2)), (Ok(()), Ok(())));
    assert!(change(3).is_err());
    let smaller = Image { size: PxSize { w: 1, h: 1 }, rgba: vec![0; 4] };
    assert!(compare(&golden, &smaller).is_err());
    stage.text(0, 0, "fake", style(Color::Default, Attrs::NONE));
    assert!(compare(&golden, &stage.draw().0).is_err());
}
