//! Where alacritty's terminal is wrong the engine does what xterm does: a test for each case, and for what alacritty's
//! terminal does not know at all.

#[path = "support/screen.rs"]
mod screen;

use screen::{Pane, pane};
use synk::model::{Modes, ViewAt};

#[test]
fn under_origin_mode_columns_and_relative_moves_stay_where_they_are() {
    let mut p = pane(20, 10);
    p.feed("\x1b[3;8r\x1b[?6h");
    assert_eq!(p.cursor(), (2, 0), "setting the mode homes to the top margin");
    p.feed("\x1b[3;4H");
    assert_eq!(p.cursor(), (4, 3));
    p.feed("\x1b[7G\x1b[9G");
    assert_eq!(p.cursor(), (4, 8), "CHA keeps the line");
    p.feed("\x1b[A");
    assert_eq!(p.cursor(), (3, 8), "CUU goes up");
    p.feed("\x1b[B\x1b[B");
    assert_eq!(p.cursor(), (5, 8));
    p.feed("\x1b[2d");
    assert_eq!(p.cursor(), (3, 8), "VPA counts from the margin");
    p.feed("\x1b[99;99H");
    assert_eq!(p.cursor(), (7, 19), "CUP ends at the bottom margin");
    assert_eq!(p.reply("\x1b[6n"), "\x1b[6;20R", "CPR counts from the margin");
    p.feed("\x1b[?6l");
    assert_eq!(p.cursor(), (0, 0), "resetting the mode homes");
}

#[test]
fn moves_stop_at_the_margins_they_start_within() {
    let mut p = pane(20, 10);
    p.feed("\x1b[3;8r\x1b[5;1H\x1b[9A");
    assert_eq!(p.cursor(), (2, 0));
    p.feed("\x1b[5;5H\x1b[99B");
    assert_eq!(p.cursor(), (7, 4));
    p.feed("\x1b[5;5H\x1b[99F");
    assert_eq!(p.cursor(), (2, 0));
    p.feed("\x1b[5;5H\x1b[99E");
    assert_eq!(p.cursor(), (7, 0));
    p.feed("\x1b[2;1H\x1b[9A");
    assert_eq!(p.cursor(), (0, 0), "from above the margins to the screen's edge");
    p.feed("\x1b[9;1H\x1b[9B");
    assert_eq!(p.cursor(), (9, 0), "from below them too");
}

#[test]
fn deleting_more_characters_than_there_are_keeps_those_on_the_left() {
    let mut p = pane(10, 2);
    p.feed("0123456789\x1b[1;7H\x1b[9P");
    assert_eq!(p.line(0), "012345");
    p.feed("\x1b[1;3H\x1b[65535P");
    assert_eq!(p.line(0), "01");
}

#[test]
fn erasing_above_from_the_second_line_erases_the_first() {
    let mut p = pane(10, 3);
    p.feed("one\r\ntwo\r\nthree\x1b[2;2H\x1b[1J");
    assert_eq!(p.lines(), ["", "  o", "three"]);
}

#[test]
fn a_backward_tab_takes_back_the_wrap_that_was_due() {
    let mut p = pane(10, 3);
    p.feed("0123456789\x1b[Zx");
    assert_eq!(p.lines(), ["01234567x9", "", ""]);
}

#[test]
fn a_tab_in_the_last_column_stays_there() {
    let mut p = pane(10, 3);
    p.feed("0123456789\t");
    assert_eq!(p.cursor(), (0, 9));
    p.feed("x");
    assert_eq!(p.lines(), ["0123456789", "x", ""], "and the wrap is still due");
}

#[test]
fn a_restored_cursor_in_mid_row_does_not_wrap() {
    let mut p = pane(10, 3);
    p.feed("\x1b[?1049h0123456789\x1b7");
    p.resize(20, 3);
    p.feed("\x1b8x");
    assert_eq!(p.line(0), "012345678x");
}

#[test]
fn the_alignment_test_resets_margins_and_homes() {
    let mut p = pane(4, 4);
    p.feed("\x1b[2;3r\x1b[?6h\x1b[2;2H\x1b#8");
    assert_eq!(p.cursor(), (0, 0));
    assert_eq!(p.lines(), ["EEEE"; 4]);
    p.feed("\x1b[4;1H\n");
    assert_eq!(p.lines(), ["EEEE", "EEEE", "EEEE", ""]);
}

#[test]
fn a_saved_cursor_has_its_character_set_and_origin_mode() {
    let mut p = pane(10, 6);
    p.feed("\x1b)0\x1b[2;5r\x1b[?6h\x0e\x1b7\x0f\x1b[?6l\x1b8q\x1b[1;1H1");
    assert_eq!(p.lines(), ["", "1", "", "", "", ""], "origin mode is back: home is the top margin");
    p.feed("\x1b[2;1Hq");
    assert_eq!(p.line(2), "─", "and so is G1");
}

#[test]
fn each_screen_has_its_own_saved_cursor() {
    let mut p = pane(10, 4);
    p.feed("\x1b[2;3H\x1b7\x1b[?47h\x1b[4;4H\x1b7\x1b[?47l\x1b8");
    assert_eq!(p.cursor(), (1, 2));
    p.feed("\x1b[?47h\x1b8");
    assert_eq!(p.cursor(), (3, 3));
}

#[test]
fn programs_do_not_resize_the_screen() {
    let mut p = pane(10, 3);
    p.feed("text\x1b[2;3r\x1b[3;3H\x1b[?40h\x1b[?3h\x1b[?3l\x1b[8;65535;65535t\x1b[4;1;1t");
    assert_eq!((p.line(0).as_str(), p.cursor()), ("text", (2, 2)));
    assert_eq!(p.reply("\x1b[18t"), "\x1b[8;3;10t");
}

#[test]
fn tab_stops_can_be_set_every_eight_columns() {
    let mut p = pane(20, 2);
    p.feed("\x1b[3g\t");
    assert_eq!(p.cursor(), (0, 19));
    p.feed("\r\x1b[?5W\t");
    assert_eq!(p.cursor(), (0, 8));
}

#[test]
fn a_full_reset_resets_the_palette_and_the_tabs_too() {
    let mut p = pane(20, 2);
    p.feed("\x1b]4;1;#123456\x07\x1b]11;#000001\x07\x1b[3g\x1b]0;t\x07\x1b[?2004h\x1b[?1049h\x1bc\t");
    let screen = p.engine.view(ViewAt::Live);
    assert!(screen.palette.is_empty());
    assert_eq!((p.cursor(), p.engine.title(), p.engine.modes()), ((0, 8), "", Modes::ALTERNATE_SCROLL));
}

#[test]
fn margins_that_make_no_region_are_ignored() {
    let mut p = pane(10, 8);
    p.feed("\x1b[2;4r\x1b[5;5H");
    for bad in ["\x1b[4;4r", "\x1b[5;2r", "\x1b[50;60r", "\x1b[8;9r"] {
        p.feed(bad);
        assert_eq!(p.cursor(), (4, 4), "{bad:?}");
    }
    p.feed("\x1b[4;1H\na");
    assert_eq!(p.cursor(), (3, 1), "the old margins hold");
    p.feed("\x1b[0;0r");
    assert_eq!(p.cursor(), (0, 0));
}

#[test]
fn erasing_to_the_right_with_a_wrap_due_erases_the_last_column() {
    let mut p = pane(10, 2);
    p.feed("0123456789\x1b[Kx");
    assert_eq!(p.lines(), ["012345678x", ""]);
}

#[test]
fn asking_for_a_mode_does_not_change_it() {
    let mut p = pane(10, 2);
    assert_eq!(p.reply("\x1b[?12$p\x1b[?12$p"), "\x1b[?12;2$y\x1b[?12;2$y");
    assert!(!p.engine.view(ViewAt::Live).cursor.blink);
    p.feed("\x1b[?12h");
    assert_eq!(p.reply("\x1b[?12$p"), "\x1b[?12;1$y");
    assert!(p.engine.view(ViewAt::Live).cursor.blink);
}

#[test]
fn deleted_lines_do_not_go_to_the_history() {
    let mut p = pane(10, 3);
    p.feed("one\r\ntwo\r\nthree\x1b[1;1H\x1b[2M");
    assert_eq!(p.lines(), ["three", "", ""]);
    assert_eq!(p.engine.view(ViewAt::Live).history, 0);
    p.feed("\x1b[S");
    assert_eq!(p.engine.view(ViewAt::Live).history, 1, "scrolled ones do");
}

#[test]
fn clearing_a_blank_screen_pushes_nothing() {
    let mut p = pane(10, 3);
    p.feed("\x1b[2J");
    assert_eq!(p.engine.view(ViewAt::Live).history, 0);
    p.feed("text\x1b[2J");
    assert_eq!(p.engine.view(ViewAt::Live).history, 1, "text is not lost");
}

#[test]
fn the_history_can_be_erased_from_the_alternate_screen() {
    let mut p = pane(10, 3);
    p.feed("1\r\n2\r\n3\r\n4\r\n5\x1b[?1049h\x1b[3J\x1b[?1049l");
    let screen = p.engine.view(ViewAt::Live);
    assert_eq!((screen.history, p.lines()), (0, vec!["3".into(), "4".into(), "5".into()]));
}

#[test]
fn new_line_mode_returns_the_carriage() {
    let mut p = pane(10, 3);
    p.feed("ab\ncd\x1b[20h\nef");
    assert_eq!(p.lines(), ["ab", "  cd", "ef"]);
    assert_eq!(p.reply("\x1b[20$p"), "\x1b[20;1$y");
}

#[test]
fn insert_mode_moves_the_rest_of_the_line() {
    let mut p = pane(6, 2);
    p.feed("abcdef\x1b[1;3H\x1b[4hXY\x1b[4lz");
    assert_eq!(p.lines(), ["abXYzd", ""]);
}

#[test]
fn repeating_ends_with_the_line() {
    let mut p = pane(10, 3);
    p.feed("a\x1b[65535b");
    assert_eq!(p.lines(), ["aaaaaaaaaa", "", ""]);
    p.feed("\x1b[3b");
    assert_eq!(p.lines(), ["aaaaaaaaaa", "aaa", ""], "with a wrap due it begins in the next one");
    p.feed("\x1b[3;1H中\x1b[65535b");
    assert_eq!(p.line(2), "中中中中中");
}

fn with_text(p: &mut Pane) {
    p.feed("main\x1b[1;3H");
}

#[test]
fn the_alternate_screens_differ_in_what_they_clear_and_save() {
    let mut p = pane(10, 2);
    with_text(&mut p);
    p.feed("\x1b[?47h");
    assert_eq!((p.line(0).as_str(), p.cursor()), ("", (0, 2)), "47: the cursor goes along");
    p.feed("alt\x1b[?47l");
    assert_eq!((p.line(0).as_str(), p.cursor()), ("main", (0, 5)), "47: and comes back along");
    p.feed("\x1b[?47h");
    assert_eq!(p.line(0), "  alt", "47: nothing is cleared");
    p.feed("\x1b[?1047l\x1b[?1047h");
    assert_eq!(p.line(0), "", "1047: cleared on leaving");
    p.feed("\x1b[?1047l\x1b[2;2H\x1b[?1049hfull\x1b[2J\x1b[?1049l");
    assert_eq!((p.line(0).as_str(), p.cursor()), ("main", (1, 1)), "1049: the cursor is restored");
    p.feed("\x1b[?1048h\x1b[H\x1b[?1048l");
    assert_eq!(p.cursor(), (1, 1));
    assert_eq!(p.reply("\x1b[?1049$p\x1b[?47h\x1b[?47$p"), "\x1b[?1049;2$y\x1b[?47;1$y");
}

#[test]
fn the_alternate_screen_has_no_history_and_its_own_epoch() {
    let mut p = pane(10, 2);
    p.feed("1\r\n2\r\n3\r\n4");
    let main = p.engine.view(ViewAt::Live);
    p.feed("\x1b[?1049ha\r\nb\r\nc\r\nd");
    let alt = p.engine.view(ViewAt::Live);
    assert!(alt.epoch != main.epoch && alt.modes.has(Modes::ALT_SCREEN));
    assert_eq!((alt.history, p.engine.scroll(ViewAt::Live, -5)), (0, ViewAt::Live));
    p.feed("\x1b[?1049l");
    let back = p.engine.view(ViewAt::Live);
    assert!(back.epoch != alt.epoch);
    assert_eq!((back.history, back.text()), (main.history, main.text()));
}

#[test]
fn a_soft_reset_keeps_the_screen_and_resets_the_modes() {
    let mut p = pane(10, 4);
    p.feed("text\x1b[2;3r\x1b[?6h\x1b[4h\x1b[?7l\x1b[?25l\x1b[?1h\x1b[1;31m\x1b[5 q\x1b[2;2H\x1b[!p");
    let screen = p.engine.view(ViewAt::Live);
    assert_eq!(p.line(0), "text");
    assert_eq!((screen.cursor.visible, screen.cursor.blink, p.cursor()), (true, false, (2, 1)));
    assert_eq!(p.reply("\x1b[?6$p\x1b[4$p\x1b[?7$p\x1b[?1$p"), "\x1b[?6;2$y\x1b[4;2$y\x1b[?7;1$y\x1b[?1;2$y");
    p.feed("\x1b[4;1H\nx");
    assert_eq!(p.lines()[0], "", "no margins: the whole screen scrolls");
}

#[test]
fn fewer_columns_push_nothing_out_while_there_is_room_below() {
    let mut p = pane(40, 10);
    p.feed("old\r\n\x1b[2J\x1b[3J\x1b[H");
    p.feed(format!("{}\r\n$ ls", "x".repeat(60)));
    p.resize(20, 10);
    assert_eq!(p.lines()[..4], ["x".repeat(20), "x".repeat(20), "x".repeat(20), "$ ls".into()]);
    assert_eq!((p.cursor(), p.history()), ((3, 4), 0));
    p.resize(12, 4);
    assert_eq!(p.lines(), ["x".repeat(12), "x".repeat(12), "x".repeat(12), "$ ls".into()], "the room is used up");
    assert_eq!((p.cursor(), p.history()), ((3, 4), 2));
}

#[test]
fn fewer_columns_bring_nothing_back_that_was_scrolled_away() {
    let mut p = pane(40, 6);
    p.feed("gone\r\n".repeat(20));
    p.feed("\x1b[H\x1b[J");
    let before = p.history();
    p.feed(format!("{}\r\n$ ", "y".repeat(50)));
    p.resize(30, 6);
    assert_eq!(p.lines()[..3], ["y".repeat(30), "y".repeat(20), "$".into()]);
    assert_eq!((p.cursor(), p.history()), ((2, 2), before));
}
