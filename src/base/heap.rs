//! Memory that was freed goes back to the system. An allocator keeps what lies between what is in use.

use std::sync::atomic::{AtomicUsize, Ordering};

/// After so many bytes it is worth looking through all that the allocator has.
const MUCH: usize = 8 << 20;

/// About so many bytes were freed at once, and may not be wanted again soon.
pub fn freed(bytes: usize) {
    static FREED: AtomicUsize = AtomicUsize::new(0);
    let before = FREED.fetch_add(bytes, Ordering::Relaxed);
    // Of several at once one goes over the limit.
    if before < MUCH && before.saturating_add(bytes) >= MUCH {
        FREED.store(0, Ordering::Relaxed);
        trim();
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn trim() {
    // SAFETY: the function takes the allocator's own locks and frees nothing that is in use (malloc_trim(3)).
    unsafe { libc::malloc_trim(0) };
}

/// Others see to it by themselves, or cannot be told.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn trim() {}
