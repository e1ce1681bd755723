//! The layer law: who may know whom, and which big dependency lives where. An entry that nothing needs is an error too,
//! so that the table stays what the code is.

#[path = "tools/source.rs"]
mod source;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Folders of `src/` and what they may import; `main` is `src/main.rs`.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("model", &["base"]),
    ("config", &["base", "model"]),
    ("protocol", &["base", "model"]),
    ("engine", &["base", "model"]),
    ("keeper", &["base"]),
    ("session", &["base", "model", "engine", "keeper"]),
    ("store", &["base", "model"]),
    ("host", &["base", "model", "protocol", "engine", "keeper", "session", "store"]),
    ("client", &["base", "model", "protocol"]),
    ("attach", &["base", "model", "protocol", "client"]),
    ("render", &["base", "model"]),
    ("app", &["base", "model", "config", "protocol", "client", "render"]),
    ("cli", &["base", "model", "config", "protocol", "keeper", "host", "client", "attach", "app"]),
    ("main", &["cli"]),
];

/// Every dependency of `Cargo.toml` and the folders that may name it.
const LIVES_IN: &[(&str, &[&str])] = &[
    ("alacritty_terminal", &["engine"]),
    ("arboard", &["app"]),
    ("base64", &["attach", "cli", "host"]),
    ("bytemuck", &["render"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("cosmic-text", &["render"]),
    ("crc32fast", &["engine", "store"]),
    ("crossbeam-channel", &["attach", "client", "host", "session", "store"]),
    ("env_logger", &["cli"]),
    ("glyphon", &["render"]),
    ("jiff", &["host"]),
    ("libc", &["base", "keeper"]),
    ("log", ANYWHERE),
    ("memmap2", &["session"]),
    ("png", &["render"]),
    ("pollster", &["render"]),
    ("portable-pty", &["keeper"]),
    ("regex", &["engine"]),
    ("rfd", &["cli"]),
    ("ron", &["config"]),
    ("rusqlite", &["store"]),
    ("rustix", &["attach", "base", "cli", "client", "host", "keeper", "session", "store"]),
    ("schemars", &["protocol"]),
    ("serde", &["config", "host", "protocol"]),
    ("serde_json", &["cli", "client", "host", "protocol"]),
    ("serde_path_to_error", &["protocol"]),
    ("serial2", &["session"]),
    ("signal-hook", &["attach", "host", "keeper"]),
    ("unicode-segmentation", &["app"]),
    ("unicode-width", &["cli", "engine"]),
    ("uuid", &["base"]),
    ("wgpu", &["render"]),
    ("winit", &["app"]),
    ("zstd", &["store"]),
];

/// For what is no layer's own: logging.
const ANYWHERE: &[&str] = &["*"];

/// What one file names: folders of synk, dependencies, and what no file may write.
#[derive(Debug, Default, PartialEq)]
struct Names {
    folders: BTreeSet<String>,
    crates: BTreeSet<String>,
    wrong: Vec<String>,
}

/// Finds what a file of `folder` names.
fn names(folder: &str, source: &str, dependencies: &[String]) -> Names {
    let tokens = source::without_tests(&source::tokens(source));
    let mut out = Names::default();
    for (i, token) in tokens.iter().enumerate() {
        let before = i.checked_sub(1).map_or("", |i| tokens[i].as_str());
        let path_goes_on = tokens.get(i + 1).is_some_and(|t| t == "::");
        let path_begins = !matches!(before, "::" | ".");
        let token = token.as_str();
        if token == "crate" && tokens.get(i + 1).is_some_and(|t| t == "as") {
            out.wrong.push("`crate as` hides what is imported".into());
        }
        if token == "super" && before == "::" && tokens[i - 2] == "super" {
            out.wrong.push("`super::super`: write the path from `crate` on".into());
        }
        if (token == "crate" || token == "synk") && path_begins && path_goes_on {
            for path in paths(&tokens, i + 2).0 {
                let Some(first) = path.first() else { continue };
                if path.last().is_some_and(|l| l == "*") && (path.len() == 1 || first != folder) {
                    out.wrong.push(format!("`{}`: name what is imported across layers", path.join("::")));
                }
                if first != folder {
                    out.folders.insert(first.clone());
                }
            }
        }
        let import = before == "use" || before == "crate" && i >= 2 && tokens[i - 2] == "extern";
        if path_begins && (path_goes_on || import) && dependencies.iter().any(|d| d.replace('-', "_") == token) {
            out.crates.insert(token.to_owned());
        }
    }
    out
}

/// The paths of the tree that begins at a token: `a::{b, c::d}` is two. Also where the tree ends.
fn paths(tokens: &[String], from: usize) -> (Vec<Vec<String>>, usize) {
    match tokens.get(from).map(String::as_str) {
        Some("{") => {
            let (mut out, mut at) = (Vec::new(), from + 1);
            while at < tokens.len() && tokens[at] != "}" {
                let (inner, end) = paths(tokens, at);
                out.extend(inner);
                // Over a comma, an `as` with its name, or whatever else a macro may have put there.
                at = (end..tokens.len()).find(|&i| tokens[i] == "," || tokens[i] == "}").unwrap_or(tokens.len());
                at += usize::from(tokens.get(at).is_some_and(|t| t == ","));
            }
            (out, at + 1)
        }
        Some(name) => {
            let (rest, end) = match tokens.get(from + 1).map(String::as_str) {
                Some("::") if tokens.get(from + 2).is_some_and(|t| t != "<") => paths(tokens, from + 2),
                _ => (vec![Vec::new()], from + 1),
            };
            (rest.into_iter().map(|path| [vec![name.to_owned()], path].concat()).collect(), end)
        }
        None => (Vec::new(), from),
    }
}

/// The folder that a file belongs to; `None` for the crate's root, which only lists the folders, and for test files.
fn folder_of(file: &Path) -> Option<String> {
    let name = file.file_name()?.to_str()?;
    let inside = file.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).ok()?;
    match inside.components().count() {
        1 => (name == "main.rs").then(|| "main".to_owned()),
        _ if name == "tests.rs" || name.ends_with("_tests.rs") => None,
        _ => inside.iter().next()?.to_str().map(str::to_owned),
    }
}

/// The names below `[dependencies]`.
fn dependencies() -> Vec<String> {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let (_, rest) = manifest.split_once("\n[dependencies]\n").unwrap();
    let section = rest.split("\n[").next().unwrap_or_default();
    section.lines().filter_map(|l| l.split_once('=')).map(|(name, _)| name.trim().to_owned()).collect()
}

/// What is wrong with the entries of a table against what was seen: missing and stale ones.
fn compare(table: &[(&str, &[&str])], seen: &BTreeSet<(String, String)>, verb: &str) -> Vec<String> {
    let row = |key: &str| table.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
    let mut wrong = Vec::new();
    for (who, whom) in seen {
        match row(who) {
            None => wrong.push(format!("{who} has no line in the table")),
            Some(allowed) if allowed == ANYWHERE || allowed.contains(&whom.as_str()) => {}
            Some(_) => wrong.push(format!("{who} must not {verb} {whom}")),
        }
    }
    for (who, allowed) in table {
        if *allowed == ANYWHERE && seen.iter().all(|(w, _)| w != who) {
            wrong.push(format!("stale: {who} does not {verb} any folder"));
        }
        for whom in allowed.iter().filter(|w| **w != "*") {
            if !seen.contains(&((*who).to_owned(), (*whom).to_owned())) {
                wrong.push(format!("stale: {who} does not {verb} {whom}"));
            }
        }
    }
    wrong
}

#[test]
fn every_folder_keeps_to_its_line() {
    let dependencies = dependencies();
    let (mut imports, mut uses, mut wrong) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for file in source::files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &["rs"]) {
        let Some(folder) = folder_of(&file) else { continue };
        if MAY_IMPORT.iter().all(|(f, _)| *f != folder) {
            wrong.push(format!("the folder {folder} has no line in the table"));
        }
        let found = names(&folder, &fs::read_to_string(&file).unwrap(), &dependencies);
        wrong.extend(found.wrong.iter().map(|w| format!("{}: {w}", file.display())));
        for other in found.folders {
            if !MAY_IMPORT.iter().any(|(f, may)| *f == folder && may.contains(&other.as_str())) {
                wrong.push(format!("{}: {folder} must not import {other}", file.display()));
            } else {
                imports.insert((folder.clone(), other));
            }
        }
        uses.extend(found.crates.into_iter().map(|c| (dependencies_name(&dependencies, &c), folder.clone())));
    }
    wrong.extend(compare(MAY_IMPORT, &imports, "import"));
    wrong.extend(compare(LIVES_IN, &uses, "live in"));
    for name in &dependencies {
        if LIVES_IN.iter().all(|(n, _)| n != name) {
            wrong.push(format!("the dependency {name} lives nowhere: give it a line in the table"));
        }
    }
    for (name, _) in LIVES_IN.iter().filter(|(n, _)| !dependencies.iter().any(|d| d == n)) {
        wrong.push(format!("stale: {name} is no dependency"));
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn dependencies_name(dependencies: &[String], token: &str) -> String {
    dependencies.iter().find(|d| d.replace('-', "_") == token).cloned().unwrap_or_default()
}

mod detection {
    use super::*;

    fn seen(source: &str) -> (Vec<String>, Vec<String>, usize) {
        let dependencies = ["ron".to_owned(), "portable-pty".to_owned()];
        let names = names("engine", source, &dependencies);
        (names.folders.into_iter().collect(), names.crates.into_iter().collect(), names.wrong.len())
    }

    fn folders(source: &str) -> Vec<String> {
        seen(source).0
    }

    #[test]
    fn imports_are_found_however_they_are_written() {
        assert_eq!(folders("use crate::host::Desk;"), ["host"]);
        assert_eq!(folders("use crate::{base::{Rgb, id::*}, engine::parser, model as m};"), ["base", "model"]);
        assert_eq!(folders("fn f() -> crate::app::Core { synk::cli::run() }"), ["app", "cli"]);
        assert_eq!(folders("macro_rules! m { () => { $crate::client::X } }"), ["client"]);
        assert_eq!(folders("pub(in crate::engine) fn f() {} pub(crate) use crate::render;"), ["render"]);
        assert_eq!(folders("let x = crate::model::Row::<T>::default(); let y: crate::base::Rgb;"), ["base", "model"]);
    }

    #[test]
    fn what_is_no_code_is_not_found() {
        let source = r##"
            // use crate::host;
            /* use /* crate::host; */ use crate::host; */
            const A: &str = "use crate::host;"; const B: &str = r#"" use crate::host; "#; const C: char = '"';
            #[cfg(test)]
            mod tests { use crate::host; fn f() { if x { y } } }
            #[cfg(test)] #[path = "x.rs"] mod more;
            fn f<'a>(x: &'a str) -> char { '\'' }
            use crate::base::Rgb;
        "##;
        assert_eq!(folders(source), ["base"]);
    }

    #[test]
    fn ways_round_the_law_are_wrong() {
        assert_eq!(seen("use crate::model::*;").2, 1);
        assert_eq!(seen("use crate::{base::Rgb, model::{key::*}};").2, 1);
        assert_eq!(seen("use crate::*;").2, 1);
        assert_eq!(seen("use crate as home;").2, 1);
        assert_eq!(seen("use super::super::host;").2, 1);
        assert_eq!(seen("use crate::engine::parser::*; use super::Screen;").2, 0);
    }

    #[test]
    fn dependencies_are_found() {
        assert_eq!(seen("use ron::de; let x = portable_pty::native_pty_system();").1, ["portable_pty", "ron"]);
        assert_eq!(seen("extern crate ron;").1, ["ron"]);
        assert_eq!(seen("use ron as r;").1, ["ron"]);
        assert_eq!(seen("let ron = self.ron; x::ron::y();").1, Vec::<String>::new());
    }

    #[test]
    fn forbidden_and_stale_entries_are_told() {
        let table: &[(&str, &[&str])] = &[("ron", &["config"]), ("log", ANYWHERE)];
        let seen = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert!(compare(table, &seen(&[("ron", "config"), ("log", "app")]), "live in").is_empty());
        let wrong = compare(table, &seen(&[("ron", "app")]), "live in");
        let stale = ["stale: ron does not live in config", "stale: log does not live in any folder"];
        assert_eq!(wrong, [&["ron must not live in app"][..], &stale].concat());
    }

    #[test]
    fn a_file_belongs_to_its_folder() {
        let of = |path: &str| folder_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(path));
        assert_eq!(of("host/desk.rs").as_deref(), Some("host"));
        assert_eq!(of("host/wire/desk.rs").as_deref(), Some("host"));
        assert_eq!((of("main.rs").as_deref(), of("lib.rs"), of("host/desk_tests.rs")), (Some("main"), None, None));
    }
}
