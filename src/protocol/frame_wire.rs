//! A frame as bytes: rows as runs of equal style, never as cells.

use std::sync::Arc;

use super::codec::{Malformed, Reader, Writer};
use crate::base::{GridSize, Rgb, geom};
use crate::model::frame::{Frame, Scroll};
use crate::model::{Attrs, Cell, Color, Cursor, CursorShape, Modes, Palette, Row, Style, Underline, Width};

const HAS_PALETTE: u8 = 1;
const HAS_SCROLL: u8 = 2;

const ROW_WRAPPED: u8 = 1;
const ROW_MARKS: u8 = 2;
const ROW_LINKS: u8 = 4;

/// How the cells of a run are wide. A pair is a wide character with its spacer: the usual case in one step.
const RUN_NARROW: u8 = 0;
const RUN_PAIRS: u8 = 1;
const RUN_LONE_WIDE: u8 = 2;
const RUN_LONE_SPACER: u8 = 3;
/// The low bits of a run's head are its kind; the others say which parts of its style follow.
const RUN_KIND: u8 = 3;
const RUN_FG: u8 = 4;
const RUN_BG: u8 = 8;
const RUN_ATTRS: u8 = 16;
const RUN_UNDERLINE: u8 = 32;

/// Writes a frame.
pub fn write_frame(w: &mut Writer, frame: &Frame) {
    let flags = u8::from(frame.palette.is_some()) * HAS_PALETTE + u8::from(frame.scroll.is_some()) * HAS_SCROLL;
    w.u8(flags);
    w.varint(frame.seq);
    w.varint(frame.base);
    w.u16(frame.size.cols());
    w.u16(frame.size.lines());
    w.varint(u64::from(frame.epoch));
    w.varint(frame.top);
    w.varint(u64::from(frame.history));
    w.varint(u64::from(frame.offset));
    w.u32(frame.modes.bits());
    w.u16(frame.cursor.line);
    w.u16(frame.cursor.col);
    w.u8(frame.cursor.shape as u8 | u8::from(frame.cursor.blink) << 4 | u8::from(frame.cursor.visible) << 5);
    if let Some(palette) = &frame.palette {
        write_palette(w, palette);
    }
    if let Some(scroll) = frame.scroll {
        w.u16(scroll.first);
        w.u16(scroll.last);
        w.u16(scroll.by as u16);
    }
    w.varint(frame.rows.len() as u64);
    for (line, row) in &frame.rows {
        w.varint(u64::from(*line));
        write_row(w, row);
    }
}

/// Reads a frame.
///
/// # Errors
/// [`Malformed`] when the bytes are not a frame, or one that no screen could have.
pub fn read_frame(r: &mut Reader<'_>) -> Result<Frame, Malformed> {
    let flags = r.u8()?;
    let (seq, base) = (r.varint()?, r.varint()?);
    let (cols, lines) = (r.u16()?, r.u16()?);
    let size = GridSize::clamped(cols, lines);
    if (size.cols(), size.lines()) != (cols, lines) {
        return Err(Malformed("a screen's size is out of range"));
    }
    let (epoch, top, history, offset) = (r.small()?, r.varint()?, r.small()?, r.small()?);
    let modes = Modes::from_bits(r.u32()?);
    let (line, col, look) = (r.u16()?, r.u16()?, r.u8()?);
    let shape = CursorShape::from_u8(look & 15).ok_or(Malformed("an unknown cursor shape"))?;
    let cursor = Cursor { line, col, shape, blink: look & 16 != 0, visible: look & 32 != 0 };
    let palette = if flags & HAS_PALETTE != 0 { Some(Arc::new(read_palette(r)?)) } else { None };
    let scroll = if flags & HAS_SCROLL != 0 {
        Some(Scroll { first: r.u16()?, last: r.u16()?, by: r.u16()? as i16 })
    } else {
        None
    };
    let count: u16 = r.small()?;
    if count > geom::MAX_LINES {
        return Err(Malformed("more rows than a screen can have"));
    }
    let mut rows = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        rows.push((r.small()?, Arc::new(read_row(r)?)));
    }
    Ok(Frame { seq, base, size, epoch, top, history, offset, cursor, modes, palette, scroll, rows })
}

fn write_rgb(w: &mut Writer, c: Rgb) {
    w.bytes.extend_from_slice(&[c.r, c.g, c.b]);
}

fn read_rgb(r: &mut Reader<'_>) -> Result<Rgb, Malformed> {
    Ok(Rgb::new(r.u8()?, r.u8()?, r.u8()?))
}

fn write_palette(w: &mut Writer, palette: &Palette) {
    let named = [palette.fg, palette.bg, palette.cursor];
    w.u8(named.iter().enumerate().map(|(i, c)| u8::from(c.is_some()) << i).sum());
    named.into_iter().flatten().for_each(|c| write_rgb(w, c));
    w.u16(palette.indexed.len() as u16);
    for (index, color) in &palette.indexed {
        w.u8(*index);
        write_rgb(w, *color);
    }
}

fn read_palette(r: &mut Reader<'_>) -> Result<Palette, Malformed> {
    let named = r.u8()?;
    let mut take = |bit: u8| if named & bit != 0 { read_rgb(r).map(Some) } else { Ok(None) };
    let mut palette = Palette { fg: take(1)?, bg: take(2)?, cursor: take(4)?, ..Palette::default() };
    for _ in 0..r.u16()? {
        palette.indexed.insert(r.u8()?, read_rgb(r)?);
    }
    Ok(palette)
}

fn write_row(w: &mut Writer, row: &Row) {
    let flags = u8::from(row.wrapped) * ROW_WRAPPED
        + u8::from(!row.marks.is_empty()) * ROW_MARKS
        + u8::from(!row.links.is_empty()) * ROW_LINKS;
    w.u8(flags);
    w.varint(row.cells.len() as u64);
    let mut rest = &row.cells[..];
    while !rest.is_empty() {
        rest = write_run(w, rest);
    }
    if !row.marks.is_empty() {
        w.varint(row.marks.len() as u64);
        for (col, marks) in &row.marks {
            w.varint(u64::from(*col));
            w.str(marks);
        }
    }
    if !row.links.is_empty() {
        w.varint(row.links.len() as u64);
        for (from, to, uri) in &row.links {
            w.varint(u64::from(*from));
            w.varint(u64::from(*to));
            w.str(uri);
        }
    }
}

/// Whether a run can carry what follows a wide character as its spacer.
fn is_pair(cells: &[Cell]) -> bool {
    matches!(cells, [wide, spacer, ..] if wide.width == Width::Wide
        && *spacer == Cell { ch: ' ', style: wide.style, width: Width::Spacer })
}

fn run_kind(cells: &[Cell]) -> u8 {
    match cells[0].width {
        Width::Narrow => RUN_NARROW,
        Width::Wide if is_pair(cells) => RUN_PAIRS,
        Width::Wide => RUN_LONE_WIDE,
        Width::Spacer => RUN_LONE_SPACER,
    }
}

/// Writes the longest run at the front of `cells`, which are not empty, and returns what is left.
fn write_run<'a>(w: &mut Writer, cells: &'a [Cell]) -> &'a [Cell] {
    let (kind, style) = (run_kind(cells), cells[0].style);
    let step = if kind == RUN_PAIRS { 2 } else { 1 };
    let mut end = step;
    while end < cells.len() && cells[end].style == style && run_kind(&cells[end..]) == kind {
        end += step;
    }
    let parts = u8::from(style.fg != Color::Default) * RUN_FG
        + u8::from(style.bg != Color::Default) * RUN_BG
        + u8::from(style.attrs != Attrs::NONE) * RUN_ATTRS
        + u8::from(style.underline != Underline::None || style.underline_color != Color::Default) * RUN_UNDERLINE;
    w.u8(kind | parts);
    if parts & RUN_FG != 0 {
        write_color(w, style.fg);
    }
    if parts & RUN_BG != 0 {
        write_color(w, style.bg);
    }
    if parts & RUN_ATTRS != 0 {
        w.u8(style.attrs.bits());
    }
    if parts & RUN_UNDERLINE != 0 {
        w.u8(style.underline as u8);
        write_color(w, style.underline_color);
    }
    w.varint((end / step) as u64);
    for cell in cells[..end].iter().step_by(step) {
        w.bytes.extend_from_slice(cell.ch.encode_utf8(&mut [0; 4]).as_bytes());
    }
    &cells[end..]
}

fn read_row(r: &mut Reader<'_>) -> Result<Row, Malformed> {
    let flags = r.u8()?;
    let count: u16 = r.small()?;
    if count > geom::MAX_COLS {
        return Err(Malformed("more cells than a row can have"));
    }
    let count = usize::from(count);
    let mut row = Row { cells: Vec::with_capacity(count), wrapped: flags & ROW_WRAPPED != 0, ..Row::default() };
    while row.cells.len() < count {
        read_run(r, &mut row.cells, count)?;
    }
    if flags & ROW_MARKS != 0 {
        for _ in 0..r.small::<u16>()? {
            row.marks.push((r.small()?, r.str()?.into()));
        }
        if !row.marks.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(Malformed("marks are out of order"));
        }
    }
    if flags & ROW_LINKS != 0 {
        for _ in 0..r.small::<u16>()? {
            row.links.push((r.small()?, r.small()?, r.str()?.into()));
        }
    }
    Ok(row)
}

fn read_run(r: &mut Reader<'_>, cells: &mut Vec<Cell>, limit: usize) -> Result<(), Malformed> {
    let head = r.u8()?;
    let mut style = Style::default();
    if head & RUN_FG != 0 {
        style.fg = read_color(r)?;
    }
    if head & RUN_BG != 0 {
        style.bg = read_color(r)?;
    }
    if head & RUN_ATTRS != 0 {
        style.attrs = Attrs::from_bits(r.u8()?);
    }
    if head & RUN_UNDERLINE != 0 {
        style.underline = Underline::from_u8(r.u8()?).ok_or(Malformed("an unknown underline"))?;
        style.underline_color = read_color(r)?;
    }
    let count: usize = r.small()?;
    let kind = head & RUN_KIND;
    let step = if kind == RUN_PAIRS { 2 } else { 1 };
    if count == 0 || count > (limit - cells.len()) / step {
        return Err(Malformed("a run is empty or longer than its row"));
    }
    for _ in 0..count {
        let ch = r.char()?;
        match kind {
            RUN_NARROW => cells.push(Cell { ch, style, width: Width::Narrow }),
            RUN_LONE_SPACER => cells.push(Cell { ch, style, width: Width::Spacer }),
            _ => cells.push(Cell { ch, style, width: Width::Wide }),
        }
        if kind == RUN_PAIRS {
            cells.push(Cell { ch: ' ', style, width: Width::Spacer });
        }
    }
    Ok(())
}

fn write_color(w: &mut Writer, color: Color) {
    match color {
        Color::Default => w.u8(0),
        Color::Indexed(index) => {
            w.u8(1);
            w.u8(index);
        }
        Color::Rgb(rgb) => {
            w.u8(2);
            write_rgb(w, rgb);
        }
    }
}

fn read_color(r: &mut Reader<'_>) -> Result<Color, Malformed> {
    match r.u8()? {
        0 => Ok(Color::Default),
        1 => Ok(Color::Indexed(r.u8()?)),
        2 => Ok(Color::Rgb(read_rgb(r)?)),
        _ => Err(Malformed("an unknown kind of colour")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Screen;
    use proptest::prelude::*;

    fn color() -> impl Strategy<Value = Color> {
        prop_oneof![
            Just(Color::Default),
            any::<u8>().prop_map(Color::Indexed),
            any::<u32>().prop_map(|n| Color::Rgb(Rgb::from_u32(n))),
        ]
    }

    fn cell() -> impl Strategy<Value = Cell> {
        let ch = prop_oneof![4 => Just('a'), 2 => Just(' '), 1 => any::<char>()];
        let style =
            (color(), color(), color(), 0u8..6, any::<u8>()).prop_map(|(fg, bg, underline_color, u, bits)| Style {
                fg,
                bg,
                underline_color,
                underline: Underline::from_u8(u).unwrap_or_default(),
                attrs: Attrs::from_bits(bits),
            });
        let style = prop_oneof![2 => Just(Style::default()), 1 => style];
        (ch, style, prop_oneof![Just(Width::Narrow), Just(Width::Wide), Just(Width::Spacer)])
            .prop_map(|(ch, style, width)| Cell { ch, style, width })
    }

    fn row() -> impl Strategy<Value = Arc<Row>> {
        (
            prop::collection::vec(cell(), 0..20),
            any::<bool>(),
            prop::collection::btree_map(0u16..20, "[\u{300}-\u{308}]{1,3}", 0..3),
        )
            .prop_map(|(cells, wrapped, marks)| {
                let marks = marks.into_iter().map(|(col, text)| (col, text.into())).collect();
                let links = if wrapped { vec![(1, 4, Arc::from("https://example.org/"))] } else { Vec::new() };
                let mut row = Row { cells, marks, links, wrapped };
                row.trim();
                Arc::new(row)
            })
    }

    fn screen() -> impl Strategy<Value = Screen> {
        (prop::collection::vec(row(), 8), any::<u32>(), 0u64..1 << 40, any::<u8>()).prop_map(
            |(rows, bits, top, index)| {
                let mut palette = Palette::default();
                if bits & 1 != 0 {
                    palette.indexed.insert(index, Rgb::from_u32(bits));
                    palette.bg = Some(Rgb::from_u32(bits >> 3));
                }
                Screen {
                    rows,
                    top,
                    history: bits,
                    epoch: bits,
                    cursor: Cursor { line: 3, col: 9, shape: CursorShape::Bar, blink: bits & 2 != 0, visible: true },
                    modes: Modes::from_bits(bits),
                    palette: Arc::new(palette),
                    ..Screen::blank(GridSize::clamped(20, 8))
                }
            },
        )
    }

    proptest! {
        #[test]
        fn a_frame_reads_back_and_obeys_its_law(a in screen(), b in screen(), shift in 0usize..8, base in 0u64..2) {
            // Some rows of `b` are rows of `a` that moved: the usual case, and what scrolls are found by.
            let mut b = b;
            for line in 0..8 - shift {
                b.rows[line] = Arc::clone(&a.rows[line + shift]);
            }
            let frame = Frame::diff(&a, base, &b, 7);
            let mut w = Writer::default();
            write_frame(&mut w, &frame);
            let mut r = Reader::new(&w.bytes);
            let read = read_frame(&mut r).unwrap();
            prop_assert!(r.is_empty());
            prop_assert_eq!(&read, &frame);
            let mut shown = a.clone();
            read.apply(&mut shown, base).unwrap();
            prop_assert_eq!(&shown, &b);
            if base == 1 && (2..6).contains(&shift) {
                prop_assert!(frame.rows.len() <= shift, "a scroll by {} sends {} rows", shift, frame.rows.len());
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_frame(&mut Reader::new(&bytes));
        }

        #[test]
        fn a_damaged_frame_is_read_or_refused(b in screen(), at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>()) {
            let mut w = Writer::default();
            write_frame(&mut w, &Frame::diff(&b, 0, &b, 1));
            let i = at.index(w.bytes.len());
            w.bytes[i] = byte;
            w.bytes.truncate(cut.index(w.bytes.len() + 1));
            if let Ok(frame) = read_frame(&mut Reader::new(&w.bytes)) {
                let _ = frame.apply(&mut b.clone(), 0);
            }
        }
    }
}
