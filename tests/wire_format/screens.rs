//! What is read of screens, and searched.

use synk::protocol::methods::{
    CellRun, CursorShape, ReadScreenParams, ReadScreenResult, ScreenFormat, ScreenSource, SearchMatch, SearchParams,
    SearchPlace, SearchResult, SearchSession,
};

use super::Wire;

/// A look at a screen, and what it shows.
pub fn looked(session_id: String) -> (ReadScreenParams, ReadScreenResult) {
    let run = CellRun {
        text: "x".into(),
        width: 1,
        fg: "default".into(),
        bg: "#010203".into(),
        attrs: vec!["bold".into()],
        link: Some("https://example.org".into()),
    };
    let screen = ReadScreenResult {
        session_id,
        cols: 80,
        rows: 24,
        cursor: (1, 2),
        cursor_shape: Some(CursorShape::Bar),
        alternate: true,
        title: "t".into(),
        history_rows: 5,
        text: Some("x".into()),
        cells: Some(vec![vec![run]]),
        truncated: true,
    };
    let read = ReadScreenParams {
        session_id: "dev".into(),
        source: ScreenSource::History,
        format: ScreenFormat::Cells,
        start: Some(-5),
        end: Some(0),
        join: true,
    };
    (read, screen)
}

pub fn search(wire: &mut Wire) {
    let place = SearchPlace { epoch: 3, row: 1 << 40, column: 7 };
    let found = SearchMatch {
        row: -120,
        column: 78,
        end_row: -119,
        end_column: 2,
        matched: "needle".into(),
        line: "a needle".into(),
    };
    wire.method::<SearchSession>(
        SearchParams {
            session_id: "dev".into(),
            text: "needle".into(),
            regex: true,
            from: Some(place),
            down: true,
            limit: 20,
        },
        SearchResult { session_id: "x".into(), matches: vec![found], next: Some(place) },
    );
}
