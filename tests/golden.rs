//! Golden images: small scenes drawn off screen by the real renderer and compared with pictures that a person has looked
//! at. `SYNK_BLESS=1` writes them anew; look at them before they are committed.
//!
//! The fonts are files of the packages fonts-dejavu-core and fonts-noto-color-emoji, so that a picture depends on nothing
//! else that is installed. No adapter is a failure, not a skip.

#[path = "golden/stage.rs"]
mod stage;

use stage::{Stage, style};
use synk::base::Rgb;
use synk::model::{Attrs, Color};

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
    stage.screen.size = synk::base::GridSize::clamped(24, 4);
    stage.text(3, 0, "\u{2713} \u{2717} \u{2022} \u{2026} \u{2192} \u{221e} \u{263a} \u{2318}", plain);
    stage.golden("clusters");
}

#[test]
fn boxes_join() {
    let plain = style(Color::Default, Attrs::NONE);
    let mut stage = Stage::new(34, 9);
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
    stage.screen.size = synk::base::GridSize::clamped(44, 9);
    for (line, text) in (0..).zip(art) {
        stage.text(line, 0, text, plain);
    }
    stage.golden("boxes");
}
