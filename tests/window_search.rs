//! Search in a window as a person has it.

#[path = "support/desktop.rs"]
mod desktop;
#[path = "support/process.rs"]
mod process;

use desktop::{Desktop, WHOLE, until};

/// The grounds of a match and of the one that was gone to: the built-in theme's warning colour over its background.
const MARK: u32 = 0x53_40_26;
const CURRENT: u32 = 0x84_61_2c;
/// What is said where nothing is found.
const ENDED: u32 = 0xe0_6c_75;

#[test]
fn what_is_typed_is_found_far_up_and_can_be_copied() {
    let desktop = Desktop::new("Settings(cursor_blink: false)");
    let window = desktop.open(&[]);
    let no = desktop.until_sessions(1)[0].no;
    desktop.until_line(no, "$");
    // The command line itself does not have the word.
    window.line(r"seq 5000 | sed 's/^\(700\|705\|4990\)$/& nee''dle-&/'");
    desktop.until_line(no, "5000");
    let shows = |what: &str, color: u32| until(what, || (window.pixels().count(WHOLE, color) > 100).then_some(()));
    let hides = |what: &str, color: u32| until(what, || (window.pixels().count(WHOLE, color) == 0).then_some(()));

    window.keys(&["ctrl+shift+f"]);
    window.type_text("needle-");
    shows("the newest is marked", CURRENT);
    hides("it is the only one in view", MARK);
    // 705, with 700 in the same view.
    window.keys(&["Return"]);
    shows("the next one is far up, with another in view", MARK);
    shows("and is marked differently", CURRENT);
    window.type_text("zzz");
    until("that nothing is found is said", || (window.pixels().count(WHOLE, ENDED) > 5).then_some(()));
    hides("nothing is marked", CURRENT);
    for _ in 0..3 {
        window.keys(&["BackSpace"]);
    }
    window.type_text("70");
    shows("it is found again", CURRENT);
    window.keys(&["Up"]);
    window.keys(&["Escape"]);
    hides("the search is closed", CURRENT);
    shows("the match is selected", 0x35_50_7a);
    // Nothing of it went to the shell; what is typed brings the live screen back.
    window.keys(&["ctrl+shift+c"]);
    window.type_text("echo got-");
    window.keys(&["ctrl+shift+v"]);
    until("it is pasted", || desktop.text(no).contains("$ echo got-needle-70").then_some(()));
    window.keys(&["Return"]);
    desktop.until_line(no, "got-needle-70");
}
