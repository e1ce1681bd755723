//! Pages of history on the disk: an unbroken run of bytes by their numbers, in records that are only ever appended; what is
//! not needed any more goes when the file is made anew.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Seek, SeekFrom, Write};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::frame;

/// A file is made anew when so much of it, in bytes of pages, is not needed any more, and more than what is.
const STALE: u64 = 4 << 20;

/// The most pages that a session can have, in bytes.
const MOST: u64 = 1 << 30;

/// The file, open for more.
#[derive(Debug)]
pub(super) struct Pages {
    path: PathBuf,
    file: File,
    /// Which bytes are in it.
    has: Range<u64>,
    /// Its length up to the last whole record.
    length: u64,
}

impl Pages {
    /// A new file that begins with this number.
    pub(super) fn begin(path: PathBuf, first: u64) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        Ok(Self { path, file, has: first..first, length: 0 })
    }

    /// The number of the first byte that is not there yet.
    pub(super) fn end(&self) -> u64 {
        self.has.end
    }

    /// Whether more is there that nobody needs than is worth it, now that everything before `first` is not needed.
    pub(super) fn is_stale(&self, first: u64) -> bool {
        let unused = first.saturating_sub(self.has.start);
        unused > STALE && unused > self.has.end.saturating_sub(first)
    }

    /// Appends what follows, and has it on the disk before it returns.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let record = [&self.has.end.to_le_bytes()[..], bytes].concat();
        // Behind a record that was not written whole nothing would be found.
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length))?;
        let mut packed = Vec::new();
        frame::write(&mut packed, &record)?;
        self.file.write_all(&packed)?;
        self.file.sync_data()?;
        self.length += packed.len() as u64;
        self.has.end += bytes.len() as u64;
        Ok(())
    }

    /// A new file, with everything before this number gone.
    pub(super) fn renewed(&self, path: PathBuf, first: u64) -> io::Result<Self> {
        let kept = read(&self.path, first..self.has.end)?;
        let mut fresh = Self::begin(path, first)?;
        fresh.append(&kept)?;
        Ok(fresh)
    }
}

/// The bytes of these numbers.
///
/// # Errors
/// They are not all there, or what is there is damaged.
pub(super) fn read(path: &Path, range: Range<u64>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if range.is_empty() {
        return Ok(bytes);
    }
    if range.end - range.start > MOST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut from = BufReader::new(File::open(path)?);
    let mut next = range.start;
    while next < range.end {
        let record = frame::read(&mut from)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let (number, record) = record.split_first_chunk::<8>().ok_or(io::ErrorKind::InvalidData)?;
        let number = u64::from_le_bytes(*number);
        let end = number.checked_add(record.len() as u64).ok_or(io::ErrorKind::InvalidData)?;
        if end <= next {
            continue;
        }
        let skip = next.checked_sub(number).ok_or(io::ErrorKind::UnexpectedEof)?;
        let take = range.end.min(end) - next;
        bytes.extend(&record[skip as usize..(skip + take) as usize]);
        next += take;
    }
    Ok(bytes)
}
