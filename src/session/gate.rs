//! How many sessions may parse at a time, and who is first: as many as there are processors, and the session that was
//! typed into before all others. Without it a dozen floods share the processors with the one pane that is typed into.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::brake::Brake;

/// A gate with a number of permits, shared by all cores of a host, and the brake of their readers.
#[derive(Debug)]
pub struct Gate {
    state: Mutex<State>,
    urgent: Condvar,
    normal: Condvar,
    brake: Arc<Brake>,
}

#[derive(Debug)]
struct State {
    free: usize,
    urgent_waiting: usize,
}

/// The right to parse one slice; given back when dropped.
#[derive(Debug)]
pub struct Permit<'a> {
    gate: &'a Gate,
}

impl Gate {
    /// A gate for a machine with so many processors: as many permits, at least one.
    pub fn new(processors: usize) -> Self {
        let state = Mutex::new(State { free: processors.max(1), urgent_waiting: 0 });
        let brake = Arc::new(Brake::new(processors));
        Self { state, urgent: Condvar::new(), normal: Condvar::new(), brake }
    }

    pub(super) fn brake(&self) -> &Arc<Brake> {
        &self.brake
    }

    /// Waits for a permit. The urgent ones go first.
    pub fn pass(&self, urgent: bool) -> Permit<'_> {
        let mut state = self.lock();
        if urgent {
            state.urgent_waiting += 1;
            while state.free == 0 {
                state = self.urgent.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            state.urgent_waiting -= 1;
        } else {
            while state.free == 0 || state.urgent_waiting > 0 {
                state = self.normal.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
        state.free -= 1;
        // A permit may be left over for somebody who waited only for the urgent ones to pass.
        self.wake(&state);
        drop(state);
        Permit { gate: self }
    }

    fn wake(&self, state: &State) {
        if state.free == 0 {
            return;
        }
        let next = if state.urgent_waiting > 0 { &self.urgent } else { &self.normal };
        next.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        state.free += 1;
        self.gate.wake(&state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn never_more_than_the_permits_are_inside() {
        let (gate, inside, most) = (Gate::new(2), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for i in 0..8 {
                let (gate, inside, most) = (&gate, &inside, &most);
                scope.spawn(move || {
                    for _ in 0..500 {
                        let _permit = gate.pass(i == 0);
                        most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!((1..=2).contains(&most.into_inner()));
        assert_eq!(gate.lock().free, 2);
    }

    #[test]
    fn the_urgent_one_is_first() {
        let gate = Gate::new(1);
        let order = Mutex::new(Vec::new());
        let held = gate.pass(false);
        std::thread::scope(|scope| {
            for name in ["a", "b"] {
                let (gate, order) = (&gate, &order);
                scope.spawn(move || {
                    let _permit = gate.pass(false);
                    order.lock().unwrap().push(name);
                });
            }
            let (gate, order) = (&gate, &order);
            scope.spawn(move || {
                let _permit = gate.pass(true);
                order.lock().unwrap().push("urgent");
            });
            while gate.lock().urgent_waiting == 0 {
                std::thread::yield_now();
            }
            drop(held);
        });
        assert_eq!(order.into_inner().unwrap()[0], "urgent");
    }

    #[test]
    fn nobody_slips_in_before_an_urgent_one_that_was_called() {
        let gate = Gate::new(1);
        // One that was called needs a while to wake up: whoever gave the permit back is much faster.
        for _ in 0..200 {
            let order = Mutex::new(Vec::new());
            let held = gate.pass(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    let _permit = gate.pass(true);
                    order.lock().unwrap().push("urgent");
                });
                while gate.lock().urgent_waiting == 0 {
                    std::thread::yield_now();
                }
                drop(held);
                let _permit = gate.pass(false);
                order.lock().unwrap().push("normal");
            });
            assert_eq!(order.into_inner().unwrap(), ["urgent", "normal"]);
        }
    }
}
