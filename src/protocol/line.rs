//! Newline framing with a limit: a peer that never ends its line cannot take memory.

use std::io::{self, BufRead, Read};

/// Longest line in bytes, its newline included.
pub const MAX_LINE: usize = 1 << 20;

/// Reads the next line without its line end. `Ok(None)` is the end of the connection; a half line before it is dropped.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for a line longer than [`MAX_LINE`] or one that is not UTF-8; after the former the
/// connection can only be closed. Else what the reader says.
pub fn read_line(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    reader.by_ref().take(MAX_LINE as u64).read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        if line.len() + 1 >= MAX_LINE {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is longer than 1 MiB"));
        }
        return Ok(None);
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    String::from_utf8(line).map(Some).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a line is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_and_limited() {
        let mut input: &[u8] = b"a\r\n\nb\nhalf";
        let mut next = || read_line(&mut input).unwrap();
        assert_eq!((next(), next(), next(), next()), (Some("a".into()), Some(String::new()), Some("b".into()), None));
        let endless = vec![b'x'; MAX_LINE + 10];
        assert_eq!(read_line(&mut &endless[..]).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(read_line(&mut &b"\xff\n"[..]).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
