//! Packed bytes as cells again.

use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::vte::ansi::{Color, NamedColor, Rgb};

use super::pack::{ASCII, BLANKS, Extras, PAIRS};
use crate::engine::kept::{Damaged, Source, ensure};
use crate::engine::terminal::NAMED;

/// Cells that are no characters of the text.
pub(in crate::engine) const NO_TEXT: Flags = Flags::WIDE_CHAR_SPACER.union(Flags::LEADING_WIDE_CHAR_SPACER);

/// A run of cells of one style.
struct Run<'a> {
    /// None: that of the run before.
    style: Option<Cell>,
    content: usize,
    /// How many characters.
    count: usize,
    /// Empty for blanks.
    text: &'a str,
}

/// Appends the cells of packed bytes to `out`. Bytes that came from outside are to be [`check`]ed before.
pub(in crate::engine) fn unpack(bytes: &[u8], extras: &Extras, out: &mut Vec<Cell>) {
    let mut from = Source(bytes);
    let mut style = Cell::default();
    while !from.is_empty()
        && let Ok(run) = take_run(&mut from, extras)
    {
        style = run.style.unwrap_or(style);
        match run.content {
            BLANKS => out.extend(std::iter::repeat_n(&style, run.count).cloned()),
            ASCII => out.extend(run.text.bytes().map(|b| Cell { c: char::from(b), ..style.clone() })),
            PAIRS => out.extend(run.text.chars().flat_map(|c| {
                let wide = Cell { c, flags: style.flags | Flags::WIDE_CHAR, ..style.clone() };
                [wide, Cell { c: ' ', flags: style.flags | Flags::WIDE_CHAR_SPACER, ..style.clone() }]
            })),
            _ => out.extend(run.text.chars().map(|c| Cell { c, ..style.clone() })),
        }
    }
}

/// Appends the text of packed bytes to `out`: characters with their marks, without the right halves of wide ones and
/// without gaps before one that did not fit into its row.
pub(in crate::engine) fn unpack_text(bytes: &[u8], extras: &Extras, out: &mut String) {
    let mut from = Source(bytes);
    let mut style = Cell::default();
    while !from.is_empty()
        && let Ok(run) = take_run(&mut from, extras)
    {
        style = run.style.unwrap_or(style);
        let marks = style.zerowidth().unwrap_or_default();
        match run.content {
            _ if style.flags.intersects(NO_TEXT) => {}
            BLANKS if marks.is_empty() => out.extend(std::iter::repeat_n(' ', run.count)),
            _ if marks.is_empty() => out.push_str(run.text),
            BLANKS => (0..run.count).for_each(|_| put_marked(' ', marks, out)),
            _ => run.text.chars().for_each(|c| put_marked(c, marks, out)),
        }
    }
}

/// Appends a character and what combines with it.
pub(in crate::engine) fn put_marked(c: char, marks: &[char], out: &mut String) {
    out.push(c);
    out.extend(marks);
}

/// How many cells packed bytes are; an error for what no packing makes and for more than `most`.
pub(in crate::engine) fn check(bytes: &[u8], extras: &Extras, most: usize) -> Result<usize, Damaged> {
    let mut from = Source(bytes);
    let mut cells = 0;
    while !from.is_empty() {
        let run = take_run(&mut from, extras)?;
        ensure(run.count <= most, "a run within its line")?;
        cells += if run.content == PAIRS { 2 * run.count } else { run.count };
        ensure(cells <= most, "a run within its line")?;
    }
    Ok(cells)
}

fn take_run<'a>(from: &mut Source<'a>, extras: &Extras) -> Result<Run<'a>, Damaged> {
    let head = from.varint()?;
    let count = usize::try_from(head >> 3).map_err(|_| Damaged("a run within its line"))?;
    let content = (head >> 1 & 3) as usize;
    let style = (head & 1 == 1).then(|| take_style(from, extras)).transpose()?;
    let len = match content {
        BLANKS => 0,
        ASCII => count,
        _ => chars_len(from.0, count)?,
    };
    let text = std::str::from_utf8(from.bytes(len)?).map_err(|_| Damaged("text in UTF-8"))?;
    ensure(content != ASCII || text.is_ascii(), "ASCII")?;
    Ok(Run { style, content, count, text })
}

/// How many bytes the first `count` characters take.
fn chars_len(bytes: &[u8], count: usize) -> Result<usize, Damaged> {
    let mut at = 0;
    for _ in 0..count {
        at += match bytes.get(at) {
            None => return Err(Damaged("as many characters as were announced")),
            Some(0xf0..) => 4,
            Some(0xe0..) => 3,
            Some(0xc0..) => 2,
            Some(_) => 1,
        };
    }
    Ok(at)
}

fn take_style(from: &mut Source, extras: &Extras) -> Result<Cell, Damaged> {
    let fg = take_color(from)?;
    let bg = take_color(from)?;
    let flags = Flags::from_bits(u16::from_le_bytes(from.array()?)).ok_or(Damaged("the attributes of a cell"))?;
    let extra = match from.varint()?.checked_sub(1) {
        None => None,
        Some(n) => {
            let extra = usize::try_from(n).ok().and_then(|n| extras.get(n));
            Some(extra.cloned().ok_or(Damaged("an entry of the side table"))?)
        }
    };
    Ok(Cell { c: ' ', fg, bg, flags, extra })
}

pub(super) fn take_color(from: &mut Source) -> Result<Color, Damaged> {
    Ok(match from.byte()? {
        0x10 => Color::Named(NamedColor::Foreground),
        0x11 => Color::Named(NamedColor::Background),
        0x20 => Color::Indexed(from.byte()?),
        0x30 => Color::Spec(Rgb { r: from.byte()?, g: from.byte()?, b: from.byte()? }),
        n => Color::Named(*NAMED.get(usize::from(n)).ok_or(Damaged("a colour"))?),
    })
}
