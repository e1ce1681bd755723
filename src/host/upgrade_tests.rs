//! The desk's part in an upgrade.

use super::*;
use crate::protocol::methods::{UpgradeParams, Upgrading};

fn ask(world: &mut World, program: &str) -> u64 {
    world.call(1, Call::Upgrade(UpgradeParams { program: program.into() }))
}

#[test]
fn a_host_ends_for_a_program_that_can_take_over_and_for_no_other() {
    let mut world = World::new();
    let alone = ask(&mut world, "/opt/synk");
    assert_eq!(world.code(alone), Some(code::INTERNAL), "its sessions would end");
    world.step(Input::Keeper(true));
    let relative = ask(&mut world, "synk");
    assert_eq!(world.code(relative), Some(code::INVALID_PARAMS));
    let first = ask(&mut world, "/opt/synk");
    let second = ask(&mut world, "/opt/other");
    assert_eq!(world.code(second), Some(code::BUSY), "one at a time");
    let (ticket, program) = world.upgrades.pop().unwrap();
    assert!(world.upgrades.is_empty() && program.as_os_str() == "/opt/synk");
    world.step(Input::Upgraded(ticket, Err("it fails".into())));
    assert!(world.code(first) == Some(code::INVALID_PARAMS) && !world.exited && !world.desk.hands_on());
    let again = ask(&mut world, "/opt/synk");
    let (ticket, _) = world.upgrades.pop().unwrap();
    world.step(Input::Upgraded(ticket, Ok(Upgrading { version: "2".into(), notices: Vec::new() })));
    assert!(world.replies[&again].as_ref().is_ok_and(|reply| reply["version"] == "2"));
    assert!(world.exited && world.desk.leaves() && world.desk.hands_on() && world.hung_up.is_empty());
}
