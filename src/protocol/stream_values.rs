//! What messages of the binary stream are made of: places, searches, keys, the pointer.

use super::codec::{Malformed, Reader, Writer};
use crate::model::key::{Key, KeyEvent, Mods, NamedKey, Press};
use crate::model::mouse::{MouseButton, MouseEvent, MouseKind};
use crate::model::search::{Query, Searched, Way};
use crate::model::span::{Place, Span};

pub(super) fn write_place(w: &mut Writer, place: &Place) {
    w.u32(place.epoch);
    w.varint(place.row);
    w.u16(place.col);
}

pub(super) fn read_place(r: &mut Reader<'_>) -> Result<Place, Malformed> {
    Ok(Place { epoch: r.u32()?, row: r.varint()?, col: r.u16()? })
}

pub(super) fn write_span(w: &mut Writer, span: &Span) {
    write_place(w, &span.from);
    write_place(w, &span.to);
}

pub(super) fn read_span(r: &mut Reader<'_>) -> Result<Span, Malformed> {
    Ok(Span { from: read_place(r)?, to: read_place(r)? })
}

fn write_option(w: &mut Writer, place: Option<&Place>) {
    w.u8(u8::from(place.is_some()));
    place.into_iter().for_each(|place| write_place(w, place));
}

fn read_option(r: &mut Reader<'_>) -> Result<Option<Place>, Malformed> {
    (r.u8()? != 0).then(|| read_place(r)).transpose()
}

pub(super) fn write_query(w: &mut Writer, query: &Query) {
    let Query { text, regex, from, way, most, rows } = query;
    w.u8(u8::from(*regex));
    w.u8(u8::from(*way == Way::Down));
    w.u16(*most);
    w.u32(*rows);
    write_option(w, from.as_ref());
    w.bytes.extend_from_slice(text.as_bytes());
}

pub(super) fn read_query(r: &mut Reader<'_>) -> Result<Query, Malformed> {
    let regex = r.u8()? != 0;
    let way = if r.u8()? != 0 { Way::Down } else { Way::Up };
    let (most, rows) = (r.u16()?, r.u32()?);
    Ok(Query { regex, way, most, rows, from: read_option(r)?, text: r.rest_str()?.to_owned() })
}

pub(super) fn write_searched(w: &mut Writer, searched: &Searched) {
    match searched {
        Searched::Found { spans, next } => {
            w.u8(0);
            write_option(w, next.as_ref());
            spans.iter().for_each(|span| write_span(w, span));
        }
        Searched::Rewrapped => w.u8(1),
        Searched::Refused(why) => {
            w.u8(2);
            w.bytes.extend_from_slice(why.as_bytes());
        }
    }
}

pub(super) fn read_searched(r: &mut Reader<'_>) -> Result<Searched, Malformed> {
    Ok(match r.u8()? {
        0 => {
            let (next, mut spans) = (read_option(r)?, Vec::new());
            while !r.is_empty() {
                spans.push(read_span(r)?);
            }
            Searched::Found { spans, next }
        }
        1 => Searched::Rewrapped,
        2 => Searched::Refused(r.rest_str()?.to_owned()),
        _ => return Err(Malformed("an unknown outcome of a search")),
    })
}

fn write_key(w: &mut Writer, key: Key) {
    match key {
        Key::Unknown => w.u8(0),
        Key::Named(named) => {
            w.u8(1);
            w.u16(named as u16);
        }
        Key::Char(c) => {
            w.u8(2);
            w.u32(u32::from(c));
        }
    }
}

/// A name or a character that this build does not know is [`Key::Unknown`]: a newer client may have more keys.
fn read_key(r: &mut Reader<'_>) -> Result<Key, Malformed> {
    Ok(match r.u8()? {
        0 => Key::Unknown,
        1 => NamedKey::from_u16(r.u16()?).map_or(Key::Unknown, Key::Named),
        2 => char::from_u32(r.u32()?).map_or(Key::Unknown, Key::Char),
        _ => return Err(Malformed("an unknown kind of key")),
    })
}

pub(super) fn write_key_event(w: &mut Writer, event: &KeyEvent) {
    w.u8(event.press as u8);
    w.u8(event.mods.bits());
    for key in [event.key, event.unshifted, event.physical] {
        write_key(w, key);
    }
    w.str(&event.text);
}

pub(super) fn read_key_event(r: &mut Reader<'_>) -> Result<KeyEvent, Malformed> {
    let press = Press::from_u8(r.u8()?).ok_or(Malformed("neither press, repeat nor release"))?;
    let mods = Mods::from_bits(r.u8()?);
    let (key, unshifted, physical) = (read_key(r)?, read_key(r)?, read_key(r)?);
    Ok(KeyEvent { key, unshifted, physical, mods, text: r.str()?.to_owned(), press })
}

pub(super) fn write_mouse_event(w: &mut Writer, event: &MouseEvent) {
    for n in [event.kind as u8, event.button as u8, event.mods.bits()] {
        w.u8(n);
    }
    for n in [event.col, event.line, event.px, event.py] {
        w.u16(n);
    }
}

pub(super) fn read_mouse_event(r: &mut Reader<'_>) -> Result<MouseEvent, Malformed> {
    let kind = MouseKind::from_u8(r.u8()?).ok_or(Malformed("an unknown mouse event"))?;
    let button = MouseButton::from_u8(r.u8()?).ok_or(Malformed("an unknown mouse button"))?;
    let mods = Mods::from_bits(r.u8()?);
    Ok(MouseEvent { kind, button, mods, col: r.u16()?, line: r.u16()?, px: r.u16()?, py: r.u16()? })
}
