//! What is said of an upgrade.

use synk::protocol::methods::{Empty, GetStatus, Status, UpgradeHost, UpgradeParams, UpgradeStatus, Upgrading};

use super::Wire;

pub fn all(wire: &mut Wire, status: Status) {
    let notices = vec!["synk.ron: 3:7: unknown".into()];
    wire.method::<UpgradeHost>(
        UpgradeParams { program: "/opt/synk".into() },
        Upgrading { version: "0.2.0".into(), notices },
    );
    let upgrade = UpgradeStatus { program: "/opt/synk".into(), stage: "back".into(), why: Some("it ended".into()) };
    wire.method::<GetStatus>(Empty {}, Status { upgrade: Some(upgrade), ..status });
}
