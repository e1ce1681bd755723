//! What the engine says and asks for: replies, titles, colours, links, notifications, marks, modes, selections.

#[path = "support/screen.rs"]
mod screen;

use screen::pane;
use synk::engine::{Effect, ShellMark, WORD_SEPARATORS};
use synk::model::{Attrs, Color, CursorShape, Modes, Place, Span, Theme, Underline, ViewAt, Width};

#[test]
fn queries_are_answered_from_a_fixed_list() {
    let mut p = pane(80, 24);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(p.reply("\x1b[c\x1b[0c\x1bZ"), "\x1b[?6c".repeat(3));
    assert!(p.reply("\x1b[>c").starts_with("\x1b[>0;"));
    assert_eq!(p.reply("\x1b[>q"), format!("\x1bP>|synk({version})\x1b\\"));
    assert_eq!(p.reply("\x1b[5n\x1b[3;4H\x1b[6n"), "\x1b[0n\x1b[3;4R");
    assert_eq!(p.reply("\x1b[?2026$p\x1b[?1001$p\x1b[99$p"), "\x1b[?2026;2$y\x1b[?1001;0$y\x1b[99;0$y");
    assert_eq!(p.reply("\x1b[14t\x1b[16t\x1b[18t"), "\x1b[8;24;80t", "no pixels before a window says");
    p.engine.set_cell_px(9, 18);
    assert_eq!(p.reply("\x1b[14t\x1b[16t"), "\x1b[4;432;720t\x1b[6;18;9t");
    assert_eq!(p.reply("\x1b[?1m\x1b[=c\x1b[?6n\x1b[15t\x1b[19t\x1b[20t\x1b[21t\x05"), "", "nothing is claimed");
}

#[test]
fn colours_are_told_from_the_palette_and_the_theme() {
    let mut p = pane(20, 2);
    let theme = Theme::default();
    let rgb = |c: synk::base::Rgb| format!("rgb:{0:02x}{0:02x}/{1:02x}{1:02x}/{2:02x}{2:02x}\x1b\\", c.r, c.g, c.b);
    assert_eq!(p.reply("\x1b]11;?\x07"), format!("\x1b]11;{}", rgb(theme.bg)));
    assert_eq!(
        p.reply("\x1b]4;1;?;196;?\x1b\\"),
        format!("\x1b]4;1;{}\x1b]4;196;rgb:ffff/0000/0000\x1b\\", rgb(theme.ansi[1]))
    );
    assert_eq!(
        p.reply("\x1b]10;rgb:01/02/03;?\x07\x1b]10;?\x07"),
        format!("\x1b]11;{}\x1b]10;rgb:0101/0202/0303\x1b\\", rgb(theme.bg))
    );
    p.feed("\x1b]4;1;#102030;300;#ffffff;x;#ffffff\x07\x1b]12;#ffffff\x07");
    let palette = p.engine.view(ViewAt::Live).palette;
    assert_eq!(palette.indexed.len(), 1);
    assert_eq!(palette.cursor, Some(synk::base::Rgb::from_u32(0xffffff)));
    p.feed("\x1b]104;1\x07\x1b]110\x07\x1b]112\x07");
    assert!(p.engine.view(ViewAt::Live).palette.is_empty());
}

#[test]
fn titles_are_told_saved_and_restored() {
    let mut p = pane(20, 2);
    p.feed("\x1b]0;one\x07\x1b]2; two;\u{9c}three \x1b\\");
    assert_eq!(p.effects, [Effect::Title("two;three".into())], "the last of one feed, trimmed, without controls");
    p.feed("\x1b[22;0t\x1b]2;other\x07\x1b[22;1t\x1b[23;2t");
    assert_eq!(p.effects, [Effect::Title("two;three".into())]);
    p.feed("\x1b[23t\x1b]1;icon\x07");
    assert_eq!((p.effects.len(), p.engine.title()), (0, "two;three"));
    p.feed(format!("\x1b]2;{}\x07", "é".repeat(2000)));
    assert_eq!(p.engine.title().len(), 1024);
}

#[test]
fn the_shell_says_where_it_is() {
    let mut p = pane(20, 2);
    p.feed(
        "\x1b]7;file://here/home/a%20b\x07\x1b]133;A\x07\x1b]133;B\x07\x1b]133;C\x07\x1b]133;D;127\x07\x1b]133;D\x07",
    );
    let marks = [
        ShellMark::PromptStart,
        ShellMark::InputStart,
        ShellMark::OutputStart,
        ShellMark::Done { exit: Some(127) },
        ShellMark::Done { exit: None },
    ];
    let mut expected = vec![Effect::Cwd("/home/a b".into())];
    expected.extend(marks.map(Effect::Mark));
    assert_eq!(p.effects, expected);
}

#[test]
fn notifications_and_the_clipboard() {
    let mut p = pane(20, 2);
    p.feed("\x1b]9;done\x07\x1b]9;4;1;50\x07\x1b]777;notify;Build;ok;really\x07\x07\x07\x1b]52;c;aGVsbG8=\x07");
    let notify = |title: &str, body: &str| Effect::Notify { title: title.into(), body: body.into() };
    let expected = [notify("", "done"), notify("Build", "ok;really"), Effect::Bell, Effect::Clipboard("hello".into())];
    assert_eq!(p.effects, expected);
    p.feed("\x1b]52;c;?\x07\x1b]52;c;not base64!\x07\x1b]52;c;/w==\x07");
    assert_eq!(p.effects, [], "reading is denied, garbage is nothing");
}

#[test]
fn links_are_known_by_their_target() {
    let mut p = pane(30, 2);
    p.feed(
        "\x1b]8;;http://a/\x07one\x1b]8;id=x;http://a/\x07two\x1b]8;;\x07 \x1b]8;;http://b/?q=1;2\x07three\x1b]8;;\x07",
    );
    let row = p.engine.view(ViewAt::Live).rows[0].clone();
    let links: Vec<_> = row.links.iter().map(|(from, to, uri)| (*from, *to, uri.to_string())).collect();
    assert_eq!(links, [(0, 6, "http://a/".to_owned()), (7, 12, "http://b/?q=1;2".to_owned())]);
    p.feed(format!("\r\x1b[2K\x1b]8;;http://{}\x07long\x1b]8;;http://a\nb\x07ctl\x1b]8;;\x07", "a".repeat(3000)));
    let row = p.engine.view(ViewAt::Live).rows[0].clone();
    assert_eq!(row.links.iter().filter(|(_, _, uri)| uri.len() > 2083).count(), 0);
}

#[test]
fn looks_reach_the_viewer() {
    let mut p = pane(30, 2);
    p.feed("\x1b[1;2;3;7;8;9;31;48:2::1:2:3;4:3;58;5;9mA\x1b[m\x1b[21mB\x1b[4:0m\x1b[38;5;200mC");
    let row = p.engine.view(ViewAt::Live).rows[0].clone();
    let style = row.cell(0).style;
    let all = Attrs::BOLD | Attrs::DIM | Attrs::ITALIC | Attrs::REVERSE | Attrs::HIDDEN | Attrs::STRIKE;
    assert_eq!((style.attrs, style.underline, style.underline_color), (all, Underline::Curly, Color::Indexed(9)));
    assert_eq!((style.fg, style.bg), (Color::Indexed(1), Color::Rgb(synk::base::Rgb::new(1, 2, 3))));
    assert_eq!(row.cell(1).style.underline, Underline::Double);
    assert_eq!((row.cell(2).style.underline, row.cell(2).style.fg), (Underline::None, Color::Indexed(200)));
}

#[test]
fn wide_characters_and_marks_reach_the_viewer() {
    let mut p = pane(5, 3);
    p.feed("e\u{301}中ab中");
    let screen = p.engine.view(ViewAt::Live);
    let row = &screen.rows[0];
    assert_eq!(row.marks_at(0), Some("\u{301}"));
    assert_eq!([1, 2, 3].map(|col| row.cell(col).width), [Width::Wide, Width::Spacer, Width::Narrow]);
    assert!(row.wrapped);
    assert_eq!(screen.text(), "e\u{301}中ab\n中\n\n");
}

#[test]
fn line_drawing_goes_through_the_character_sets() {
    let mut p = pane(10, 2);
    p.feed("\x1b(0lqk\x1b(Bq\x1b)0\x0ex\x0fx\r\n\x1b(0é\x1b(B");
    assert_eq!(p.lines(), ["┌─┐q│x", "é"]);
}

#[test]
fn modes_reach_the_viewer() {
    let mut p = pane(10, 2);
    p.feed("\x1b[?1;1004;2004;1006;1000h\x1b=\x1b[?5h");
    let set = Modes::APP_CURSOR | Modes::FOCUS_EVENTS | Modes::BRACKETED_PASTE | Modes::MOUSE_SGR | Modes::APP_KEYPAD;
    assert!(p.engine.modes().has(set | Modes::MOUSE_CLICK | Modes::REVERSE_SCREEN | Modes::ALTERNATE_SCROLL));
    p.feed("\x1b[?1003h");
    assert!(!p.engine.modes().has(Modes::MOUSE_CLICK), "one kind of mouse report at a time");
    p.feed("\x1b[?1003l\x1b[?1007l\x1b>\x1b[?66h\x1b[?66l");
    assert!(!p.engine.modes().wants_mouse() && !p.engine.modes().has(Modes::ALTERNATE_SCROLL));
    p.feed("\x1b[3 q\x1b[?25l");
    let cursor = p.engine.view(ViewAt::Live).cursor;
    assert_eq!((cursor.shape, cursor.blink, cursor.visible), (CursorShape::Underline, true, false));
}

#[test]
fn a_picture_in_the_making_is_held_back() {
    let mut p = pane(10, 2);
    p.feed("\x1b[?2026htext");
    assert!(p.engine.holds());
    assert_eq!(p.line(0), "text", "the state goes on: only viewers wait");
    p.feed("\x1b[?2026l");
    assert!(!p.engine.holds());
    p.feed("\x1b[?2026h");
    p.engine.release_hold();
    assert!(!p.engine.holds());
    assert_eq!(p.reply("\x1b[?2026$p"), "\x1b[?2026;2$y");
}

#[test]
fn changes_count_what_can_be_seen() {
    let mut p = pane(10, 2);
    let mut last = p.engine.changes();
    for (text, changes) in [
        ("x", true),
        ("\x1b[C", true),
        ("\x1b[c\x1b[6n", false),
        ("\x1b[?25l", true),
        ("\x1b]0;title\x07", false),
        ("\x1b[?2004h", true),
        ("\x1b]11;#000000\x07", true),
        ("\x1b[31m", false),
        ("\x1b[2 q", false),
        ("\x1b[3 q", true),
        ("\x1b[?1049h", true),
    ] {
        p.feed(text);
        assert_eq!(p.engine.changes() > last, changes, "{text:?}");
        last = p.engine.changes();
    }
}

fn span(epoch: u32, from: (u64, u16), to: (u64, u16)) -> Span {
    let place = |(row, col)| Place { epoch, row, col };
    Span { from: place(from), to: place(to) }
}

#[test]
fn a_selection_joins_what_wraps() {
    let mut p = pane(10, 4);
    p.feed("first  \r\none two three four\r\n\r\nlast 中文\r\n$ ");
    let all = p.engine.text(span(0, (0, 0), (99, 9)));
    assert_eq!(all, "first\none two three four\n\nlast 中文\n$");
    assert_eq!(p.engine.text(span(0, (1, 4), (2, 2))), "two three", "both ends are in");
    assert_eq!(p.engine.text(span(0, (2, 2), (1, 4))), "two three", "either end first");
    assert_eq!(p.engine.text(span(0, (4, 6), (4, 6))), "中", "half a character is the character");
    assert_eq!(p.engine.text(span(7, (0, 0), (9, 9))), "", "another epoch");
    p.feed("\x1b[31mx");
    assert_eq!(p.engine.text(span(0, (0, 0), (0, 9))), "first", "history is text too");
}

#[test]
fn a_blank_at_the_end_of_a_wrapped_row_is_text() {
    let mut p = pane(5, 4);
    p.feed("abcd efg\r\nabcd中");
    assert_eq!(p.engine.text(span(0, (0, 0), (3, 4))), "abcd efg\nabcd中");
}

#[test]
fn words_and_lines_are_found_across_rows() {
    let mut p = pane(10, 4);
    p.feed("see src/en/gine.rs:12 (\"中文\")\r\nx");
    let at = |row, col| Place { epoch: 0, row, col };
    let word = p.engine.word_at(at(1, 2), WORD_SEPARATORS);
    assert_eq!((word, p.engine.text(word).as_str()), (span(0, (0, 4), (2, 0)), "src/en/gine.rs:12"));
    let word = p.engine.word_at(at(2, 5), WORD_SEPARATORS);
    assert_eq!(p.engine.text(word), "中文");
    let blank = p.engine.word_at(at(0, 3), WORD_SEPARATORS);
    assert_eq!(blank, span(0, (0, 3), (0, 3)));
    let line = p.engine.line_at(at(1, 0));
    assert_eq!(p.engine.text(line), "see src/en/gine.rs:12 (\"中文\")");
    let nowhere = p.engine.word_at(at(99, 0), WORD_SEPARATORS);
    assert_eq!(p.engine.text(nowhere), "");
}

#[test]
fn a_long_history_is_counted_in_lines_and_found_again_at_any_width() {
    let mut p = pane(40, 5);
    let text: String = (0..60_000).map(|i| format!("line {i} {}\r\n", "abcdefgh".repeat(i % 13))).collect();
    p.feed(&text);
    for cols in [40, 13, 77] {
        p.resize(cols, 5);
        let top = p.engine.scroll(ViewAt::Live, i64::MIN / 2);
        let screen = p.engine.view(top);
        assert_eq!(screen.rows[0].text(0, 7), "line 99", "{cols}: the oldest line kept");
        let from = Place { epoch: screen.epoch, row: screen.top, col: 0 };
        let to = Place { epoch: screen.epoch, row: u64::MAX - 1, col: cols - 1 };
        let found = p.engine.text(Span { from, to });
        let lines: Vec<&str> = found.lines().collect();
        for (i, line) in lines.iter().enumerate().filter(|(_, l)| !l.is_empty()) {
            let number: usize = line.split(' ').nth(1).expect("a number").parse().expect("a number");
            let expected = format!("line {number} {}", "abcdefgh".repeat(number % 13));
            assert_eq!(*line, expected.trim_end(), "{i}");
        }
        assert!(lines.len() >= 50_000);
    }
}

#[test]
fn long_texts_come_whole_across_blocks_of_rows() {
    let mut p = pane(10, 4);
    let lines: Vec<String> = (0..600).map(|n| format!("{n} {}", "x".repeat(n % 30))).collect();
    p.feed(lines.join("\r\n"));
    let all = p.engine.text(span(0, (0, 0), (u64::MAX, 9)));
    assert_eq!(
        all.lines().map(str::trim_end).collect::<Vec<_>>(),
        lines.iter().map(|l| l.trim_end()).collect::<Vec<_>>()
    );
}
