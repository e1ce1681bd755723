//! `synk workspace` as people type it: splits, their sizes and places, and the workspace that is meant.

#[path = "support/user.rs"]
mod user;

use std::fs;

use serde_json::{Value, json};
use user::User;

/// The places of a workspace's panes, by the names of the sessions.
fn places(user: &User, workspace: &str) -> Vec<String> {
    let sessions = user.json(&["ls"])["sessions"].take();
    let name = |no: &Value| {
        let found = sessions.as_array().unwrap().iter().find(|s| s["no"] == *no);
        found.unwrap()["name"].as_str().unwrap().to_owned()
    };
    let work = user.json(&["workspace", "get", workspace]);
    work["panes"].as_array().unwrap().iter().map(name).collect()
}

#[test]
fn panes_are_split_swapped_resized_and_closed() {
    let user = User::new();
    user.start_host();
    user.ok(&["workspace", "new", "work"]);
    user.ok(&["new", "-d", "-s", "one", "--workspace", "work"]);
    let split = ["workspace", "split", "-t", "one", "right", "--ratio", "0.25", "-s", "two", "--", "sleep", "600"];
    assert_eq!(user.ok(&split), "two\n");
    user.ok(&["workspace", "split", "-t", "two", "down", "-s", "three"]);
    assert_eq!(places(&user, "work"), ["one", "two", "three"]);
    user.ok(&["workspace", "swap", "-t", "one", "three"]);
    assert_eq!(places(&user, "work"), ["three", "two", "one"]);
    user.ok(&["workspace", "resize", "-t", "three", "left", "--by", "25"]);
    let layout = user.json(&["workspace", "get", "work"])["layout"].take();
    let parts = &layout["root"]["parts"];
    assert_eq!(parts[0]["weight"], parts[1]["weight"], "{layout}");
    // What `get` prints, `layout` takes.
    let printed = user.ok(&["workspace", "get", "work"]);
    user.ok(&["workspace", "layout", "work", "grid"]);
    assert!(user.ok(&["workspace", "ls"]).lines().any(|row| row.contains("work") && row.contains("grid")));
    user.ok(&["workspace", "layout", "work", printed.trim()]);
    assert_eq!(user.json(&["workspace", "get", "work"])["layout"], layout);
    user.ok(&["kill", "-t", "two"]);
    assert_eq!(places(&user, "work"), ["three", "one"]);
    for (wrong, said) in [
        (&["workspace", "layout", "work", r#"{"type":"split","root":{"pane":9}}"#][..], "layout.root.pane"),
        (&["workspace", "split", "-t", "one", "right", "--ratio", "2"], "0.05 to 0.95"),
        (&["workspace", "swap", "-t", "one", "nobody"], "not found"),
        (&["workspace", "resize", "-t", "one", "up", "--by", "91"], "91"),
    ] {
        let code = if said == "not found" { 4 } else { 2 };
        let error = user.fails(code, wrong);
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn the_workspace_in_use_is_the_one_that_is_meant() {
    let user = User::new();
    user.start_host();
    user.ok(&["new", "-d", "-s", "free"]);
    user.ok(&["workspace", "new", "work"]);
    user.ok(&["workspace", "use", "work"]);
    user.ok(&["new", "-d", "-s", "placed"]);
    assert_eq!(places(&user, "work"), ["placed"]);
    assert_eq!(user.json(&["workspace", "ls"])["workspaces"][1]["active"], json!(true));
    user.ok(&["workspace", "use", "--none"]);
    user.ok(&["new", "-d", "-s", "free as before"]);
    assert_eq!(places(&user, "work"), ["placed"]);
    user.fails(2, &["workspace", "use", "nowhere"]);
    user.fails(2, &["workspace", "use"]);
}

const SHOP: &str = r#"Workspace(
    name: "shop",
    layout: Rows([(of: Pane(2)), (of: Pane(1), weight: 3000)]),
    panes: [
        (name: "say", command: ["sh", "-c", "pwd; echo $WORD; cat"], cwd: "sub", env: {"WORD": "hello"}),
        (name: "agent", agent: "claude", command: ["cat"]),
    ],
)"#;

#[test]
fn a_template_makes_its_workspace_once() {
    let user = User::new();
    fs::create_dir(user.path("sub")).unwrap();
    let file = user.path("shop.ron");
    fs::write(&file, SHOP).unwrap();
    let file = file.to_str().unwrap();
    assert_eq!(user.ok(&["up", file]), "shop: 2 panes\n");
    assert_eq!(places(&user, "shop"), ["agent", "say"]);
    user.ok(&["wait", "-t", "say", "--text", "hello"]);
    let sub = user.path("sub").canonicalize().unwrap();
    assert!(user.ok(&["capture", "-t", "say"]).contains(sub.to_str().unwrap()));
    let layout = user.json(&["workspace", "get", "shop"])["layout"]["root"].take();
    assert_eq!((&layout["direction"], &layout["parts"][1]["weight"]), (&json!("down"), &json!(3000)));
    assert_eq!(user.ok(&["up", file]), "shop is up already: 2 panes\n");
    assert_eq!(user.sessions().len(), 2);
    fs::write(file, SHOP.replace("name: \"shop\",", "name: shop,")).unwrap();
    assert!(user.fails(1, &["up", file]).contains("shop.ron:2:"), "where it is wrong");
    fs::write(file, SHOP.replace("\"claude\"", "\"nobody\"").replace("\"shop\"", "\"other\"")).unwrap();
    assert!(user.fails(2, &["up", file]).contains("nobody"));
    assert_eq!(user.json(&["workspace", "ls"])["workspaces"].as_array().unwrap().len(), 2, "nothing was made");
}
