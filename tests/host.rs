//! Real shells behind a real host: what is typed comes back, limits hold, nothing is lost with a client.

mod support;

use support::{Control, Viewer, host};

#[test]
fn the_first_shell_echoes_what_is_typed() {
    let host = host();
    let mut control = Control::new(host.connect().unwrap());
    control.open();
    let no = control.board.workspace.panes[0];
    let mut viewer = Viewer::new(host.connect().unwrap());
    viewer.watch(no.0);
    viewer.until_text(no, "$");
    viewer.type_text(no, "echo a$((20+3))b\n");
    viewer.until_text(no, "a23b");
}
