//! Bytes on their way to a file: compressed, with their length and a checksum in front.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::base::point;

/// Fast, and small enough: what the fastest level leaves of text is a tenth.
const LEVEL: i32 = 1;
/// Lengths of the compressed bytes and of what they were, and the checksum of the first: CRC-32 as in ISO 3309.
const HEAD: usize = 12;
/// The longest that is read.
const MOST: u32 = 1 << 30;

/// Writes one frame. Returns its length.
pub(super) fn write(to: &mut impl Write, bytes: &[u8]) -> io::Result<u64> {
    let whole = u32::try_from(bytes.len()).ok().filter(|length| *length <= MOST).ok_or(io::ErrorKind::FileTooLarge)?;
    let packed = zstd::bulk::compress(bytes, LEVEL)?;
    let length = u32::try_from(packed.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
    for number in [length, whole, crc32fast::hash(&packed)] {
        to.write_all(&number.to_le_bytes())?;
    }
    to.write_all(&packed)?;
    Ok((HEAD + packed.len()) as u64)
}

/// Reads one frame; none at the end.
///
/// # Errors
/// It is damaged, or ends in the middle.
pub(super) fn read(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; HEAD];
    let got = from.by_ref().take(HEAD as u64).read(&mut head[..1])?;
    if got == 0 {
        return Ok(None);
    }
    from.read_exact(&mut head[1..])?;
    let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let (length, whole, sum) = (number(0), number(4), number(8));
    if length > MOST || whole > MOST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut packed = Vec::new();
    from.take(length.into()).read_to_end(&mut packed)?;
    if packed.len() != length as usize || crc32fast::hash(&packed) != sum {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a checksum is wrong"));
    }
    let bytes = zstd::bulk::decompress(&packed, whole as usize)?;
    if bytes.len() == whole as usize { Ok(Some(bytes)) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// Replaces a file by one with this one frame; or leaves it as it was.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let mut packed = Vec::new();
    write(&mut packed, bytes)?;
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(&packed)?;
    // Else it might have its name after a loss of power, and nothing in it.
    file.sync_data()?;
    point("saved");
    fs::rename(&fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_nothing_else_is() {
        let mut file = Vec::new();
        let texts = [&b""[..], b"one", &[7; 100_000]];
        let written: u64 = texts.iter().map(|text| write(&mut file, text).unwrap()).sum();
        assert_eq!(written, file.len() as u64);
        let mut from = &file[..];
        for text in texts {
            assert_eq!(read(&mut from).unwrap().as_deref(), Some(text));
        }
        assert_eq!(read(&mut from).unwrap(), None);
        let mut frame = Vec::new();
        write(&mut frame, b"a frame of its own").unwrap();
        for cut in 1..frame.len() {
            assert!(read(&mut &frame[..cut]).is_err(), "cut at {cut}");
        }
        for bit in 0..frame.len() * 8 {
            let mut other = frame.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(read(&mut &other[..]).unwrap_or_default().as_deref(), Some(&b"another"[..]));
            assert!(bit / 8 >= 4 && bit / 8 < 8 || read(&mut &other[..]).is_err(), "bit {bit}");
        }
    }
}
