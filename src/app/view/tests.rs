//! Tests of the view: what is said where, and that nothing is drawn outside of what there is.

use crate::app::arrange::{Arrangement, Geometry};
use crate::app::core::{Notice, Overlay};
use crate::app::edit::Edit;
use crate::app::select::Select;
use crate::app::view::{Measure, Picture, Standing, View};
use crate::base::{PxSize, SessionId, SessionNo};
use crate::client::Mirror;
use crate::config::builtin_agents;
use crate::model::board::{Board, SessionInfo, SessionState, Workspace};
use crate::model::{Keymap, Theme};
use crate::render::TextLine;

/// Every character is 7 pixels wide.
struct Ruler;

impl Measure for Ruler {
    fn width(&mut self, text: &str, _: f32, _: bool, _: bool) -> u32 {
        7 * text.chars().count() as u32
    }
}

fn board(panes: u32) -> Board {
    let session = |no: u32| SessionInfo {
        state: SessionState::Running,
        active: no == 1,
        agent: if no == 2 { "claude".into() } else { "shell".into() },
        title: if no == 3 {
            "a title that is far too long for the header of a pane in a small window".into()
        } else {
            String::new()
        },
        cwd: "/home/u/src".into(),
        ..SessionInfo::new(SessionId::from_u128(u128::from(no)), SessionNo(no), format!("shell-{no}"))
    };
    let panes = (1..=panes).collect::<Vec<_>>();
    let workspace = Workspace {
        name: "default".into(),
        panes: panes.iter().copied().map(SessionNo).collect(),
        ..Workspace::default()
    };
    Board { sessions: panes.into_iter().map(session).collect(), workspace }
}

/// Draws a board in a window of this size.
fn picture(board: &Board, size: (u32, u32), overlay: &Overlay) -> Picture {
    let geometry = Geometry { size: PxSize { w: size.0, h: size.1 }, cell: PxSize { w: 9, h: 18 }, scale: 1.0 };
    let notice = Notice { text: "Max sessions reached (12)".into(), error: true };
    let view = View {
        geometry: &geometry,
        theme: &Theme::default(),
        arrangement: &Arrangement::new(&geometry, &board.workspace, None),
        board,
        far: &crate::app::far::Far::default(),
        mirror: &Mirror::default(),
        agents: &builtin_agents(),
        keymap: &Keymap::default(),
        home: Some("/home/u"),
        machine: Some("box"),
        focus: Some(SessionNo(1)),
        active: true,
        cursor_on: true,
        zoomed: false,
        select: &Select::default(),
        rang: &[],
        overlay,
        notice: Some(&notice),
        host: Standing::Fine,
        known: true,
        composing: "",
    };
    view.picture(&mut Ruler)
}

fn says(texts: &[TextLine], text: &str) -> bool {
    texts.iter().any(|t| t.text == text)
}

#[test]
fn headers_say_who_where_and_how() {
    let mut board = board(4);
    board.sessions[3].state = SessionState::Stopped;
    board.sessions[3].exit_code = Some(130);
    let scene = picture(&board, (900, 600), &Overlay::None).scene;
    let texts = &scene.below.texts;
    for text in ["shell-1", "~/src", "CL", "exited 130", "box"] {
        assert!(says(texts, text), "{text} is missing");
    }
    assert!(!says(texts, "$"), "a plain shell has no badge");
    assert!(texts.iter().any(|t| t.text.starts_with("a title") && t.text.ends_with('…')), "a long title is cut");
    let theme = Theme::default();
    for color in [theme.running, theme.quiet, theme.exited] {
        assert!(scene.below.rects.iter().any(|q| q.color == color), "a dot in {color}");
    }
    assert!(says(&scene.above.texts, "Max sessions reached (12)"));
    assert!(scene.panes[3].dim && scene.panes[0].focused && !scene.panes[1].focused);
}

#[test]
fn the_compose_line_names_its_targets() {
    let mut board = board(3);
    board.sessions[2].state = SessionState::Stopped;
    let mut edit = Edit::default();
    edit.insert("first\nsecond");
    let scene = picture(&board, (1200, 800), &Overlay::Compose(edit)).scene;
    let texts = &scene.above.texts;
    assert!(says(texts, "Broadcast to 2 panes: 1 shell-1, 2 shell-2"));
    assert!(says(texts, "first") && says(texts, "second"));
    let frames = scene.below.rects.iter().filter(|q| q.color == Theme::default().warning).count();
    assert_eq!(frames, 2, "the panes that will get it are marked");
}

#[test]
fn key_help_lists_every_action_that_has_a_key() {
    let texts = picture(&board(1), (1200, 800), &Overlay::Help).scene.above.texts;
    for text in
        ["Open a shell in the next pane", "Ctrl+Shift+T", "Write one prompt to every pane (twice: the key itself)"]
    {
        assert!(says(&texts, text), "{text} is missing");
    }
}

#[test]
fn an_empty_workspace_says_how_to_begin() {
    let scene = picture(&board(0), (1200, 800), &Overlay::None).scene;
    assert!(says(&scene.below.texts, "No panes") && scene.panes.is_empty());
}

#[test]
fn small_windows_keep_everything_inside() {
    for size in [(1, 1), (40, 30), (160, 90), (300, 200), (700, 120)] {
        for overlay in [Overlay::None, Overlay::Help, Overlay::Compose(Edit::default())] {
            let scene = picture(&board(12), size, &overlay).scene;
            let (w, h) = (size.0 as i32 + 2, size.1 as i32 + 40);
            for pane in &scene.panes {
                assert!(
                    pane.area.right() <= w && pane.area.bottom() <= h && pane.area.w > 0,
                    "{size:?} {:?}",
                    pane.area
                );
            }
            for text in scene.below.texts.iter().chain(&scene.above.texts) {
                assert!(text.clip.x >= 0 && text.clip.right() <= w, "{size:?} {:?} {:?}", text.text, text.clip);
            }
        }
    }
}
