//! The client's copies of the screens it watches.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::SessionNo;
use crate::model::Screen;
use crate::model::frame::{Frame, Mismatch};

/// The screens of the subscribed sessions as last heard.
#[derive(Debug, Default)]
pub struct Mirror {
    screens: HashMap<SessionNo, Shown>,
}

#[derive(Debug)]
struct Shown {
    screen: Arc<Screen>,
    /// The number of the frame it shows.
    seq: u64,
}

impl Mirror {
    /// Brings one screen up to a frame. The first frame of a session is a full one.
    ///
    /// # Errors
    /// [`Mismatch`] when the frame does not stand on what is here: the cure is to subscribe again.
    pub fn apply(&mut self, no: SessionNo, frame: &Frame) -> Result<(), Mismatch> {
        let shown =
            self.screens.entry(no).or_insert_with(|| Shown { screen: Arc::new(Screen::blank(frame.size)), seq: 0 });
        frame.apply(Arc::make_mut(&mut shown.screen), shown.seq)?;
        shown.seq = frame.seq;
        Ok(())
    }

    /// The screen of a session; none before its first frame.
    pub fn screen(&self, no: SessionNo) -> Option<&Arc<Screen>> {
        self.screens.get(&no).map(|shown| &shown.screen)
    }

    /// Forgets a session's screen.
    pub fn forget(&mut self, no: SessionNo) {
        self.screens.remove(&no);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::GridSize;
    use crate::model::Row;

    fn screen(text: &str) -> Screen {
        let mut screen = Screen::blank(GridSize::clamped(10, 2));
        screen.rows[0] = Arc::new(Row::from(text));
        screen
    }

    #[test]
    fn frames_build_the_screen_and_a_gap_is_refused() {
        let (one, two, no) = (screen("one"), screen("two"), SessionNo(3));
        let mut mirror = Mirror::default();
        assert_eq!(mirror.screen(no), None);
        mirror.apply(no, &Frame::diff(&one, 0, &one, 1)).unwrap();
        mirror.apply(no, &Frame::diff(&one, 1, &two, 2)).unwrap();
        assert_eq!(**mirror.screen(no).unwrap(), two);
        assert!(mirror.apply(no, &Frame::diff(&one, 7, &two, 8)).is_err());
        assert_eq!(**mirror.screen(no).unwrap(), two, "a refused frame changes nothing");
        mirror.apply(no, &Frame::diff(&two, 0, &one, 9)).unwrap();
        assert_eq!(**mirror.screen(no).unwrap(), one, "a full frame always fits");
        mirror.forget(no);
        assert_eq!(mirror.screen(no), None);
    }
}
