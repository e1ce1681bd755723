//! How the values of a snapshot become bytes and bytes values again. Numbers are varints; what has a length says it
//! first. Reading believes nothing: a length is held against what is left, a number against what it may be, so that
//! damaged bytes make an error and never more memory than a small multiple of their length.

use std::ops::Range;

/// A value that a snapshot keeps.
pub(in crate::engine) trait Kept: Sized {
    fn put(&self, out: &mut Vec<u8>);
    fn read(from: &mut Source) -> Result<Self, Damaged>;
}

/// Bytes that are no such value: what they should have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) struct Damaged(pub &'static str);

/// Goes on only where something is as it has to be.
pub(in crate::engine) fn ensure(holds: bool, what: &'static str) -> Result<(), Damaged> {
    if holds { Ok(()) } else { Err(Damaged(what)) }
}

/// Bytes that are read from their beginning on.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct Source<'a>(pub &'a [u8]);

impl<'a> Source<'a> {
    pub(in crate::engine) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::engine) fn byte(&mut self) -> Result<u8, Damaged> {
        let (&byte, rest) = self.0.split_first().ok_or(Damaged("a byte"))?;
        self.0 = rest;
        Ok(byte)
    }

    pub(in crate::engine) fn bytes(&mut self, len: usize) -> Result<&'a [u8], Damaged> {
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(Damaged("as many bytes as were announced"))?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(in crate::engine) fn array<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        self.bytes(N)?.try_into().map_err(|_| Damaged("as many bytes as were announced"))
    }

    /// Seven bits a byte, the low ones first.
    pub(in crate::engine) fn varint(&mut self) -> Result<u64, Damaged> {
        let mut n = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            ensure(bits << shift >> shift == bits, "a number of 64 bits")?;
            n |= bits << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(Damaged("a number of 64 bits"))
    }

    /// A length of something of which each part takes a byte at least.
    pub(in crate::engine) fn len(&mut self) -> Result<usize, Damaged> {
        usize::try_from(self.varint()?)
            .ok()
            .filter(|len| *len <= self.0.len())
            .ok_or(Damaged("a length within the bytes"))
    }
}

#[inline]
pub(in crate::engine) fn put_varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// Puts bytes behind their length.
pub(in crate::engine) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Keeps a struct field by field. Every field has to be named: a new one does not compile until a snapshot has it.
macro_rules! kept_struct {
    ($type:ident { $($field:ident),* $(,)? }) => {
        impl $crate::engine::kept::Kept for $type {
            fn put(&self, out: &mut Vec<u8>) {
                let Self { $($field),* } = self;
                $($crate::engine::kept::Kept::put($field, out);)*
            }

            fn read(from: &mut $crate::engine::kept::Source) -> Result<Self, $crate::engine::kept::Damaged> {
                $(let $field = $crate::engine::kept::Kept::read(from)?;)*
                Ok(Self { $($field),* })
            }
        }
    };
}

/// Keeps an enum without data by numbers that never change.
macro_rules! kept_enum {
    ($type:ident { $($variant:ident = $n:literal),* $(,)? }) => {
        impl $crate::engine::kept::Kept for $type {
            fn put(&self, out: &mut Vec<u8>) {
                out.push(match self { $(Self::$variant => $n),* });
            }

            fn read(from: &mut $crate::engine::kept::Source) -> Result<Self, $crate::engine::kept::Damaged> {
                match from.byte()? {
                    $($n => Ok(Self::$variant),)*
                    _ => Err($crate::engine::kept::Damaged(concat!("a ", stringify!($type)))),
                }
            }
        }
    };
}

pub(in crate::engine) use {kept_enum, kept_struct};

macro_rules! kept_numbers {
    ($($type:ty),*) => {$(
        impl Kept for $type {
            fn put(&self, out: &mut Vec<u8>) {
                put_varint(out, *self as u64);
            }

            fn read(from: &mut Source) -> Result<Self, Damaged> {
                <$type>::try_from(from.varint()?).map_err(|_| Damaged(concat!("a number that fits ", stringify!($type))))
            }
        }
    )*};
}

kept_numbers!(u16, u32, u64, usize);

impl Kept for u8 {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        from.byte()
    }
}

impl Kept for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Damaged("yes or no")),
        }
    }
}

impl Kept for char {
    fn put(&self, out: &mut Vec<u8>) {
        put_varint(out, u64::from(u32::from(*self)));
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        char::from_u32(u32::read(from)?).ok_or(Damaged("a character"))
    }
}

impl Kept for String {
    fn put(&self, out: &mut Vec<u8>) {
        put_bytes(out, self.as_bytes());
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        let len = from.len()?;
        let text = std::str::from_utf8(from.bytes(len)?).map_err(|_| Damaged("text in UTF-8"))?;
        Ok(text.to_owned())
    }
}

impl<const N: usize> Kept for [u8; N] {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        from.array()
    }
}

impl<T: Kept> Kept for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        bool::read(from)?.then(|| T::read(from)).transpose()
    }
}

impl<T: Kept> Kept for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        put_varint(out, self.len() as u64);
        self.iter().for_each(|value| value.put(out));
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        (0..from.len()?).map(|_| T::read(from)).collect()
    }
}

impl<A: Kept, B: Kept> Kept for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        Ok((A::read(from)?, B::read(from)?))
    }
}

impl<T: Kept> Kept for Range<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.start.put(out);
        self.end.put(out);
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        Ok(T::read(from)?..T::read(from)?)
    }
}
