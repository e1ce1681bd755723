//! Named places at which something is half done. To see what becomes of that, a development build kills itself there when
//! it is asked to; a release has nothing of it.
//!
//! `SYNK_KILL_AT=NAME` asks for it at the first time that a process comes there, `NAME:N` at the N-th. With
//! `SYNK_KILL_ONCE=PATH` the file at that path is removed first, and nobody is killed where there is none; only times at which
//! it is there are counted.

/// A process comes to the place of this name.
#[cfg(debug_assertions)]
pub fn point(name: &'static str) {
    if let Some(asked) = asked::asked().filter(|asked| asked.name == name) {
        asked.come();
    }
}

/// Nothing.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn point(_: &'static str) {}

#[cfg(debug_assertions)]
mod asked {
    use std::path::PathBuf;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use rustix::process::{Signal, getpid, kill_process};

    pub(super) struct Asked {
        pub name: String,
        /// At which time, from 1.
        time: u64,
        once: Option<PathBuf>,
        times: AtomicU64,
    }

    /// What this process was asked for when it was started.
    pub(super) fn asked() -> Option<&'static Asked> {
        static ASKED: OnceLock<Option<Asked>> = OnceLock::new();
        let read = || {
            let once = std::env::var_os("SYNK_KILL_ONCE").map(PathBuf::from);
            Some(Asked::parse(&std::env::var("SYNK_KILL_AT").ok()?, once))
        };
        ASKED.get_or_init(read).as_ref()
    }

    impl Asked {
        pub(super) fn parse(text: &str, once: Option<PathBuf>) -> Self {
            let numbered = text.split_once(':').and_then(|(name, time)| Some((name, time.parse().ok()?)));
            let (name, time) = numbered.unwrap_or((text, 1));
            Self { name: name.to_owned(), time, once, times: AtomicU64::new(0) }
        }

        pub(super) fn come(&self) {
            if self.is_time() {
                // As if from outside: nothing is tidied up.
                let _ = kill_process(getpid(), Signal::KILL);
            }
        }

        pub(super) fn is_time(&self) -> bool {
            if self.once.as_ref().is_some_and(|once| !once.exists()) {
                return false;
            }
            let times = self.times.fetch_add(1, Ordering::SeqCst) + 1;
            // Of all who come there at once, one removes it.
            times >= self.time && self.once.as_ref().is_none_or(|once| std::fs::remove_file(once).is_ok())
        }
    }
}

#[cfg(all(test, debug_assertions))]
mod tests {
    use super::asked::Asked;

    #[test]
    fn it_is_time_at_the_time_that_was_asked_for_and_once() {
        let asked = Asked::parse("read:3", None);
        assert_eq!((&*asked.name, [0; 4].map(|_| asked.is_time())), ("read", [false, false, true, true]));
        let dir = tempfile::tempdir().unwrap();
        let once = dir.path().join("once");
        let asked = Asked::parse("read:2", Some(once.clone()));
        assert!(!asked.is_time(), "there is no file");
        std::fs::write(&once, "").unwrap();
        assert_eq!([0; 3].map(|_| asked.is_time()), [false, true, false]);
        assert!(!once.exists());
        std::fs::write(&once, "").unwrap();
        assert!(asked.is_time());
        let odd = Asked::parse("read:x", None);
        assert_eq!(odd.name, "read:x", "no place is called so");
    }
}
