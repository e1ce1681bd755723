//! Output that attacks: replies that echo, strings without end, bombs and floods. The S numbers are those of the table of
//! terminal security classes that the project keeps.

#[path = "support/screen.rs"]
mod screen;

use screen::pane;
use synk::base::{GridSize, SessionNo};
use synk::engine::{Effect, Engine, EngineOptions, MAX_NOTIFICATIONS};
use synk::model::{Frame, ViewAt};
use synk::protocol::stream::{HostMessage, MAX_MESSAGE, encode};

/// Feeds `piece` again and again, `total` bytes in slices of 64 KiB as a session does.
fn flood(engine: &mut Engine, piece: &str, total: usize) -> Vec<Effect> {
    let slice = piece.repeat(64 * 1024 / piece.len() + 1);
    let mut effects = Vec::new();
    for _ in 0..total.div_ceil(slice.len()) {
        effects.clear();
        engine.feed(slice.as_bytes(), &mut effects);
    }
    effects
}

/// The memory this process uses, in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).expect("a number") * 4096
}

#[test]
fn nothing_a_program_can_set_comes_back_as_input() {
    for (class, attack) in [
        ("S1", "\x1b]0;x;id\x07\x1b[21t\x1b[20t"),
        ("S2", "\x1bP$q\nid\n\x1b\\\x1bP$qm\x1b\\"),
        ("S3", "\x1bP+q0a69640a\x1b\\\x1bP+q544e\x1b\\"),
        ("S4", "\x1b]50;x\x07\x1b]50;?\x07\x05"),
        ("S5", "\x1b]11;$(id)\x07\x1b]4;1;x\n?\x07\x1b]4;1\n;?x\x07\x1b]10;? \x07"),
        ("S6", "\x1b_Ga=q,i=1,s=1,v=1,t=f;Li9pZAo=\x1b\\\x1bP@kitty-echo|aWQK\x1b\\"),
        ("S7", "\x1bGQ;\n"),
        ("S8", "\x1bP1000p%session-changed $0 id\n\x1b\\"),
        ("S9", "\x1b]52;c;?\x07\x1b]52;p;?\x1b\\"),
        ("S17", "\x1b[8;65535;65535t\x1b[?40h\x1b[?3h\x1b[11t\x1b[13t\x1b[15t\x1b[19t"),
        ("S19", "\x1b[5i\x1b]1337;File=name=eA==:eA==\x07\x1b]55;/tmp/x\x07\x1b]1337;ReportCellSize\x07"),
        ("S25", "\u{9b}21t\u{9b}c\u{9d}0;x\u{9c}\u{90}$qm\u{9c}"),
    ] {
        let mut p = pane(80, 24);
        assert_eq!(p.reply(attack), "", "{class}");
        assert!(!p.effects.iter().any(|e| matches!(e, Effect::Clipboard(_))), "{class}");
        assert_eq!(p.engine.size(), GridSize::clamped(80, 24), "{class}");
    }
    let mut p = pane(80, 24);
    assert_eq!(p.reply(b"\x9b21t\x9bc\x9d0;x\x9c"), "", "S25: 8-bit controls are no controls");
    assert_eq!(p.engine.title(), "");
}

/// Whether a reply is one of the whitelist: `CSI` with `?` or `>`, digits, `;`, `$` and a letter; `OSC 4/10/11/12` with a
/// colour in hexadecimal; or our version.
fn is_canonical(reply: &str) -> bool {
    let version = format!("P>|synk({})\x1b\\", env!("CARGO_PKG_VERSION"));
    let mut rest = reply;
    while !rest.is_empty() {
        let Some(body) = rest.strip_prefix('\x1b') else { return false };
        let len = if let Some(csi) = body.strip_prefix('[') {
            let Some(end) = csi.find(|c: char| c.is_ascii_alphabetic()) else { return false };
            if !csi[..end].chars().all(|c| c.is_ascii_digit() || "?>;$".contains(c)) || csi.len() > 1000 && end > 40 {
                return false;
            }
            end + 2
        } else if let Some(osc) = body.strip_prefix(']') {
            let Some(end) = osc.find("\x1b\\") else { return false };
            let (head, color) = osc[..end].split_once(";rgb:").unwrap_or(("bad", ""));
            let numbers = head.chars().all(|c| c.is_ascii_digit() || c == ';');
            let parts: Vec<&str> = color.split('/').collect();
            let hex = |p: &&str| p.len() == 4 && p.chars().all(|c| c.is_ascii_hexdigit());
            if !numbers || parts.len() != 3 || !parts.iter().all(hex) {
                return false;
            }
            end + 3
        } else if body.starts_with(&version) {
            version.len()
        } else {
            return false;
        };
        rest = &body[len..];
    }
    true
}

#[test]
fn whatever_is_asked_the_answer_is_from_the_whitelist() {
    const PIECES: [&str; 24] = [
        "\x1b[",
        "\x1b]",
        "\x1bP",
        "\x1b\\",
        "\x07",
        "4;1;",
        "11;",
        "10;",
        "?",
        "?\x07",
        "c",
        "n",
        "$p",
        "t",
        ">q",
        "6",
        "5",
        "18",
        "14",
        ";",
        "id\n",
        "$(id)",
        "0;title\x07",
        "\x18",
    ];
    let mut state = 0x1234_5678_9abc_def1_u64;
    let mut next = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % n
    };
    let mut answered = 0;
    for _ in 0..3000 {
        let mut p = pane(20, 8);
        p.engine.set_cell_px(8, 16);
        let attack: String = (0..30).map(|_| PIECES[next(PIECES.len())]).collect();
        let reply = p.reply(&attack);
        answered += usize::from(!reply.is_empty());
        assert!(is_canonical(&reply), "{attack:?} -> {reply:?}");
    }
    assert!(answered > 300, "the test asks for something: {answered}");
}

#[test]
fn floods_are_done_in_time_and_take_no_memory() {
    let title = format!("\x1b]0;{}\x07\x1b[22t", "t".repeat(2000));
    let link = |i: usize| format!("\x1b]8;;http://{i}.{}\x07x", "u".repeat(2000));
    let links: String = (0..40).map(link).collect();
    let before = resident();
    for (class, piece) in [
        ("S10", "a\x1b[65535b"),
        ("S10", "\x1b[65535S\x1b[65535T\x1b[65535L\x1b[65535M\x1b[65535@\x1b[65535P\x1b[65535X"),
        ("S10", "中\x1b[65535b\x1b[4h\x1b[65535Z\x1b[3g\x1b[65535I"),
        ("S11", "\x1b[99999999;99999999:99999999;1;2;3m\x1b[99999999;99999999H\x1b[99999999A\x1b[99999999r"),
        ("S13", &title),
        ("S13", "\x1b[>1u\x1b[=31;1u\x1b[<99u"),
        ("S14", "\u{301}\u{302}\u{303}"),
        ("S15", &links),
        ("S16", "\x1bPq\"1;1;65535;65535#0!65535~\x1b\\"),
        ("S18", "\x1b]9;note\x07\x1b]777;notify;a;b\x07\x07"),
        ("S26", "\x1b[?2026h\x1b[?1049h\x1b[?1000h"),
        ("S30", "x\x1b[2J"),
        ("S30", "\x1b#8"),
        ("S30", "\x1bc\x1b[?1049h"),
        ("", "\x1b7\x1b8\x1b[?1048h"),
        ("", "\n"),
    ] {
        let mut engine = Engine::new(GridSize::clamped(80, 24), EngineOptions::default());
        let started = std::time::Instant::now();
        let effects = flood(&mut engine, piece, 512 * 1024);
        let took = started.elapsed();
        // Generous, for a debug build on a busy machine: a quadratic answer takes minutes.
        assert!(took.as_secs() < 20, "{class} {piece:.20?} took {took:?}");
        assert!(effects.len() <= 2 * MAX_NOTIFICATIONS, "{class}: {} effects", effects.len());
        engine.view(ViewAt::Live);
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < 160 << 20, "grown by {} MiB", grown >> 20);
}

#[test]
fn a_feed_pauses_when_few_bytes_make_much_work() {
    for piece in ["\x1b#8", "\x1b[41mx\x1b[2J", "\x1bc\x1b#8", "\x1b[41m\x1b[999S"] {
        let mut engine = Engine::new(GridSize::clamped(1000, 500), EngineOptions::default());
        let slice = piece.repeat(40);
        let mut effects = Vec::new();
        let mut rest = slice.as_bytes();
        let mut parts = 0;
        while !rest.is_empty() {
            let read = engine.feed_some(rest, &mut effects);
            assert!(read > 0);
            rest = &rest[read..];
            parts += 1;
        }
        assert!(parts >= 5, "S30 {piece:?}: {parts}");
        let mut whole = Engine::new(GridSize::clamped(1000, 500), EngineOptions::default());
        whole.feed(slice.as_bytes(), &mut effects);
        assert!(whole.snapshot() == engine.snapshot(), "S30 {piece:?}: pauses change nothing");
    }
    let mut engine = Engine::new(GridSize::clamped(120, 40), EngineOptions::default());
    let text = "an ordinary line of output, as programs write it\r\n".repeat(1300);
    assert_eq!(engine.feed_some(text.as_bytes(), &mut Vec::new()), text.len(), "ordinary output is read whole");
}

#[test]
fn bytes_that_are_no_text_take_no_longer_than_text() {
    for piece in [&b"\xff"[..], b"a\xff", b"\xe4\xb8", b"\x80", b"\xc3\xa9\xf0\x9f"] {
        let mut engine = Engine::new(GridSize::clamped(80, 24), EngineOptions::default());
        let started = std::time::Instant::now();
        engine.feed(&piece.repeat((2 << 20) / piece.len()), &mut Vec::new());
        let took = started.elapsed();
        // All in one slice: a quadratic answer takes minutes.
        assert!(took.as_secs() < 20, "{piece:x?} took {took:?}");
    }
}

#[test]
fn the_fullest_screen_fits_a_message() {
    let mut p = pane(1000, 500);
    // Two at once, so that no link goes on from cell to cell, and the most that a cell's look takes.
    let uris = ["a", "b"].map(|c| format!("http://{}", c.repeat(2000)));
    for line in 1..=500 {
        let cell = |col: usize| {
            let link = &uris[col % 2];
            let look = format!("\x1b[1;3;4:3;38;2;{};0;1;48;2;{line};0;1;58;2;{};9;9m", col % 256, col % 255);
            format!("{look}\x1b]8;;{link}\x07x{}", "\u{301}".repeat(16))
        };
        p.feed(format!("\x1b[{line}H{}", (0..1000).map(cell).collect::<String>()));
    }
    let screen = p.engine.view(ViewAt::Live);
    assert!(screen.rows.iter().all(|row| !row.links.is_empty() && !row.marks.is_empty()), "some are kept");
    let bytes = encode(SessionNo(1), &HostMessage::Frame(Frame::diff(&screen, 0, &screen, 1)));
    assert!(bytes.len() < MAX_MESSAGE, "{} bytes", bytes.len());
}

#[test]
fn strings_without_end_are_swallowed_and_forgotten() {
    for head in ["\x1b]0;", "\x1b]52;c;", "\x1b]8;;", "\x1bP", "\x1b_", "\x1b^", "\x1bX", "\x1b[", "\x1b[1;"] {
        let mut p = pane(80, 24);
        p.feed(head);
        let before = resident();
        let effects = flood(&mut p.engine, "1111111", 64 << 20);
        assert!(effects.is_empty(), "S12 {head:?}");
        let grown = resident().saturating_sub(before);
        // Other tests of this process grow it too; what is swallowed here would be 64 MiB.
        assert!(grown < 48 << 20, "S12 {head:?}: grown by {} MiB", grown >> 20);
        p.feed("\x18\x1b\\\rstill here");
        assert_eq!(p.line(0), "still here", "S12 {head:?}");
    }
}

#[test]
fn marks_pile_up_to_sixteen() {
    let mut p = pane(20, 2);
    p.feed(format!("a{}b", "\u{301}".repeat(100_000)));
    let row = p.engine.view(ViewAt::Live).rows[0].clone();
    assert_eq!(row.marks_at(0).map(|m| m.chars().count()), Some(16), "S14");
    assert_eq!(row.cell(1).ch, 'b');
}

#[test]
fn a_clipboard_text_is_at_most_a_mebibyte() {
    let base64 = |bytes: usize| "QUFB".repeat(bytes / 3);
    let mut p = pane(20, 2);
    p.feed(format!("\x1b]52;c;{}\x07", base64(1_048_575)));
    assert!(matches!(p.effects.as_slice(), [Effect::Clipboard(text)] if text.len() == 1_048_575), "S9");
    p.feed(format!("\x1b]52;c;{}\x07", base64(3 << 20)));
    assert_eq!(p.effects, [], "S9");
}

#[test]
fn a_thousand_links_have_a_budget() {
    let mut p = pane(80, 24);
    for i in 0..10_000 {
        p.feed(format!("\x1b]8;;http://{i}/{}\x07x", "u".repeat(2000)));
    }
    let screen = p.engine.view(ViewAt::Live);
    let kept: usize = screen.rows.iter().flat_map(|row| &row.links).map(|(_, _, uri)| uri.len()).sum();
    assert!(kept > 0 && kept <= 4 << 20, "S15: {kept} bytes of links");
}

#[test]
fn a_restore_says_nothing() {
    let mut p = pane(20, 4);
    p.feed("\x1b]0;t\x07\x1b]52;c;aGk=\x07\x07\x1b]9;n\x07\x1b[c\x1b[6n\x1b]7;file:///tmp\x07\x1b]133;A\x07text\x1b[");
    assert!(p.effects.len() >= 6);
    let mut again = Engine::restore(p.engine.snapshot(), EngineOptions::default());
    let mut effects = Vec::new();
    again.feed(b"1m", &mut effects);
    assert_eq!(effects, [], "S29");
    assert_eq!(again.title(), "t");
    assert_eq!(again.view(ViewAt::Live).text(), p.engine.view(ViewAt::Live).text());
}

#[test]
fn every_size_works() {
    for (cols, lines) in [(1, 1), (2, 1), (1000, 500), (2, 500), (1000, 1), (0, 0), (u16::MAX, u16::MAX)] {
        let mut p = pane(80, 24);
        p.feed("中文字符 text that wraps \x1b[31mand is red\r\n".repeat(40));
        p.feed("\x1b[?1049hfull\x1b[5;9H中");
        p.resize(cols, lines);
        p.feed("中a中\x1b[65535;65535H中中\x1b[?1049l中\x1b[2J中\r\n\t中\x1b[1;1H\x1b[3L");
        p.resize(80, 24);
        assert_eq!(p.lines().len(), 24);
    }
}
