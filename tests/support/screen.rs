//! A pane for tests of the engine: feed it text, read its lines.

use synk::base::GridSize;
use synk::engine::{Effect, Engine, EngineOptions};
use synk::model::ViewAt;

/// An engine and the effects of the last feed.
pub struct Pane {
    pub engine: Engine,
    pub effects: Vec<Effect>,
}

pub fn pane(cols: u16, lines: u16) -> Pane {
    let options = EngineOptions { host: "here".into(), ..EngineOptions::default() };
    Pane { engine: Engine::new(GridSize::clamped(cols, lines), options), effects: Vec::new() }
}

#[allow(dead_code, reason = "each test file uses its own part")]
impl Pane {
    pub fn feed(&mut self, text: impl AsRef<[u8]>) {
        self.effects.clear();
        self.engine.feed(text.as_ref(), &mut self.effects);
    }

    /// Feeds and returns what was replied.
    pub fn reply(&mut self, text: impl AsRef<[u8]>) -> String {
        self.feed(text);
        let replies = self.effects.iter().filter_map(|e| if let Effect::Reply(r) = e { Some(r.clone()) } else { None });
        String::from_utf8(replies.flatten().collect()).expect("replies are ASCII")
    }

    pub fn resize(&mut self, cols: u16, lines: u16) {
        self.engine.resize(GridSize::clamped(cols, lines));
    }

    /// The live screen's lines without blanks at their ends.
    pub fn lines(&mut self) -> Vec<String> {
        self.engine.view(ViewAt::Live).text().lines().map(str::to_owned).collect()
    }

    pub fn line(&mut self, line: usize) -> String {
        self.lines()[line].clone()
    }

    pub fn cursor(&mut self) -> (u16, u16) {
        let cursor = self.engine.view(ViewAt::Live).cursor;
        (cursor.line, cursor.col)
    }

    /// Rows above the live screen.
    pub fn history(&mut self) -> u32 {
        self.engine.view(ViewAt::Live).history
    }
}
