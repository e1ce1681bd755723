//! Input on its way to the program: taken down here before it is written, so that it arrives although the host is killed.
//!
//! What was taken counts from one store of one number on, the bytes together with the receipt that says whose they are.
//! Up to where the program was handed it says the position of the file, which the system itself moves: on Linux within
//! the call that hands over the bytes (`sendfile`), so that no moment lies between the two and each byte arrives exactly
//! once. Elsewhere it is moved first, and what a host that is killed there had not written yet is lost: at most once.

use std::io;
use std::os::fd::AsFd;

use rustix::fs::{SeekFrom, seek};
use rustix::io::Errno;

use super::file::{INPUT, INPUT_AT, Memory, ROOM, Word};
use crate::base::point;
use crate::keeper::Master;
use crate::session::receipts::{Entry, Receipt, Receipts};

/// Memory is given back in such pieces once all of their bytes were handed over.
const PIECE: u64 = 64 << 10;
/// Most bytes handed over at once where that takes a copy of them.
const COPIED: u64 = 4096;

/// What is written down in one with input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Note {
    /// Whose input it is, if somebody counts.
    pub receipt: Option<Receipt>,
    /// Of a prompt: whether its Enter is still to come.
    pub enter_owed: Option<bool>,
}

/// What is known of the input.
#[derive(Debug, Default)]
struct Known {
    /// Up to where it was taken, in bytes since the program began.
    head: u64,
    enter_owed: bool,
    receipts: Receipts,
}

/// Numbers before the receipts, and of each receipt.
const FIRST: usize = 2;
const EACH: usize = 5;
const _: () = assert!(FIRST + EACH * Receipts::MOST <= ROOM);

impl Memory {
    /// Takes input, whole or not at all, behind what waits. No more may wait than [`INPUT`] less a piece.
    ///
    /// # Errors
    /// The system has no memory left: nothing was taken.
    pub fn take(&self, bytes: &[u8], note: Note) -> io::Result<()> {
        let number = self.get(Word::Taken);
        let mut known = self.known(number);
        let place = known.head % INPUT;
        let (first, second) = bytes.split_at(bytes.len().min((INPUT - place) as usize));
        self.write(first, INPUT_AT + place)?;
        self.write(second, INPUT_AT)?;
        point("input-written");
        known.head += bytes.len() as u64;
        known.enter_owed = note.enter_owed.unwrap_or(known.enter_owed);
        note.receipt.into_iter().for_each(|receipt| known.receipts.note(receipt));
        self.know(number + 1, &known);
        Ok(())
    }

    /// Which input was taken, and whether a prompt waits for its Enter.
    pub fn taken(&self) -> (Receipts, bool) {
        let known = self.known(self.get(Word::Taken));
        (known.receipts, known.enter_owed)
    }

    /// The receipts of another memory count here from now on.
    pub fn adopt_receipts(&self, of: &Self) {
        let number = self.get(Word::Taken);
        let mut known = self.known(number);
        known.receipts = of.taken().0;
        self.know(number + 1, &known);
    }

    /// How many bytes were taken and not handed over.
    ///
    /// # Errors
    /// The system's.
    pub fn waiting(&self) -> io::Result<u64> {
        Ok(self.behind(Self::place(self.position()?)))
    }

    /// How many bytes were taken from this place of the ring on.
    fn behind(&self, place: u64) -> u64 {
        let head = self.get(Word::Room(self.get(Word::Taken), 0));
        (head % INPUT + INPUT - place) % INPUT
    }

    /// Hands the program the next bytes, at most so many. Returns how many it took; 0 means to wait until the terminal is
    /// writable, or that none wait. To be called by one thread at a time.
    ///
    /// # Errors
    /// EIO when the program is gone.
    pub fn hand_over(&self, to: &Master, most: u64) -> io::Result<u64> {
        let position = self.position()?;
        let place = Self::place(position);
        if position != INPUT_AT + place {
            self.set_place(place)?;
        }
        let length = most.min(self.behind(place)).min(INPUT - place);
        let sent = if length > 0 { self.send(to, place, length)? } else { 0 };
        point("input-sent");
        self.free_pieces(place, place + sent);
        Ok(sent)
    }

    /// So many bytes come to nothing: there is nobody to read them.
    ///
    /// # Errors
    /// The system's.
    pub fn pass_over(&self, length: u64) -> io::Result<()> {
        let place = Self::place(self.position()?);
        self.set_place((place + length.min(self.behind(place))) % INPUT)
    }

    #[cfg(target_os = "linux")]
    fn send(&self, to: &Master, place: u64, length: u64) -> io::Result<u64> {
        loop {
            return match rustix::fs::sendfile(to.as_fd(), self.fd(), None, length as usize) {
                Ok(0) => Err(io::ErrorKind::WriteZero.into()),
                Ok(sent) => Ok(sent as u64),
                Err(Errno::AGAIN) => Ok(0),
                Err(Errno::INTR) => continue,
                // A terminal that takes bytes in no other way than copied.
                Err(Errno::INVAL | Errno::NOSYS) => self.copy(to, place, length),
                Err(e) => Err(e.into()),
            };
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn send(&self, to: &Master, place: u64, length: u64) -> io::Result<u64> {
        self.copy(to, place, length)
    }

    /// Says first that the bytes were handed over.
    fn copy(&self, to: &Master, place: u64, length: u64) -> io::Result<u64> {
        let length = length.min(COPIED);
        let bytes = self.read(length, INPUT_AT + place)?;
        self.set_place((place + length) % INPUT)?;
        let sent = to.write(&bytes)? as u64;
        if sent < length {
            self.set_place(place + sent)?;
        }
        Ok(sent)
    }

    fn position(&self) -> io::Result<u64> {
        Ok(seek(self.fd(), SeekFrom::Current(0))?)
    }

    /// Where in the ring the next byte lies that was not handed over. The end of the ring is its beginning; where nothing
    /// was ever handed over, the position is the beginning of the file.
    fn place(position: u64) -> u64 {
        position.saturating_sub(INPUT_AT) % INPUT
    }

    fn set_place(&self, place: u64) -> io::Result<()> {
        seek(self.fd(), SeekFrom::Start(INPUT_AT + place))?;
        Ok(())
    }

    fn free_pieces(&self, from: u64, to: u64) {
        let (from, to) = (from / PIECE * PIECE, to / PIECE * PIECE);
        if to > from {
            self.free(INPUT_AT + from, to - from);
        }
    }

    fn known(&self, number: u64) -> Known {
        let word = |at: usize| self.get(Word::Room(number, at));
        let count = (word(1) >> 1).min(Receipts::MOST as u64) as usize;
        let entries = (0..count).map(|n| {
            let numbers: [u64; EACH] = std::array::from_fn(|at| word(FIRST + EACH * n + at));
            let [last, numbers @ ..] = numbers;
            let wide = |high: u64, low: u64| u128::from(high) << 64 | u128::from(low);
            Entry { client: wide(numbers[0], numbers[1]), last, missing: wide(numbers[2], numbers[3]) }
        });
        let receipts = Receipts::from_entries(entries.collect());
        Known { head: word(0), enter_owed: word(1) & 1 != 0, receipts }
    }

    /// Lets it count.
    fn know(&self, number: u64, known: &Known) {
        let set = |at: usize, value: u64| self.set(Word::Room(number, at), value);
        let entries = known.receipts.entries();
        set(0, known.head);
        set(1, (entries.len() as u64) << 1 | u64::from(known.enter_owed));
        for (n, entry) in entries.iter().enumerate() {
            let Entry { client, last, missing } = *entry;
            let numbers = [last, (client >> 64) as u64, client as u64, (missing >> 64) as u64, missing as u64];
            numbers.into_iter().enumerate().for_each(|(at, value)| set(FIRST + EACH * n + at, value));
        }
        point("receipts-written");
        self.set(Word::Taken, number);
    }
}

#[cfg(test)]
#[path = "input_tests.rs"]
mod tests;
