//! What a program's output asks for beyond the screen. Effects are raised while feeding and never by a restore.

/// A thing to do outside the engine, in the order of the output. Within one call of `feed` only the last title, working
/// directory and clipboard text are raised, one bell, and at most [`MAX_NOTIFICATIONS`] notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Bytes for the program's input: the answer to a query, from a fixed list; no byte of the query is in it.
    Reply(Vec<u8>),
    /// The title changed (OSC 0, OSC 2, the title stack, RIS); empty means none. At most 1 KiB, without C0 and C1
    /// controls; other invisible characters are for whoever shows it to escape.
    Title(String),
    /// The program says which directory it works in (OSC 7): an absolute path of this machine. Only a hint.
    Cwd(String),
    /// BEL.
    Bell,
    /// A notification (OSC 9, OSC 777); the title may be empty. At most 1 KiB each, without controls. Rate limits are
    /// the caller's.
    Notify { title: String, body: String },
    /// Text for the clipboard (OSC 52), at most 1 MiB. Reading the clipboard is never offered.
    Clipboard(String),
    /// The shell says where it is (OSC 133).
    Mark(ShellMark),
}

/// The marks of shell integration (OSC 133).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellMark {
    /// A: the prompt begins.
    PromptStart,
    /// B: the prompt ends, what the user types begins.
    InputStart,
    /// C: the command runs, its output begins.
    OutputStart,
    /// D: the command is done, with its exit code where the shell gives one.
    Done { exit: Option<i32> },
}

/// Most notifications raised by one call of `feed`.
pub const MAX_NOTIFICATIONS: usize = 8;

/// Raises an effect, in place of an earlier one of the same call that it makes pointless. `from`: how many effects
/// there were when the call began.
pub(super) fn raise(effects: &mut Vec<Effect>, from: usize, effect: Effect) {
    use std::mem::discriminant;
    let of_kind = |e: &Effect| discriminant(e) == discriminant(&effect);
    match &effect {
        Effect::Reply(bytes) => {
            if let Some(Effect::Reply(last)) = effects.get_mut(from..).and_then(|own| own.last_mut()) {
                last.extend_from_slice(bytes);
                return;
            }
        }
        Effect::Bell => {
            if effects[from..].contains(&Effect::Bell) {
                return;
            }
        }
        Effect::Title(_) | Effect::Cwd(_) | Effect::Clipboard(_) => {
            if let Some(earlier) = effects[from..].iter().position(of_kind) {
                effects.remove(from + earlier);
            }
        }
        Effect::Notify { .. } => {
            if effects[from..].iter().filter(|e| of_kind(e)).count() >= MAX_NOTIFICATIONS {
                return;
            }
        }
        Effect::Mark(_) => {}
    }
    effects.push(effect);
}
