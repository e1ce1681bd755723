//! The directory of one session.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::frame;
use super::pages::{self, Pages};

/// What the name of a file with pages begins with.
const PAGES: &str = "pages-";

/// What is kept of a session at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// Unix time in milliseconds.
    pub saved_at_ms: u64,
    /// Says what session this is.
    pub label: Vec<u8>,
    /// Its terminal.
    pub image: Vec<u8>,
    /// The pages of history that the image may name, by their numbers.
    pub pages: Range<u64>,
}

/// Where the states of one session are saved. One that was just opened writes all pages anew: whose they are that lie
/// there is not known.
#[derive(Debug)]
pub struct Folder {
    dir: PathBuf,
    pages: Option<Pages>,
    /// What the last state is called.
    last: Name,
}

/// The name of a state: its number, and that of the file with its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Name {
    state: u64,
    pages: u64,
}

impl Name {
    fn parse(name: &str) -> Option<Self> {
        let (state, pages) = name.split_once('-')?;
        let name = Self { state: state.parse().ok()?, pages: pages.parse().ok()? };
        (name.file() == format!("{state}-{pages}")).then_some(name)
    }

    fn file(self) -> String {
        format!("{:012}-{:06}", self.state, self.pages)
    }

    fn pages_file(self) -> String {
        format!("{PAGES}{:06}", self.pages)
    }
}

impl Folder {
    /// Makes the directory where it is missing.
    ///
    /// # Errors
    /// It cannot be made or read.
    pub(super) fn open(dir: PathBuf) -> io::Result<Self> {
        super::shelf::make_dir(&dir)?;
        let last = names(&dir)?.last().copied().unwrap_or_default();
        Ok(Self { dir, pages: None, last })
    }

    /// From which number on pages have to come with the next state.
    pub fn pages_from(&self) -> u64 {
        self.pages.as_ref().map_or(0, Pages::end)
    }

    /// Saves a state with the pages that are new: those from [`Folder::pages_from`] on. Of the states `keep` stay, this one
    /// included.
    ///
    /// # Errors
    /// The disk is full or broken. The states before are as they were.
    pub fn save(&mut self, state: &State, new_pages: &[u8], keep: usize) -> io::Result<()> {
        let saved = self.try_save(state, new_pages);
        if saved.is_err() {
            // What is in the file is not known; the next state brings everything.
            self.pages = None;
        }
        self.drop_old(keep.max(1));
        saved
    }

    fn try_save(&mut self, state: &State, new_pages: &[u8]) -> io::Result<()> {
        let begins = state.pages.end.saturating_sub(new_pages.len() as u64);
        match &self.pages {
            Some(pages) if pages.end() == begins && !pages.is_stale(state.pages.start) => {}
            Some(pages) if pages.end() == begins => {
                self.last.pages = self.last.pages.saturating_add(1);
                let fresh = self.dir.join(self.last.pages_file());
                self.pages = Some(pages.renewed(fresh, state.pages.start)?);
            }
            _ if begins > state.pages.start => {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "pages of the history are missing"));
            }
            _ => {
                // The states before need theirs.
                self.last.pages = self.last.pages.saturating_add(1);
                self.pages = Some(Pages::begin(self.dir.join(self.last.pages_file()), begins)?);
            }
        }
        if let Some(pages) = &mut self.pages {
            pages.append(new_pages)?;
        }
        let name = Name { state: self.last.state.saturating_add(1), ..self.last };
        frame::replace(&self.dir.join(name.file()), &state.to_bytes())?;
        self.last = name;
        Ok(())
    }

    /// Removes states until so many are left, those that need pages of more than one file before the last, and every file
    /// that none of the others needs: also what could not be written whole.
    fn drop_old(&self, keep: usize) {
        let Ok(names) = names(&self.dir) else { return };
        let newest: Vec<Name> = names.into_iter().rev().take(keep).collect();
        let mut files: Vec<u64> = newest.iter().map(|name| name.pages).collect();
        files.dedup();
        let kept = newest.iter().filter(|name| files.iter().take(2).any(|pages| *pages == name.pages));
        let mut needed: BTreeSet<String> = kept.flat_map(|name| [name.file(), name.pages_file()]).collect();
        needed.extend(self.pages.as_ref().map(|_| self.last.pages_file()));
        let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.file_name().to_str().is_some_and(|name| !needed.contains(name))) {
            if let Err(e) = fs::remove_file(entry.path()) {
                log::debug!("an old state stays: {e}");
            }
        }
    }
}

/// The states in a directory, the newest first, with their pages; those that are damaged are passed over.
pub(super) fn states(dir: &Path) -> impl Iterator<Item = (State, Vec<u8>)> + use<> {
    let names = names(dir).unwrap_or_default().into_iter().rev();
    let dir = dir.to_owned();
    names.filter_map(move |name| {
        let state = load(&dir, name);
        state.inspect_err(|e| log::warn!("{} cannot be used: {e}", dir.join(name.file()).display())).ok()
    })
}

fn load(dir: &Path, name: Name) -> io::Result<(State, Vec<u8>)> {
    let mut file = BufReader::new(File::open(dir.join(name.file()))?);
    let bytes = frame::read(&mut file)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let state = State::from_bytes(&bytes).ok_or(io::ErrorKind::InvalidData)?;
    let pages = pages::read(&dir.join(name.pages_file()), state.pages.clone())?;
    Ok((state, pages))
}

/// The names of the states in a directory, the oldest first.
fn names(dir: &Path) -> io::Result<Vec<Name>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        names.extend(entry?.file_name().to_str().and_then(Name::parse));
    }
    names.sort_unstable();
    Ok(names)
}

/// What a state begins with: the version of its shape.
const VERSION: u32 = 1;

impl State {
    fn to_bytes(&self) -> Vec<u8> {
        let Self { saved_at_ms, label, image, pages } = self;
        let mut out = VERSION.to_le_bytes().to_vec();
        for number in [*saved_at_ms, pages.start, pages.end, label.len() as u64] {
            out.extend(number.to_le_bytes());
        }
        out.extend(label);
        out.extend(image);
        out
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (version, mut rest) = bytes.split_first_chunk::<4>()?;
        if u32::from_le_bytes(*version) != VERSION {
            return None;
        }
        let mut number = || {
            let (number, behind) = rest.split_first_chunk::<8>()?;
            rest = behind;
            Some(u64::from_le_bytes(*number))
        };
        let (saved_at_ms, start, end, length) = (number()?, number()?, number()?, number()?);
        let (label, image) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        Some(Self { saved_at_ms, label: label.to_vec(), image: image.to_vec(), pages: start..end })
    }
}
