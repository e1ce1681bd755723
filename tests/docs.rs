//! The documents say what the program does: keys, folders, licences and files are held to their sources.

#[path = "tools/source.rs"]
mod source;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use synk::model::{Action, Chord};

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// What stands in a document between `<!-- NAME -->` and `<!-- /NAME -->`.
fn section<'a>(text: &'a str, name: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("<!-- {name} -->\n")).expect("the section's beginning");
    rest.split_once(&format!("<!-- /{name} -->")).expect("the section's end").0
}

/// A chord as people write it: `Ctrl+Shift+T`.
fn for_people(chord: &str) -> String {
    let chord: Chord = chord.parse().unwrap();
    let names = [("pageup", "PageUp"), ("pagedown", "PageDown")];
    let capital = |part: &str| {
        let name = names.iter().find(|(name, _)| *name == part).map_or(part, |(_, shown)| shown);
        let mut chars = name.chars();
        chars.next().map(|c| c.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    let text = chord.to_string();
    format!("`{}`", text.split('+').map(capital).collect::<Vec<_>>().join("+"))
}

/// The table of keys, with the names for keymap files or without.
fn keys(with_names: bool) -> String {
    let mut out = String::from(if with_names {
        "| Keys | What | In keymap.ron |\n|---|---|---|\n"
    } else {
        "| Keys | What |\n|---|---|\n"
    });
    for action in Action::ALL {
        let chords: Vec<_> = action.default_chords().iter().map(|c| for_people(c)).collect();
        let chords = if chords.is_empty() { "(none)".into() } else { chords.join(", ") };
        out += &format!("| {chords} | {} |", action.doc());
        out += &if with_names { format!(" `{action}` |\n") } else { "\n".into() };
    }
    out
}

#[test]
fn the_readme_shows_the_keys_there_are() {
    let expected = keys(false);
    assert!(section(&read("README.md"), "keys") == expected, "README.md should have:\n{expected}");
}

#[test]
fn the_page_of_keys_shows_the_names_for_keymaps() {
    let expected = keys(true);
    assert!(section(&read("docs/keys.md"), "keys") == expected, "docs/keys.md should have:\n{expected}");
}

/// Holds a page to what it is made from.
fn is_made(name: &str, made: &str) {
    // The page as it should be, for whoever has to put it there.
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&place, made).unwrap();
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).unwrap_or_default();
    assert!(page == made, "docs/{name} should be as {}", place.display());
}

#[test]
fn the_page_of_the_command_line_is_its_definition() {
    is_made("cli.md", &synk::cli::reference());
}

#[test]
fn the_page_of_the_api_is_its_schema() {
    is_made("api.md", &synk::protocol::reference());
}

#[test]
fn the_map_of_the_source_has_every_folder_and_no_other() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folders: BTreeSet<String> = fs::read_dir(&src)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let page = read("docs/architecture.md");
    let rows = section(&page, "folders").lines().filter_map(|line| line.strip_prefix("| `")?.split_once("/`"));
    let listed: BTreeSet<String> = rows.map(|(folder, _)| folder.to_owned()).collect();
    assert_eq!(listed, folders);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in [vec![root.join("README.md")], source::files(&root.join("docs"), &["md"])].concat() {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if !file.is_empty() && !file.contains("://") {
                assert!(page.parent().unwrap().join(file).exists(), "{}: {link}", page.display());
            }
        }
    }
}

/// Whether a licence expression (SPDX, or cargo's old `A/B`) can be met with those allowed: one of each choice, all of
/// each AND.
fn allows(allowed: &[String], expression: &str) -> bool {
    let expression = expression.replace('/', " OR ").replace(['(', ')'], "");
    expression.split(" AND ").all(|part| part.split(" OR ").any(|one| allowed.iter().any(|a| a == one.trim())))
}

#[test]
fn every_dependency_has_a_licence_that_is_allowed() {
    let deny = read("deny.toml");
    let list = deny.split("allow = [").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
    let allowed: Vec<String> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(allowed.contains(&"MIT".to_owned()));
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let mut used = String::new();
    for package in packages {
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(allows(&allowed, licence), "{} has the licence {licence:?}", package["name"]);
        used += licence;
    }
    for licence in &allowed {
        assert!(used.contains(licence.as_str()), "{licence} is allowed and nobody needs it");
    }
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = ["MIT".to_owned(), "Apache-2.0".to_owned()];
    for (expression, yes) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("MIT/GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND Apache-2.0", true),
        ("", false),
    ] {
        assert_eq!(allows(&allowed, expression), yes, "{expression}");
    }
}

#[test]
fn keys_are_written_for_people() {
    assert_eq!(for_people("ctrl+shift+pageup"), "`Ctrl+Shift+PageUp`");
    assert_eq!(for_people("ctrl+="), "`Ctrl+=`");
}
