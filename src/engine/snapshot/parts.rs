//! How the parts become bytes that are alacritty's or the model's.

use alacritty_terminal::grid::{Charsets, Cursor};
use alacritty_terminal::index::{Column, Line, Point};
use alacritty_terminal::term::cell::Cell;
use alacritty_terminal::vte::ansi::StandardCharset;

use crate::base::{GridSize, Rgb};
use crate::engine::kept::{Damaged, Kept, Source, ensure, kept_enum, kept_struct};
use crate::engine::terminal::SETS;
use crate::model::{CursorShape, Modes, Palette};

kept_enum!(CursorShape { Block = 0, Underline = 1, Bar = 2 });
kept_enum!(StandardCharset { Ascii = 0, SpecialCharacterAndLineDrawing = 1 });
kept_struct!(Rgb { r, g, b });

impl Kept for GridSize {
    fn put(&self, out: &mut Vec<u8>) {
        self.cols().put(out);
        self.lines().put(out);
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        let (cols, lines) = Kept::read(from)?;
        let size = Self::clamped(cols, lines);
        ensure((size.cols(), size.lines()) == (cols, lines), "a size that a screen can have")?;
        Ok(size)
    }
}

impl Kept for Modes {
    fn put(&self, out: &mut Vec<u8>) {
        self.bits().put(out);
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        Kept::read(from).map(Self::from_bits)
    }
}

impl Kept for Palette {
    fn put(&self, out: &mut Vec<u8>) {
        let Self { indexed, fg, bg, cursor } = self;
        indexed.iter().map(|(n, color)| (*n, *color)).collect::<Vec<_>>().put(out);
        [fg, bg, cursor].into_iter().for_each(|color| color.put(out));
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        let indexed = Vec::read(from)?.into_iter().collect();
        Ok(Self { indexed, fg: Kept::read(from)?, bg: Kept::read(from)?, cursor: Kept::read(from)? })
    }
}

impl Kept for Cursor<Cell> {
    fn put(&self, out: &mut Vec<u8>) {
        let Self { point, template, charsets, input_needs_wrap } = self;
        let Point { line, column } = point;
        usize::try_from(line.0).unwrap_or_default().put(out);
        column.0.put(out);
        template.put(out);
        for index in SETS {
            charsets[index].put(out);
        }
        input_needs_wrap.put(out);
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        let (line, column) = (u16::read(from)?, u16::read(from)?);
        let point = Point::new(Line(i32::from(line)), Column(usize::from(column)));
        let template = Kept::read(from)?;
        let mut charsets = Charsets::default();
        for index in SETS {
            charsets[index] = Kept::read(from)?;
        }
        Ok(Self { point, template, charsets, input_needs_wrap: Kept::read(from)? })
    }
}
