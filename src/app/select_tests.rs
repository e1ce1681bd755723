//! Tests of selecting: which cells two places mean, and what is asked of the host.

use super::*;
use crate::base::GridSize;

const NO: SessionNo = SessionNo(1);

fn screen() -> Screen {
    Screen { epoch: 3, top: 100, ..Screen::blank(GridSize::clamped(10, 4)) }
}

fn spot(row: u64, edge: u16) -> Spot {
    Spot { row, edge }
}

fn at(row: u64, col: u16) -> Place {
    Place { epoch: 3, row, col }
}

fn span(a: (u64, u16), b: (u64, u16)) -> Span {
    Span { from: at(a.0, a.1), to: at(b.0, b.1) }
}

#[test]
fn cells_between_two_spots_are_selected_whichever_comes_first() {
    type Case = ((u64, u16), (u64, u16), Option<Span>);
    let table: &[Case] = &[
        ((100, 2), (100, 2), None),
        ((100, 2), (100, 5), Some(span((100, 2), (100, 4)))),
        ((100, 5), (100, 2), Some(span((100, 2), (100, 4)))),
        ((101, 3), (103, 0), Some(span((101, 3), (102, 9)))),
        ((100, 10), (101, 1), Some(span((101, 0), (101, 0)))),
        ((100, 10), (101, 0), None),
    ];
    for (a, b, want) in table {
        let mut s = Select::default();
        assert_eq!(s.press(NO, &screen(), (0, 0), spot(a.0, a.1), 1), None);
        s.drag(&screen(), (0, 0), spot(b.0, b.1));
        assert_eq!(s.selected().map(|(_, span)| span), *want, "{a:?} {b:?}");
        assert_eq!(s.release(), want.is_some());
    }
}

#[test]
fn words_are_asked_for_and_joined() {
    let mut s = Select::default();
    let Some(ClientMessage::GetSpan { request: first, place, kind }) = s.press(NO, &screen(), (1, 4), spot(101, 4), 2)
    else {
        panic!("nothing asked")
    };
    assert_eq!((place, kind), (at(101, 4), SpanKind::Word));
    assert!(!s.span(NO, first, span((101, 3), (101, 6))), "the button is still down");
    assert_eq!(s.selected(), Some((NO, span((101, 3), (101, 6)))));
    let Some(ClientMessage::GetSpan { request: second, .. }) = s.drag(&screen(), (0, 2), spot(100, 2)) else {
        panic!("nothing asked")
    };
    assert_eq!(s.drag(&screen(), (0, 2), spot(100, 2)), None, "the same cell is asked about once");
    s.span(NO, second, span((100, 1), (100, 2)));
    assert_eq!(s.selected(), Some((NO, span((100, 1), (101, 6)))));
    assert!(s.release());
}

#[test]
fn an_answer_after_the_button_went_up_still_counts() {
    let mut s = Select::default();
    let Some(ClientMessage::GetSpan { request, kind, .. }) = s.press(NO, &screen(), (1, 4), spot(101, 4), 3) else {
        panic!("nothing asked")
    };
    assert_eq!(kind, SpanKind::Line);
    assert!(!s.release());
    assert!(s.span(NO, request, span((100, 0), (101, 9))));
    assert_eq!(s.selected(), Some((NO, span((100, 0), (101, 9)))));
}

#[test]
fn a_selection_stays_with_its_text_and_ends_with_its_epoch() {
    let mut s = Select::default();
    s.press(NO, &screen(), (0, 0), spot(101, 2), 1);
    s.drag(&screen(), (0, 0), spot(102, 5));
    s.release();
    let seen = |s: &Select, top: u64| {
        let shown = s.visible(NO, &Screen { top, ..screen() })?;
        Some(((shown.from.line, shown.from.col), (shown.to.line, shown.to.col)))
    };
    assert_eq!(seen(&s, 100), Some(((1, 2), (2, 4))));
    assert_eq!(seen(&s, 102), Some(((0, 0), (0, 4))), "its start has scrolled out");
    assert_eq!(seen(&s, 98), Some(((3, 2), (3, u16::MAX))), "its end is below");
    assert_eq!((seen(&s, 103), seen(&s, 97)), (None, None));
    assert_eq!(s.visible(SessionNo(2), &screen()), None);
    s.screen_changed(NO, &Screen { epoch: 4, ..screen() });
    assert_eq!(s.selected(), None);
}
