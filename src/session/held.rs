//! The keys and buttons that viewers hold down: a viewer that goes lets go of them, or the program would wait for the
//! releases for ever. What a program is told of them is the encoders' to say.

use crate::base::ClientId;
use crate::model::{Key, KeyEvent, MouseButton, MouseEvent, MouseKind, Press};

/// Most keys and most buttons remembered: more than hands can hold, and a bound for viewers that never let go.
const MOST: usize = 64;

#[derive(Debug, Default)]
pub struct Held {
    keys: Vec<(ClientId, KeyEvent)>,
    buttons: Vec<(ClientId, MouseEvent)>,
}

impl Held {
    /// A viewer's key went down or up.
    pub fn key(&mut self, client: ClientId, event: &KeyEvent) {
        // Text that came without a key has no release.
        if event.press == Press::Repeat || event.physical == Key::Unknown {
            return;
        }
        self.keys.retain(|(who, held)| *who != client || held.physical != event.physical);
        if event.press == Press::Press && self.keys.len() < MOST {
            let mods = event.mods.without(event.mods.without_locks());
            let KeyEvent { key, unshifted, physical, .. } = *event;
            let press = Press::Release;
            self.keys.push((client, KeyEvent { key, unshifted, physical, mods, text: String::new(), press }));
        }
    }

    /// A viewer's button went down or up, or its pointer moved.
    pub fn mouse(&mut self, client: ClientId, event: &MouseEvent) {
        let own = |who: ClientId| who == client;
        match event.kind {
            MouseKind::Press if event.button.is_wheel() || event.button == MouseButton::None => {}
            MouseKind::Press | MouseKind::Release => {
                self.buttons.retain(|(who, held)| !own(*who) || held.button != event.button);
                if event.kind == MouseKind::Press && self.buttons.len() < MOST {
                    self.buttons.push((client, MouseEvent { kind: MouseKind::Release, ..*event }));
                }
            }
            MouseKind::Motion => {
                for (_, held) in self.buttons.iter_mut().filter(|(who, _)| own(*who)) {
                    *held = MouseEvent { kind: held.kind, button: held.button, ..*event };
                }
            }
        }
    }

    /// The releases of all that a viewer holds, which it holds no more.
    pub fn let_go(&mut self, client: ClientId) -> (Vec<KeyEvent>, Vec<MouseEvent>) {
        let keys = self.keys.extract_if(.., |(who, _)| *who == client).map(|(_, event)| event).collect();
        let buttons = self.buttons.extract_if(.., |(who, _)| *who == client).map(|(_, event)| event).collect();
        (keys, buttons)
    }
}
