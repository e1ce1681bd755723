//! What a program asks of the input: the kitty protocol's stack of key flags, xterm's modifyOtherKeys, reports of the
//! mouse and of the focus. And who asked: a program that is killed cannot take back what it asked for, and a shell reads
//! the sequences that keys then make as garbage.

use super::state::Terminal;
use crate::engine::kept::{Damaged, Kept, Source, ensure, kept_struct};
use crate::model::Modes;

/// Most entries of one screen's stack, where the oldest makes room: programs nest a few deep, and a stack without an end
/// would be memory for the asking.
const MOST_ENTRIES: usize = 16;
/// The flags that the kitty protocol has.
const KEY_FLAGS: u16 = 31;

/// The process group that asked for something, 0 for one that the system does not tell; `None` until somebody looked.
type Owner = Option<u32>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ask {
    flags: u8,
    owner: Owner,
}

kept_struct!(Ask { flags, owner });

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    pushed: Ask,
    /// What another one than the owner has made of the flags: the owner's come back when that one is gone.
    changed: Option<Ask>,
}

kept_struct!(Entry { pushed, changed });

impl Entry {
    /// One who sets the flags of an entry that is its own has no change to be taken back.
    fn settle(&mut self) {
        if let Some(changed) = self.changed.filter(|changed| changed.owner == self.pushed.owner) {
            (self.pushed, self.changed) = (changed, None);
        }
    }

    /// Without what a process group asked for; `None` if nothing is left.
    fn without(self, gone: Owner) -> Option<Self> {
        let changed = self.changed.filter(|changed| changed.owner != gone);
        if self.pushed.owner == gone {
            return changed.map(|pushed| Self { pushed, changed: None });
        }
        Some(Self { changed, ..self })
    }
}

/// The kitty protocol's flags of one screen: the last entry is in force.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::engine) struct KeyStack(Vec<Entry>);

impl Kept for KeyStack {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }

    fn read(from: &mut Source) -> Result<Self, Damaged> {
        let entries: Vec<Entry> = Kept::read(from)?;
        ensure(entries.len() <= MOST_ENTRIES, "no more key flags than the stack has room for")?;
        let sound = |ask: &Ask| u16::from(ask.flags) <= KEY_FLAGS;
        let all = entries.iter().all(|entry| sound(&entry.pushed) && entry.changed.iter().all(sound));
        ensure(all, "key flags from 0 to 31")?;
        Ok(Self(entries))
    }
}

impl KeyStack {
    /// The flags in force, 0 to 31.
    pub(in crate::engine) fn flags(&self) -> u8 {
        self.0.last().map_or(0, |entry| entry.changed.unwrap_or(entry.pushed).flags)
    }

    fn push(&mut self, flags: u16) {
        if self.0.len() == MOST_ENTRIES {
            self.0.remove(0);
        }
        self.0.push(Entry { pushed: Ask { flags: (flags & KEY_FLAGS) as u8, owner: None }, changed: None });
    }

    fn pop(&mut self, count: u16) {
        self.0.truncate(self.0.len().saturating_sub(usize::from(count)));
    }

    /// Changes the flags in force, which are an entry of their own where there was none.
    fn set(&mut self, flags: u16, how: u16) {
        let (flags, now) = ((flags & KEY_FLAGS) as u8, self.flags());
        let flags = match how {
            1 => flags,
            2 => now | flags,
            3 => now & !flags,
            _ => return,
        };
        match self.0.last_mut() {
            Some(entry) => {
                entry.changed = Some(Ask { flags, owner: None });
                entry.settle();
            }
            None => self.push(u16::from(flags)),
        }
    }
}

/// Who asked for what is no stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::engine) struct Owners {
    pub mouse: Owner,
    pub focus: Owner,
    other_keys: Owner,
}

kept_struct!(Owners { mouse, focus, other_keys });

fn other_keys() -> Modes {
    Modes::OTHER_KEYS | Modes::ALL_OTHER_KEYS
}

impl Terminal {
    /// `CSI > flags u`.
    pub(super) fn push_keys(&mut self, flags: u16) {
        self.screen.keys.push(flags);
    }

    /// `CSI < count u`.
    pub(super) fn pop_keys(&mut self, count: u16) {
        self.screen.keys.pop(count);
    }

    /// `CSI = flags ; how u`.
    pub(super) fn set_keys(&mut self, flags: u16, how: u16) {
        self.screen.keys.set(flags, how);
    }

    /// XTMODKEYS, of which only modifyOtherKeys is built: level 1 or 2, all else is off.
    pub(super) fn set_other_keys(&mut self, level: u16) {
        self.modes.set(other_keys(), false);
        self.modes.set(Modes::OTHER_KEYS, level == 1);
        self.modes.set(Modes::ALL_OTHER_KEYS, level == 2);
        self.owners.other_keys = None;
    }

    /// Keys as they are for programs that ask for nothing, on both screens.
    pub(super) fn reset_keys(&mut self) {
        self.screen.keys = KeyStack::default();
        self.hidden.keys = KeyStack::default();
        self.set_other_keys(0);
    }

    /// Every owner of something that is in force.
    fn all_owners(&mut self) -> impl Iterator<Item = &mut Owner> {
        let (modes, owners) = (self.modes, &mut self.owners);
        let single = [
            (modes.any(Modes::mouse_tracking()), &mut owners.mouse),
            (modes.has(Modes::FOCUS_EVENTS), &mut owners.focus),
            (modes.any(other_keys()), &mut owners.other_keys),
        ];
        let entries = self.screen.keys.0.iter_mut().chain(&mut self.hidden.keys.0);
        let asks = entries.flat_map(|entry| std::iter::once(&mut entry.pushed).chain(&mut entry.changed));
        single.into_iter().filter(|(on, _)| *on).map(|(_, owner)| owner).chain(asks.map(|ask| &mut ask.owner))
    }

    /// Whether something is in force and nobody has looked yet who asked for it.
    pub(in crate::engine) fn is_unclaimed(&mut self) -> bool {
        self.all_owners().any(|owner| owner.is_none())
    }

    /// Says who asked for what nobody has looked at yet.
    pub(in crate::engine) fn claim(&mut self, group: u32) {
        self.all_owners().filter(|owner| owner.is_none()).for_each(|owner| *owner = Some(group));
        self.screen.keys.0.iter_mut().chain(&mut self.hidden.keys.0).for_each(Entry::settle);
    }

    /// The process groups that asked for something, each once.
    pub(in crate::engine) fn owners(&mut self) -> Vec<u32> {
        let mut groups: Vec<u32> = self.all_owners().filter_map(|owner| owner.filter(|group| *group != 0)).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// Ends what a process group asked for.
    pub(in crate::engine) fn disown(&mut self, group: u32) {
        let gone = Some(group);
        for keys in [&mut self.screen.keys, &mut self.hidden.keys] {
            keys.0 = keys.0.iter().filter_map(|entry| entry.without(gone)).collect();
        }
        if self.owners.mouse == gone {
            self.modes.set(Modes::mouse_tracking() | Modes::mouse_encodings(), false);
        }
        if self.owners.focus == gone {
            self.modes.set(Modes::FOCUS_EVENTS, false);
        }
        if self.owners.other_keys == gone {
            self.set_other_keys(0);
        }
    }
}
