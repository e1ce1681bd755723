//! The budget: files stay small, `mod.rs` and `lib.rs` only say what there is. (Clippy counts the lines of functions.)

#[path = "tools/source.rs"]
mod source;

use std::fs;
use std::path::{Path, PathBuf};

/// Most lines of a file.
const MAX_LINES: usize = 400;

/// Files that are longer, with their lines. An entry may only become smaller and then go; never add one.
const EXCEPTIONS: &[(&str, usize)] = &[];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files that people write as code.
fn code() -> Vec<PathBuf> {
    let folders = ["src", "tests", "benches", "shaders", "scripts"];
    let mut files: Vec<PathBuf> =
        folders.iter().flat_map(|f| source::files(&root().join(f), &["rs", "wgsl", "sh", "py"])).collect();
    files.push(root().join("Makefile"));
    files
}

/// What is wrong with a file of so many lines.
fn too_long(path: &str, lines: usize, exceptions: &[(&str, usize)]) -> Option<String> {
    match exceptions.iter().find(|(p, _)| *p == path) {
        None if lines > MAX_LINES => Some(format!("{path} has {lines} lines, more than {MAX_LINES}: split it")),
        Some((_, known)) if lines > *known => Some(format!("{path} has grown from {known} to {lines} lines")),
        Some((_, known)) if lines < *known || lines <= MAX_LINES => {
            Some(format!("{path} has {lines} lines: correct or remove its exception of {known}"))
        }
        _ => None,
    }
}

/// The first token that has no place in a file that only says what there is: `mod x;`, `use`, attributes, docs.
fn code_in_index(text: &str) -> Option<String> {
    let tokens = source::without_tests(&source::tokens(text));
    let mut at = 0;
    while at < tokens.len() {
        let start = at;
        let mut head = at;
        if tokens[head] == "pub" {
            head += 1;
            if tokens.get(head).is_some_and(|t| t == "(") {
                head = (head..tokens.len()).find(|&i| tokens[i] == ")").map_or(tokens.len(), |i| i + 1);
            }
        }
        match tokens.get(head).map(String::as_str) {
            Some("#") => at = (head..tokens.len()).find(|&i| tokens[i] == "]")? + 1,
            Some("mod") if tokens.get(head + 2).is_some_and(|t| t == ";") => at = head + 3,
            Some("use") => at = (head..tokens.len()).find(|&i| tokens[i] == ";")? + 1,
            _ => return Some(tokens[start..].iter().take(4).cloned().collect::<Vec<_>>().join(" ")),
        }
    }
    None
}

#[test]
fn files_are_small() {
    let mut wrong = Vec::new();
    for file in code() {
        let path = file.strip_prefix(root()).unwrap().display().to_string();
        let lines = fs::read_to_string(&file).map_or(0, |text| text.lines().count());
        wrong.extend(too_long(&path, lines, EXCEPTIONS));
    }
    let gone = EXCEPTIONS.iter().filter(|(p, _)| !root().join(p).exists());
    wrong.extend(gone.map(|(p, _)| format!("{p} is gone: remove its exception")));
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn index_files_hold_docs_and_exports_only() {
    let mut wrong = Vec::new();
    for file in source::files(&root().join("src"), &["rs"]) {
        if file.ends_with("mod.rs") || file == root().join("src/lib.rs") {
            let text = fs::read_to_string(&file).unwrap();
            wrong.extend(code_in_index(&text).map(|c| format!("{} holds code: {c} ...", file.display())));
            if !text.starts_with("//!") {
                wrong.push(format!("{} does not begin with docs", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_module_says_what_it_is() {
    let silent = source::files(&root().join("src"), &["rs"])
        .into_iter()
        .filter(|file| !file.to_str().unwrap().ends_with("tests.rs"))
        .filter(|file| !fs::read_to_string(file).unwrap().starts_with("//!"));
    let silent: Vec<_> = silent.collect();
    assert!(silent.is_empty(), "without a head: {silent:?}");
}

#[test]
fn a_file_that_is_too_long_is_told() {
    assert_eq!(too_long("a.rs", MAX_LINES, &[]), None);
    assert!(too_long("a.rs", MAX_LINES + 1, &[]).is_some());
    let known = [("a.rs", 500)];
    assert_eq!(too_long("a.rs", 500, &known), None);
    for lines in [501, 499, 300] {
        assert!(too_long("a.rs", lines, &known).is_some(), "{lines}");
    }
}

#[test]
fn code_in_an_index_file_is_told() {
    let index = "//! Docs.\n#![allow(x)]\npub mod a;\nmod b;\npub(crate) use b::{C, D};\n/// Doc.\n#[cfg(unix)]\npub use a::*;\n";
    assert_eq!(code_in_index(index), None);
    for code in ["pub const X: u8 = 1;", "fn f() {}", "mod x { }", "pub type A = u8;", "impl X {}", "x!();"] {
        assert!(code_in_index(&format!("{index}{code}")).is_some(), "{code}");
    }
}
