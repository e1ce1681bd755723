//! The search in one pane, as a plain value: what is typed, what was found, and what is to be asked of the host. The host
//! searches piece by piece; each answer is followed by the next question until nothing is left to ask.

use std::collections::VecDeque;

use super::edit::Edit;
use crate::base::SessionNo;
use crate::model::search::{Query, Searched, Way};
use crate::model::span::{Place, Span};
use crate::model::{Screen, ViewAt};

/// Most that are counted: more are "more".
const MOST_COUNTED: usize = 10_000;
/// Most marks of a view: a letter that is searched for stands everywhere.
const MOST_MARKS: usize = 5_000;
/// Most keys that are ahead of the answers.
const MOST_OWED: usize = 100;
/// Most of one answer.
const MOST: u16 = 1000;

/// What a question is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To go to the next match in that direction.
    Go(Way),
    /// All in view.
    Marks,
    /// How many there are.
    Count,
}

/// A question to the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub purpose: Purpose,
    pub query: Query,
}

/// What is known of the matches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Known {
    /// Nothing yet, or nothing is searched for.
    #[default]
    Nothing,
    None,
    /// It cannot be searched for.
    Refused(String),
    /// This one is gone to; with what there is to say about it.
    Current(Span, &'static str),
}

/// A search that is open.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    pub no: SessionNo,
    pub edit: Edit,
    pub regex: bool,
    known: Known,
    marks: Vec<Span>,
    /// Marks of an answer that has a next one.
    fresh: Vec<Span>,
    /// The view has changed since its marks were asked for.
    stale: bool,
    /// Where matches begin, the newest first, and whether these are all.
    starts: Vec<Place>,
    counted: bool,
    /// The numbers of the questions that wait for their answer.
    going: Option<(u32, Way)>,
    /// Where to go after that: keys that came before the answer.
    owed: VecDeque<Way>,
    marking: Option<u32>,
    counting: Option<u32>,
}

impl Search {
    pub fn new(no: SessionNo) -> Self {
        Self {
            no,
            edit: Edit::default(),
            regex: false,
            known: Known::Nothing,
            marks: Vec::new(),
            fresh: Vec::new(),
            stale: false,
            starts: Vec::new(),
            counted: false,
            going: None,
            owed: VecDeque::new(),
            marking: None,
            counting: None,
        }
    }

    /// Another text is searched for, from the newest match up.
    pub fn anew(&mut self, screen: Option<&Screen>) -> Vec<Ask> {
        self.forget();
        if self.edit.is_empty() {
            return Vec::new();
        }
        let mut asks = vec![self.ask(Purpose::Go(Way::Up), None), self.ask(Purpose::Count, None)];
        asks.extend(screen.map(|screen| self.ask_marks(screen)));
        asks
    }

    fn forget(&mut self) {
        let edit = std::mem::take(&mut self.edit);
        *self = Self { edit, regex: self.regex, ..Self::new(self.no) };
    }

    /// Goes to the match above or below the present one.
    pub fn go(&mut self, way: Way) -> Vec<Ask> {
        if self.edit.is_empty() {
            return Vec::new();
        }
        if self.going.is_some() {
            if self.owed.len() < MOST_OWED {
                self.owed.push_back(way);
            }
            return Vec::new();
        }
        let (from, way) = match &self.known {
            Known::Current(span, _) if way == Way::Up => (Some(span.from), way),
            Known::Current(span, _) => (Some(Place { col: span.from.col + 1, ..span.from }), way),
            _ => (None, Way::Up),
        };
        vec![self.ask(Purpose::Go(way), from)]
    }

    /// The screen has changed, or shows another part: its marks are asked for. Where the text was wrapped anew, or another
    /// screen shows, the match nearest to the view's end is gone to.
    pub fn screen_changed(&mut self, screen: &Screen) -> Vec<Ask> {
        let old = match &self.known {
            Known::Current(span, _) => span.from.epoch != screen.epoch,
            _ => false,
        };
        if old {
            self.forget();
            let end = Place { epoch: screen.epoch, row: screen.top + u64::from(screen.size.lines()), col: 0 };
            let go = self.ask(Purpose::Go(Way::Up), Some(end));
            return vec![go, self.ask(Purpose::Count, None), self.ask_marks(screen)];
        }
        if self.edit.is_empty() || self.marking.is_some() {
            self.stale = true;
            return Vec::new();
        }
        vec![self.ask_marks(screen)]
    }

    /// A question was sent under this number.
    pub fn asked(&mut self, purpose: Purpose, request: u32) {
        match purpose {
            Purpose::Go(way) => self.going = Some((request, way)),
            Purpose::Marks => self.marking = Some(request),
            Purpose::Count => self.counting = Some(request),
        }
    }

    /// An answer of the host: what to ask next, and where to look.
    pub fn answered(&mut self, request: u32, searched: Searched, screen: &Screen) -> (Vec<Ask>, Option<ViewAt>) {
        if let Some((_, way)) = self.going.filter(|(going, _)| *going == request) {
            self.going = None;
            return self.gone(way, searched, screen);
        }
        let asks = if self.marking == Some(request) {
            self.marking = None;
            self.marked(searched, screen)
        } else if self.counting == Some(request) {
            self.counting = None;
            self.count(searched)
        } else {
            Vec::new()
        };
        (asks, None)
    }

    fn gone(&mut self, way: Way, searched: Searched, screen: &Screen) -> (Vec<Ask>, Option<ViewAt>) {
        match searched {
            Searched::Found { spans, next } => match (spans.first(), next) {
                (Some(span), _) => {
                    self.known = Known::Current(*span, "");
                    let next = self.owed.pop_front().map(|way| self.go(way));
                    return (next.unwrap_or_default(), look_at(*span, screen));
                }
                (None, Some(next)) => return (vec![self.ask(Purpose::Go(way), Some(next))], None),
                (None, None) => match &mut self.known {
                    Known::Current(_, note) => {
                        *note = if way == Way::Up { "the first" } else { "the last" };
                        let next = self.owed.pop_front().map(|way| self.go(way));
                        return (next.unwrap_or_default(), None);
                    }
                    known => *known = Known::None,
                },
            },
            Searched::Rewrapped => {
                self.known = Known::Nothing;
                return (vec![self.ask(Purpose::Go(Way::Up), None)], None);
            }
            Searched::Refused(why) => self.known = Known::Refused(why),
        }
        (Vec::new(), None)
    }

    fn marked(&mut self, searched: Searched, screen: &Screen) -> Vec<Ask> {
        let mut fresh = std::mem::take(&mut self.fresh);
        if let Searched::Found { spans, next } = searched {
            fresh.extend(spans);
            let end = Place { epoch: screen.epoch, row: screen.top + u64::from(screen.size.lines()), col: 0 };
            if let Some(next) = next.filter(|next| *next < end && next.epoch == end.epoch && fresh.len() < MOST_MARKS) {
                // The rest of a view that has more of them than an answer.
                self.fresh = fresh;
                return vec![self.ask(Purpose::Marks, Some(next))];
            }
        }
        self.marks = fresh;
        if self.known == Known::None && !self.marks.is_empty() {
            // It has been written meanwhile.
            self.known = Known::Nothing;
            self.starts.clear();
            return vec![self.ask(Purpose::Go(Way::Up), None), self.ask(Purpose::Count, None)];
        }
        if std::mem::take(&mut self.stale) { vec![self.ask_marks(screen)] } else { Vec::new() }
    }

    fn count(&mut self, searched: Searched) -> Vec<Ask> {
        match searched {
            Searched::Found { spans, next } => {
                self.starts.extend(spans.iter().map(|span| span.from));
                match next.filter(|_| self.starts.len() < MOST_COUNTED) {
                    Some(next) => return vec![self.ask(Purpose::Count, Some(next))],
                    None => self.counted = next.is_none(),
                }
            }
            // The next screen begins anew.
            Searched::Rewrapped => self.starts.clear(),
            Searched::Refused(_) => {}
        }
        Vec::new()
    }

    fn ask_marks(&mut self, screen: &Screen) -> Ask {
        self.fresh.clear();
        self.stale = false;
        // What begins above the view may end in it.
        let row = screen.top.saturating_sub(u64::from(screen.size.lines()));
        self.ask(Purpose::Marks, Some(Place { epoch: screen.epoch, row, col: 0 }))
            .within(2 * u32::from(screen.size.lines()))
    }

    fn ask(&self, purpose: Purpose, from: Option<Place>) -> Ask {
        let (way, most) = match purpose {
            Purpose::Go(way) => (way, 1),
            Purpose::Marks => (Way::Down, MOST),
            Purpose::Count => (Way::Up, MOST),
        };
        let text = self.edit.text().to_owned();
        Ask { purpose, query: Query { text, regex: self.regex, from, way, most, rows: u32::MAX } }
    }

    /// The match that was gone to.
    pub fn current(&self) -> Option<Span> {
        match self.known {
            Known::Current(span, _) => Some(span),
            _ => None,
        }
    }

    /// The other matches in view and somewhat around it, as far as they are known.
    pub fn marks(&self) -> impl Iterator<Item = Span> + '_ {
        let current = self.current();
        self.marks.iter().copied().filter(move |span| Some(*span) != current)
    }

    /// What there is to say, and whether it is that nothing is found.
    pub fn status(&self) -> (String, bool) {
        match &self.known {
            _ if self.edit.is_empty() => (String::new(), false),
            Known::Nothing => ("searching".into(), false),
            Known::None => ("no match".into(), true),
            Known::Refused(why) => (why.lines().last().unwrap_or_default().to_owned(), true),
            Known::Current(span, note) => {
                // The newest has the greatest place, and the list begins with it.
                let index = self.starts.partition_point(|start| *start > span.from);
                let more = if self.counted { "" } else { "+" };
                let count = format!("{}{more}", self.starts.len());
                let known = self.starts.get(index) == Some(&span.from);
                let place = if known { format!("{} of {count}", index + 1) } else { count };
                let count = if self.starts.is_empty() { String::new() } else { place };
                let gap = if note.is_empty() || count.is_empty() { "" } else { ", " };
                (format!("{count}{gap}{note}"), false)
            }
        }
    }
}

impl Ask {
    fn within(mut self, rows: u32) -> Self {
        self.query.rows = rows;
        self
    }
}

/// Where to look for a match to be in the middle; nowhere else if it is in view.
fn look_at(span: Span, screen: &Screen) -> Option<ViewAt> {
    let lines = u64::from(screen.size.lines());
    let seen = span.from.epoch == screen.epoch && span.from.row >= screen.top && span.to.row < screen.top + lines;
    let top = span.from.row.saturating_sub(lines / 2);
    (!seen).then_some(ViewAt::Row { epoch: span.from.epoch, top })
}
