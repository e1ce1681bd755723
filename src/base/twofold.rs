//! Bytes in a shared memory that are replaced as a whole or not at all, whenever the process that does it is killed.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::point;

/// Where such bytes lie in a file: a header of three numbers of 8 bytes, and two places for the bytes, which take turns.
/// Numbers are the machine's own: the file is never another's. One process writes at a time.
#[derive(Debug, Clone, Copy)]
pub struct Twofold {
    /// Where the header begins.
    pub header: u64,
    /// Where the first place begins.
    pub slots: u64,
    /// Room in each of them, in bytes.
    pub room: u64,
}

impl Twofold {
    /// Replaces the bytes.
    ///
    /// # Errors
    /// They do not fit, or the system has no memory left: then those before stay.
    pub fn write(self, file: &File, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() as u64 > self.room {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let number = self.number(file, 0)? + 1;
        file.write_all_at(bytes, self.slot(number))?;
        self.set_number(file, 1 + (number & 1), bytes.len() as u64)?;
        point("twofold-written");
        // This one counts.
        self.set_number(file, 0, number)
    }

    /// The bytes that were written last; none if nothing was.
    ///
    /// # Errors
    /// The file is too short, or says what cannot be.
    pub fn read(self, file: &File) -> io::Result<Option<Vec<u8>>> {
        let number = self.number(file, 0)?;
        if number == 0 {
            return Ok(None);
        }
        let length = self.number(file, 1 + (number & 1))?;
        if length > self.room {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; length as usize];
        file.read_exact_at(&mut bytes, self.slot(number))?;
        Ok(Some(bytes))
    }

    fn slot(self, number: u64) -> u64 {
        self.slots + (number & 1) * self.room
    }

    fn number(self, file: &File, index: u64) -> io::Result<u64> {
        let mut bytes = [0; 8];
        file.read_exact_at(&mut bytes, self.header + 8 * index)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    fn set_number(self, file: &File, index: u64, value: u64) -> io::Result<()> {
        file.write_all_at(&value.to_ne_bytes(), self.header + 8 * index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bytes_that_were_written_whole_are_there() {
        let file = tempfile::tempfile().unwrap();
        let at = Twofold { header: 64, slots: 4096, room: 100 };
        assert!(at.read(&file).is_err(), "an empty file");
        file.set_len(4096 + 200).unwrap();
        assert_eq!(at.read(&file).unwrap(), None);
        for text in ["one", "two", "", "a longer one"] {
            at.write(&file, text.as_bytes()).unwrap();
            assert_eq!(at.read(&file).unwrap().as_deref(), Some(text.as_bytes()));
        }
        assert!(at.write(&file, &[0; 101]).is_err());
        // Killed before the number counts.
        file.write_all_at(b"broken", at.slot(5)).unwrap();
        assert_eq!(at.read(&file).unwrap().as_deref(), Some(&b"a longer one"[..]));
        at.set_number(&file, 1, 101).unwrap();
        assert!(at.read(&file).is_err(), "a length that cannot be");
    }
}
