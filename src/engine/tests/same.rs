//! Whether two engines are in the same state. Everything is taken apart field by field: a new field does not compile
//! until somebody has said whether it is part of the state.

use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::Line;
use alacritty_terminal::term::cell::Cell;

use crate::engine::Engine;
use crate::engine::terminal::{Surface, Terminal};

/// The first piece of state that differs.
pub(super) fn difference(a: &Engine, b: &Engine) -> Option<&'static str> {
    // Rows kept ready and the count of changes are for viewers, who begin anew after a restore.
    let Engine { parser, terminal, cache: _, changes: _ } = a;
    let Terminal {
        size,
        screen,
        hidden,
        alt,
        history,
        epoch,
        region,
        tabs,
        gl,
        switches,
        modes,
        owners,
        shape,
        last_char,
        titles,
        palette,
        links,
        command,
        cell_px,
        options,
    } = terminal;
    let t = &b.terminal;
    let pieces = [
        (parser.settled() == b.parser.settled(), "parser"),
        (*size == t.size, "size"),
        (*alt == t.alt, "which screen shows"),
        (*history == t.history, "history"),
        (*epoch == t.epoch, "epoch"),
        (*region == t.region, "margins"),
        (*tabs == t.tabs, "tabs"),
        (*gl == t.gl, "character set in use"),
        (*switches == t.switches, "switches"),
        (*modes == t.modes, "modes"),
        (*owners == t.owners, "owners"),
        (*shape == t.shape, "shape of the cursor"),
        (*last_char == t.last_char, "last character"),
        (*titles == t.titles, "titles"),
        (*palette == t.palette, "palette"),
        (*links == t.links, "links"),
        (*command == t.command, "last command"),
        (*cell_px == t.cell_px, "size of a cell"),
        (*options == t.options, "options"),
    ];
    let piece = pieces.into_iter().find(|(same, _)| !same).map(|(_, piece)| piece);
    piece.or_else(|| on_screen(screen, &t.screen)).or_else(|| on_screen(hidden, &t.hidden))
}

fn on_screen(a: &Surface, b: &Surface) -> Option<&'static str> {
    // Notes are held to the cells by `sound`; the others are of one feed, or made from nothing.
    let Surface { grid, notes: _, saved, keys, changed: _, work: _, blank: _ } = a;
    let rows = |s: &Surface| -> Vec<Vec<Cell>> {
        (0..s.grid.screen_lines()).map(|line| s.grid[Line(line as i32)][..].to_vec()).collect()
    };
    let pieces = [
        (rows(a) == rows(b), "cells"),
        (grid.cursor == b.grid.cursor, "cursor"),
        (grid.saved_cursor == b.grid.saved_cursor, "saved cursor"),
        (*saved == b.saved, "what is saved with the cursor"),
        (*keys == b.keys, "key flags"),
    ];
    pieces.into_iter().find(|(same, _)| !same).map(|(_, piece)| piece)
}
