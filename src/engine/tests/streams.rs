//! Random streams of terminal output, made from a grammar.

use crate::base::random::Random;

/// What a stream may contain. Some kinds keep out of each other's way, because alacritty's terminal is wrong where they
/// meet (under margins the cursor passes through them, origin mode shifts what it should not, DECSC forgets the character
/// set in use).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Grammar {
    pub margins: bool,
    pub origin: bool,
    pub saved: bool,
    pub shift_sets: bool,
    pub clear_tabs: bool,
    /// No background colours: the grid of alacritty forgets to clear some after a resize.
    pub no_background: bool,
    /// Everything, also what alacritty's terminal does wrong.
    pub wild: bool,
}

impl Grammar {
    pub(super) fn tame(random: &mut Random) -> Self {
        let margins = random.below(2) == 0;
        let saved = random.below(2) == 0;
        Self {
            margins,
            origin: margins && !saved && random.below(2) == 0,
            saved,
            shift_sets: !saved && random.below(2) == 0,
            clear_tabs: random.below(3) == 0,
            no_background: false,
            wild: false,
        }
    }

    pub(super) fn wild() -> Self {
        Self {
            margins: true,
            origin: true,
            saved: true,
            shift_sets: true,
            clear_tabs: true,
            no_background: false,
            wild: true,
        }
    }
}

const WORDS: [&str; 16] = [
    "a",
    "hello",
    "lorem ipsum dolor sit amet consectetur",
    "é",
    "naïve café",
    "中",
    "中文字符",
    "한국어",
    "🦀",
    "e\u{301}",
    "\u{301}",
    "👩\u{200d}🚀",
    "❤\u{fe0f}",
    "~~~",
    "x中y",
    "ab\u{308}\u{301}c",
];

/// One operation, on a screen of this size.
pub(super) fn operation(random: &mut Random, grammar: Grammar, cols: usize, lines: usize) -> String {
    let r = random;
    let n = [0, 1, 1, 2, 3, 7, 100, 65_535][r.below(8)];
    let cup = |line: usize, col: usize| format!("\x1b[{line};{col}H");
    let col = 1 + r.below(cols);
    let line = 1 + r.below(lines);
    match r.below(35) {
        0..6 => r.pick(&WORDS).to_owned(),
        6 => r.pick(&WORDS).repeat(1 + r.below(8)),
        7..10 => "\r\n".to_owned(),
        10 => r.pick(&["\r", "\n", "\x08", "\x0b", "\x0c", "\x1bD", "\x1bE", "\x1bM", "\x1bM"]).to_owned(),
        11..13 => cup(line, col),
        13 => cup(n, n),
        14..17 => sgr(r, grammar),
        17 => motion(r, grammar, n),
        18 if grammar.wild => format!("\x1b[{}K", r.below(4)),
        18 => cup(line, col) + &format!("\x1b[{}K", r.below(4)),
        19 if grammar.wild => format!("\x1b[{}J", r.below(4)),
        19 => match r.below(4) {
            0 => "\x1b[J".to_owned(),
            1 if !grammar.origin && lines > 2 => cup(3 + r.below(lines - 2), col) + "\x1b[1J",
            2 => "x\x1b[2J".to_owned(),
            3 if !grammar.saved => "\x1b[3J".to_owned(),
            _ => "\x1b[J".to_owned(),
        },
        20 if grammar.wild => format!("\x1b[{n}{}", r.pick(&["P", "@", "X", "L", "M", "S", "T", "b", "Z", "I"])),
        20 => match r.below(7) {
            0 => cup(line, col) + &format!("\x1b[{}P", 1 + r.below(cols + 1 - col)),
            1 => cup(2 + r.below(lines - 1), col) + &format!("\x1b[{n}M"),
            2 => format!("\x1b[{n}L"),
            3 => format!("\x1b[{n}@"),
            4 => format!("\x1b[{n}X"),
            5 => format!("\x1b[{n}S"),
            _ => format!("\x1b[{n}T"),
        },
        21 if grammar.margins => {
            let top = 1 + r.below(lines - 1);
            let bottom = top + 1 + r.below(lines - top);
            [format!("\x1b[{top};{bottom}r"), format!("\x1b[{top}r"), "\x1b[r".to_owned()][r.below(3)].clone()
        }
        22 if grammar.origin => cup(1, 1) + r.pick(&["\x1b[?6h", "\x1b[?6l"]) + &cup(line, col),
        23 => tabs(r, grammar, line, col),
        24 if grammar.saved => {
            r.pick(&["\x1b7", "\x1b8", "\x1b[s", "\x1b[u", "\x1b[?1049h", "\x1b[?1049l", "\x1b[?1049h"]).to_owned()
        }
        25 if grammar.shift_sets => r.pick(&["\x0e", "\x0f", "\x1b)0", "\x1b)B"]).to_owned(),
        25 => r.pick(&["\x1b(0", "\x1b(B", "\x1b*0", "\x1b+B"]).to_owned(),
        26 => r.pick(&["\x1b[4h", "\x1b[4l", "\x1b[4l", "\x1b[?7l", "\x1b[?7h", "\x1b[?7h"]).to_owned(),
        27 => r.pick(&["\x1b[?25l", "\x1b[?25h", "\x1b[?1h", "\x1b[?1l", "\x1b=", "\x1b>", "\x1b[?2004h"]).to_owned(),
        28 => (r.pick(&["\x1b]8;;http://a.example/\x07", "\x1b]8;id=1;http://b.example/\x1b\\", "\x1b]8;;\x07"]))
            .to_owned(),
        29 if cols >= 12 => {
            cup(line, 1 + r.below(3)) + r.pick(&["q", "中", "é"]) + &format!("\x1b[{}b", 1 + r.below(4))
        }
        30 if r.below(8) == 0 => "\x1bcx".to_owned(),
        30 if !grammar.origin && r.below(4) == 0 => "\x1b[r\x1b#8\x1b[H".to_owned(),
        31 if grammar.wild => wild(r),
        // Few enough that no stack is ever full: those of alacritty's terminal are longer. What `CSI = u` sets, it
        // forgets with the next push.
        32 if grammar.wild => r.pick(&["\x1b[=5u", "\x1b[=9;2u", "\x1b[=1;3u", "\x1b[=3;4u", "\x1b[<9u"]).to_owned(),
        32 => r.pick(&["\x1b[>1u", "\x1b[>31u", "\x1b[>u", "\x1b[<u", "\x1b[<2u", "\x1b[<3u", "\x1b[<0u"]).to_owned(),
        _ => r.pick(&WORDS).to_owned(),
    }
}

fn motion(r: &mut Random, grammar: Grammar, n: usize) -> String {
    let free = ["A", "B", "E", "F", "G", "d", "C", "D", "`", "a", "e"];
    let with_margins = ["C", "D", "a"];
    let action = if grammar.margins && !grammar.wild { r.pick(&with_margins) } else { r.pick(&free) };
    format!("\x1b[{n}{action}")
}

fn tabs(r: &mut Random, grammar: Grammar, line: usize, col: usize) -> String {
    let cup = format!("\x1b[{line};{col}H");
    match r.below(6) {
        0 => cup + "\x1bH",
        1 if grammar.clear_tabs => cup + "\x1b[g",
        2 if grammar.clear_tabs => "\x1b[3g".to_owned(),
        3 if !grammar.clear_tabs => cup + &format!("\x1b[{}Z", 1 + r.below(3)),
        4 => format!("\x1b[{}I", 1 + r.below(3)),
        _ => cup + "\t",
    }
}

fn sgr(r: &mut Random, grammar: Grammar) -> String {
    let parts = [
        "0",
        "1",
        "2",
        "3",
        "4",
        "7",
        "8",
        "9",
        "22",
        "23",
        "24",
        "27",
        "28",
        "29",
        "31",
        "39",
        "42",
        "49",
        "97",
        "101",
        "38;5;200",
        "48;5;7",
        "38;2;1;2;3",
        "48;2;4;5;6",
        "38:2:7:8:9",
        "48:2::10:11:12",
        "4:3",
        "4:0",
        "4:5",
        "58;5;3",
        "58:2::1:2:3",
        "59",
        "38;5",
        "38;2;300;1;1",
        "",
        "5",
        "1:2",
    ];
    let background = |part: &str| part.starts_with("48") || ["42", "7", "101"].contains(&part);
    let parts: Vec<&str> = parts.into_iter().filter(|p| !grammar.no_background || !background(p)).collect();
    let list: Vec<&str> = (0..1 + r.below(3)).map(|_| r.pick(&parts)).collect();
    format!("\x1b[{}m", if r.below(3) == 0 { "0".to_owned() } else { list.join(";") })
}

/// What alacritty's terminal does not know, and garbage.
fn wild(r: &mut Random) -> String {
    const PIECES: &[&str] = &[
        "\x1b[?47h",
        "\x1b[?47l",
        "\x1b[?1047h",
        "\x1b[?1047l",
        "\x1b[?1048h",
        "\x1b[?1048l",
        "\x1b[!p",
        "\x1b[20h",
        "\x1b[20l",
        "\x1b[?2026h",
        "\x1b[?2026l",
        "\x1b[5 q",
        "\x1b[?5h",
        "\x1b]2;title\x07",
        "\x1b[22t",
        "\x1b[23t",
        "\x1b]4;1;#123456\x07",
        "\x1b]104\x07",
        "\x1b]7;file:///tmp\x07",
        "\x1b[?5W",
        "\x1b[?6h",
        "\x1b[50;60r",
        "\x1b#8",
        "\x1b[21m",
        "\x1b[>5u",
        "\x1b[>4;1m",
        "\x1b[>4;2m",
        "\x1b[>4m",
        "\x1b[>4n",
        "\x1b[?1003;1006h",
        "\x1b[?1000;1016h",
        "\x1b[?9;1005l",
        "\x1b[?1004h",
        "\x1b]133;A\x07",
        "\x1b]133;B\x07",
        "\x1b]133;C\x07",
        "\x1b]133;C\x1b\\",
        "\x1b]133;D;1\x07",
        "\x1b]9;done\x07",
        "\x1b]777;notify;a;b\x1b\\",
        "\x1b]52;c;aGk=\x07",
        "\x1b]10;#010203\x07",
        "\x1b]11;?\x07",
        "\x1b]12;rgb:1/2/3\x07",
        "\x1b]110\x07",
        "\x1b[6n",
        "\x1b[14t",
        "\x1b[?2026$p",
        "\x1bP1;2|17/ab\x1b\\",
        "\x1b_Gf=100;AAAA\x1b\\",
        "\x1b]2;中文 title\x07",
        "\x07",
        "\x1b[1;2;3:4 !@",
        "\x1b[3b",
    ];
    r.pick(PIECES).to_owned()
}
