//! Everything a key can ask for, as data: the name, the doc line and the default chords stand beside the variant, and
//! key help, keymaps and docs are made from them.

use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    Left,
    Right,
    Up,
    Down,
}

macro_rules! actions {
    ($($(#[$attr:meta])* $variant:ident $name:literal [$($chord:literal),*] $doc:literal;)+) => {
        /// One thing the user can ask the window for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action { $(#[doc = $doc] $variant),+ }

        impl Action {
            /// Every action, in the order of the help.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in keymap files.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// One line that says what it does.
            pub fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc),+ }
            }

            /// The chords it has unless a keymap says otherwise.
            pub fn default_chords(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($chord),*]),+ }
            }
        }
    };
}

actions! {
    NewShell "new_shell" ["ctrl+shift+t"] "Open a shell in the next pane";
    LaunchAgent "launch_agent" ["ctrl+shift+l"] "Choose an agent and start it in the next pane";
    SplitRight "split_right" ["ctrl+shift+d"] "Open a shell in the right half of the pane";
    SplitDown "split_down" ["ctrl+shift+e"] "Open a shell in the lower half of the pane";
    ClosePane "close_pane" ["ctrl+shift+w"] "Close the pane (asks when a program runs in it)";
    Zoom "zoom" ["ctrl+shift+enter"] "Show the pane alone, or the grid again";
    FocusLeft "focus_left" ["ctrl+shift+left"] "Focus the pane to the left";
    FocusRight "focus_right" ["ctrl+shift+right"] "Focus the pane to the right";
    FocusUp "focus_up" ["ctrl+shift+up"] "Focus the pane above";
    FocusDown "focus_down" ["ctrl+shift+down"] "Focus the pane below";
    ResizeLeft "resize_left" ["ctrl+shift+alt+left"] "Move the pane's right edge to the left";
    ResizeRight "resize_right" ["ctrl+shift+alt+right"] "Move the pane's right edge to the right";
    ResizeUp "resize_up" ["ctrl+shift+alt+up"] "Move the pane's lower edge up";
    ResizeDown "resize_down" ["ctrl+shift+alt+down"] "Move the pane's lower edge down";
    SwapLeft "swap_left" [] "Swap the pane with the one to the left";
    SwapRight "swap_right" [] "Swap the pane with the one to the right";
    SwapUp "swap_up" [] "Swap the pane with the one above";
    SwapDown "swap_down" [] "Swap the pane with the one below";
    Broadcast "broadcast" ["ctrl+b"] "Write one prompt to every pane (twice: the key itself)";
    ForceBroadcast "force_broadcast" ["ctrl+shift+b"] "Write one prompt to every pane, whatever runs in this one";
    Copy "copy" ["ctrl+shift+c", "ctrl+insert"] "Copy the selection to the clipboard";
    Paste "paste" ["ctrl+shift+v"] "Paste the clipboard";
    PastePrimary "paste_primary" ["shift+insert"] "Paste the primary selection";
    ScrollPageUp "scroll_page_up" ["shift+pageup"] "Scroll back one page";
    ScrollPageDown "scroll_page_down" ["shift+pagedown"] "Scroll forward one page";
    ScrollTop "scroll_top" ["shift+home"] "Scroll to the beginning of history";
    ScrollBottom "scroll_bottom" ["shift+end"] "Scroll to the live screen";
    Search "search" ["ctrl+shift+f"] "Search the history and the screen of the pane";
    FontBigger "font_bigger" ["ctrl+=", "ctrl+plus", "ctrl+shift+="] "Bigger text";
    FontSmaller "font_smaller" ["ctrl+-"] "Smaller text";
    FontReset "font_reset" ["ctrl+0"] "The text size of the settings";
    EqualizePanes "equalize_panes" [] "Make all panes equal again";
    NextWorkspace "next_workspace" ["ctrl+shift+alt+pagedown"] "Show the next workspace";
    PreviousWorkspace "previous_workspace" ["ctrl+shift+alt+pageup"] "Show the workspace before";
    CloseWindow "close_window" ["ctrl+shift+q"] "Close the window";
    KeyHelp "key_help" ["ctrl+shift+/", "ctrl+shift+?"] "Show or hide this list of keys";
}

impl Action {
    /// Whether holding the key does it again and again: what is done in steps. Anything else is done once a press.
    pub fn repeats(self) -> bool {
        use Action::{
            FocusDown, FocusLeft, FocusRight, FocusUp, FontBigger, FontSmaller, ResizeDown, ResizeLeft, ResizeRight,
            ResizeUp, ScrollPageDown, ScrollPageUp,
        };
        let goes = matches!(self, FocusLeft | FocusRight | FocusUp | FocusDown | ScrollPageUp | ScrollPageDown);
        let sizes = matches!(self, ResizeLeft | ResizeRight | ResizeUp | ResizeDown | FontBigger | FontSmaller);
        goes || sizes
    }

    /// Whether the chord goes to the program when the action has nothing to do (copying without a selection).
    pub fn falls_through(self) -> bool {
        matches!(self, Self::Copy)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no action of this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownAction(pub String);

impl fmt::Display for UnknownAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no action \"{}\"; known are", self.0)?;
        for (i, action) in Action::ALL.iter().enumerate() {
            write!(f, "{} {action}", if i == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownAction {}

impl FromStr for Action {
    type Err = UnknownAction;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|a| a.name() == text).ok_or_else(|| UnknownAction(text.to_owned()))
    }
}
