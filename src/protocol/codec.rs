//! Little-endian numbers, varints and texts: the alphabet of the binary stream. Reading never panics and never
//! allocates more than the bytes at hand can justify.

use std::fmt;

/// The bytes are not a message of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed message: {}", self.0)
    }
}

impl std::error::Error for Malformed {}

/// Appends values to a buffer.
#[derive(Debug, Default)]
pub struct Writer {
    pub bytes: Vec<u8>,
}

impl Writer {
    pub fn u8(&mut self, n: u8) {
        self.bytes.push(n);
    }

    pub fn u16(&mut self, n: u16) {
        self.bytes.extend_from_slice(&n.to_le_bytes());
    }

    pub fn u32(&mut self, n: u32) {
        self.bytes.extend_from_slice(&n.to_le_bytes());
    }

    /// LEB128, at most 10 bytes.
    pub fn varint(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.bytes.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.bytes.push(n as u8);
    }

    pub fn str(&mut self, text: &str) {
        self.varint(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }
}

/// Takes values off the front of a slice.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

type Read<T> = Result<T, Malformed>;

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How many bytes are left: nothing that is still to come can be longer.
    pub fn left(&self) -> usize {
        self.bytes.len()
    }

    fn take(&mut self, n: usize) -> Read<&'a [u8]> {
        let (head, tail) = self.bytes.split_at_checked(n).ok_or(Malformed("it ends too early"))?;
        self.bytes = tail;
        Ok(head)
    }

    pub fn u8(&mut self) -> Read<u8> {
        Ok(self.take(1)?[0])
    }

    pub fn u16(&mut self) -> Read<u16> {
        let b = self.take(2)?;
        Ok(u16::from_le_bytes([b[0], b[1]]))
    }

    pub fn u32(&mut self) -> Read<u32> {
        let b = self.take(4)?;
        Ok(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    pub fn varint(&mut self) -> Read<u64> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                return Err(Malformed("a number is too large"));
            }
            n |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(n);
            }
        }
        Err(Malformed("a number is too long"))
    }

    /// A varint that fits the type asked for.
    pub fn small<T: TryFrom<u64>>(&mut self) -> Read<T> {
        T::try_from(self.varint()?).map_err(|_| Malformed("a number is out of range"))
    }

    pub fn str(&mut self) -> Read<&'a str> {
        let n = self.small::<usize>()?;
        std::str::from_utf8(self.take(n)?).map_err(|_| Malformed("a text is not UTF-8"))
    }

    pub fn char(&mut self) -> Read<char> {
        let n = match self.bytes.first().ok_or(Malformed("it ends too early"))? {
            0..0x80 => 1,
            0x80..0xe0 => 2,
            0xe0..0xf0 => 3,
            _ => 4,
        };
        let text = std::str::from_utf8(self.take(n)?).map_err(|_| Malformed("a character is not UTF-8"))?;
        text.chars().next().ok_or(Malformed("a character is missing"))
    }

    /// Everything that is left, as text.
    pub fn rest_str(&mut self) -> Read<&'a str> {
        let rest = std::mem::take(&mut self.bytes);
        std::str::from_utf8(rest).map_err(|_| Malformed("a text is not UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_read_back() {
        let mut w = Writer::default();
        for n in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            w.varint(n);
        }
        w.str("grün");
        let mut r = Reader::new(&w.bytes);
        for n in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            assert_eq!(r.varint(), Ok(n));
        }
        assert_eq!((r.str(), r.is_empty()), (Ok("grün"), true));
    }

    #[test]
    fn a_number_that_never_ends_is_refused() {
        assert!(Reader::new(&[0xff; 20]).varint().is_err());
        assert!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]).varint().is_err());
        assert!(Reader::new(&[0xff, 0xff, 3]).str().is_err());
        assert!(Reader::new(&[0xe2, 0x82]).char().is_err());
    }
}
