//! What the daemon before this one left with the keeper.

use crate::keeper::{Keeper, Line, Master};

/// Ends what was left: a program is told that its terminal is gone, as by closing it.
pub(super) fn end(keeper: &Keeper) {
    let held = keeper.held().unwrap_or_else(|e| {
        log::warn!("what the host before this one had is not known: {e}");
        Vec::new()
    });
    for line in &held {
        hang_up(keeper, line);
        keeper.forget(line.key);
    }
    if !held.is_empty() {
        log::warn!("the host before this one ended with {} sessions, which are not brought back", held.len());
    }
}

fn hang_up(keeper: &Keeper, line: &Line) {
    match keeper.take(line) {
        Ok(taken) if line.exit.is_none() => {
            if let Some(child) = taken.child {
                child.hang_up(taken.master.as_ref().and_then(Master::foreground));
            }
        }
        Ok(_) => {}
        Err(e) => log::warn!("a program of the host before this one cannot be reached: {e}"),
    }
}
