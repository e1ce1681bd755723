//! Searching in a pane, with an engine in the host's place.

use super::*;
use crate::app::select::in_view;
use crate::engine::{Engine, EngineOptions, Pattern, Piece};
use crate::model::{Searched, Span, ViewAt};
use crate::protocol::SEARCH_SINCE;

struct Pane {
    desk: Desk,
    engine: Engine,
    at: ViewAt,
    /// Questions that the host has been asked.
    asked: usize,
}

impl Pane {
    /// A pane of 40 columns and 10 lines whose program has written this.
    fn new(text: &str) -> Self {
        let engine = Engine::new(GridSize::clamped(40, 10), EngineOptions::default());
        let mut pane = Self { desk: Desk::new(1), engine, at: ViewAt::Live, asked: 0 };
        pane.write(text);
        pane
    }

    fn write(&mut self, text: &str) {
        self.engine.feed(text.as_bytes(), &mut Vec::new());
        self.show();
    }

    fn show(&mut self) {
        let screen = self.engine.view(self.at);
        self.at = if screen.offset == 0 { ViewAt::Live } else { ViewAt::Row { epoch: screen.epoch, top: screen.top } };
        self.desk.show(1, &screen);
        self.answer();
    }

    /// Presses keys, each of which the host has answered before the next.
    fn keys(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.desk.keys(key);
            self.answer();
        }
    }

    /// Does what the window asked of its host, until it asks nothing more.
    fn answer(&mut self) {
        while !self.desk.out.is_empty() {
            for effect in std::mem::take(&mut self.desk.out) {
                let Effect::Send(_, message) = effect else { continue };
                match message {
                    ClientMessage::Search { request, query } => {
                        self.asked += 1;
                        let pattern = Pattern::search(&query.text, query.regex);
                        let searched = pattern.map_or_else(Searched::Refused, |pattern| {
                            let (most, rows) = (usize::from(query.most), u64::from(query.rows));
                            let piece = Piece { from: query.from, way: query.way, most, rows };
                            self.engine.search(&pattern, piece).map_or(Searched::Rewrapped, |found| Searched::Found {
                                spans: found.hits.iter().map(|hit| hit.span).collect(),
                                next: found.next,
                            })
                        });
                        self.desk.message(1, HostMessage::Found { request, searched });
                    }
                    ClientMessage::View(at) => {
                        self.at = at;
                        self.show();
                    }
                    ClientMessage::Scroll(rows) => {
                        self.at = self.engine.scroll(self.at, i64::from(rows));
                        self.show();
                    }
                    _ => {}
                }
            }
        }
    }

    fn search(&self) -> &Search {
        let Overlay::Search(search) = &self.desk.core.overlay else { panic!("no search is open") };
        search
    }

    fn status(&self) -> String {
        self.search().status().0
    }

    /// The text of a span.
    fn text(&mut self, span: Span) -> String {
        self.engine.text(span)
    }

    /// The line that the present match begins in, which has to be in view.
    fn current(&mut self) -> String {
        let span = self.search().current().expect("a match");
        let screen = self.engine.view(self.at);
        let line = span.from.row.checked_sub(screen.top).expect("it is in view") as usize;
        assert_eq!(screen.epoch, span.from.epoch);
        screen.rows[line].text(0, 40)
    }

    fn marks(&mut self) -> Vec<String> {
        let screen = self.engine.view(self.at);
        let marks: Vec<Span> = self.search().marks().filter(|span| in_view(*span, &screen).is_some()).collect();
        marks.into_iter().map(|span| self.text(span)).collect()
    }
}

/// Two hundred lines, of which each tenth has a needle.
fn lines() -> String {
    (0..200).map(|n| format!("line {n}{}\r\n", if n % 10 == 5 { " Needle" } else { "" })).collect()
}

#[test]
fn typing_finds_the_newest_and_enter_goes_on_up() {
    let mut pane = Pane::new(&lines());
    pane.keys("ctrl+shift+f");
    assert_eq!((pane.status(), pane.asked), (String::new(), 0));
    pane.keys("n e e d");
    assert_eq!((pane.current(), pane.status()), ("line 195 Needle".into(), "1 of 20".into()));
    pane.keys("enter");
    assert_eq!((pane.current(), pane.status()), ("line 185 Needle".into(), "2 of 20".into()));
    assert!(matches!(pane.at, ViewAt::Row { .. }), "what is found is scrolled to");
    pane.keys("up up shift+enter");
    assert_eq!((pane.current(), pane.status()), ("line 175 Needle".into(), "3 of 20".into()));
    pane.keys("down down down");
    assert_eq!((pane.current(), pane.status()), ("line 195 Needle".into(), "1 of 20, the last".into()));
    for _ in 0..25 {
        pane.keys("enter");
    }
    assert_eq!((pane.current(), pane.status()), ("line 5 Needle".into(), "20 of 20, the first".into()));
    pane.keys("backspace N");
    assert_eq!(pane.status(), "no match", "\"neeN\"");
    pane.keys("ctrl+u 1 9 .");
    assert_eq!(pane.status(), "no match");
    pane.keys("ctrl+r");
    assert_eq!((pane.current(), pane.status()), ("line 199".into(), "1 of 10".into()), "a point is any character");
    pane.keys("ctrl+u (");
    assert!(pane.search().status().1, "{}", pane.status());
}

#[test]
fn keys_may_be_ahead_of_the_answers() {
    let mut pane = Pane::new(&lines());
    pane.desk.keys("ctrl+shift+f n e e d enter enter enter shift+enter");
    pane.answer();
    assert_eq!((pane.current(), pane.status()), ("line 175 Needle".into(), "3 of 20".into()));
}

#[test]
fn all_in_view_are_marked_and_output_goes_on() {
    let mut pane = Pane::new("a word, a word\r\nwo\x1b[1mrd\x1b[m\r\n");
    pane.keys("ctrl+shift+f w o r d");
    assert_eq!((pane.marks(), pane.status()), (vec!["word".into(); 2], "1 of 3".into()));
    pane.write("words\r\n");
    assert_eq!(pane.marks().len(), 3, "what is written is marked, too");
    pane.write(&"x\r\n".repeat(100));
    assert_eq!(pane.marks().len(), 0, "it has left the view");
    pane.keys("enter");
    assert_eq!(pane.current(), "a word, a word");
    assert_eq!(pane.marks().len(), 3);
    pane.keys("ctrl+u z");
    assert_eq!(pane.status(), "no match");
    pane.write("zebra\r\n");
    pane.keys("shift+end");
    assert_eq!((pane.current(), pane.status()), ("zebra".into(), "1 of 1".into()), "it has come meanwhile");
}

#[test]
fn the_end_of_a_search_stays_there_and_has_the_match_selected() {
    let mut pane = Pane::new(&lines());
    pane.keys("ctrl+shift+f l i n e space 1 0 2 escape");
    assert_eq!(pane.desk.core.overlay, Overlay::None);
    let (no, span) = pane.desk.core.select.selected().unwrap();
    assert_eq!((no, pane.text(span)), (SessionNo(1), "line 102".into()));
    let ViewAt::Row { top, .. } = pane.at else { panic!("it is far up") };
    assert!((top..top + 10).contains(&span.from.row));
    // It is copied as anything that is selected.
    pane.desk.keys("ctrl+shift+c");
    assert_eq!(pane.desk.did(), "1:text?");
    pane.desk.keys("ctrl+shift+f escape");
    assert!(pane.desk.core.select.selected().is_none(), "nothing was found in this one");
}

#[test]
fn a_match_is_found_again_after_a_resize() {
    let mut pane = Pane::new(&lines());
    pane.keys("ctrl+shift+f n e e d l e enter enter enter");
    assert_eq!(pane.current(), "line 165 Needle");
    // As a host does it for its viewers: the same text stays at the top.
    let place = pane.engine.place_of(pane.at).unwrap();
    pane.engine.resize(GridSize::clamped(12, 10));
    pane.at = pane.engine.look_at(place);
    pane.show();
    assert_eq!((pane.current(), pane.status()), ("line 165 Nee".into(), "4 of 20".into()));
    assert_eq!(pane.marks(), Vec::<String>::new());
    pane.keys("enter");
    assert_eq!((pane.current(), pane.status()), ("line 155 Nee".into(), "5 of 20".into()));
}

#[test]
fn keys_are_the_searchs_while_it_is_open_and_it_ends_with_its_pane() {
    let mut desk = Desk::new(2);
    desk.keys("ctrl+shift+f x y");
    assert_eq!(desk.did(), "1:search x, 1:search x, 1:search x, 1:search xy, 1:search xy, 1:search xy");
    desk.keys("ctrl+shift+f");
    assert_eq!(desk.did(), "", "one question of a kind at a time");
    desk.step(Event::Composed("é\nignored".into()));
    assert_eq!(desk.did(), "1:search xyé, 1:search xyé, 1:search xyé");
    desk.panes(&[2]);
    assert_eq!(desk.core.overlay, Overlay::None);
    desk.keys("a");
    assert_eq!(desk.did(), "1:-, 2:a");
    desk.keys("ctrl+shift+f");
    desk.step(Event::Lost(desk.core.connection.attempt, broken("gone")));
    assert_eq!(desk.core.overlay, Overlay::None);
}

#[test]
fn a_host_that_cannot_search_is_not_asked() {
    let mut desk = Desk::with(1, options());
    desk.step(Event::Lost(desk.core.connection.attempt, broken("gone")));
    desk.step(Event::Connected(desk.core.connection.attempt, SEARCH_SINCE - 1));
    desk.panes(&[1]);
    desk.did();
    desk.keys("ctrl+shift+f");
    assert_eq!(desk.core.overlay, Overlay::None);
    assert_eq!(desk.did(), "");
    assert!(desk.notice().contains("synk upgrade"), "{}", desk.notice());
}
