//! The page of the command line, made from its definition: `docs/cli.md` is held to it.

use clap::{Arg, Command, CommandFactory};

use super::args::Cli;
use super::broadcast::SELECTORS;
use super::fail::EXIT_CODES;
use super::target::TARGETS;

const HEAD: &str = "# The command line

`synk` opens the window. `synk COMMAND` asks the host, with or without a window; most commands are one method of its API.
This page is made from the definition that `synk --help` shows.
";
const JSON: &str = "
`--json` prints the method's result as the host wrote it, on one line. A failure is then an object on standard error:
`message` and `exit_code`, and `code` and `data` if it is the host's error. Control characters, and others that change how
text is read, are written as `\\u` escapes there and as U+FFFD in what is printed for people: nothing that a program
chose, such as its title, is obeyed by the terminal that shows it.
";

/// The whole page as Markdown.
pub fn reference() -> String {
    let mut root = Cli::command();
    root.build();
    let mut out = HEAD.to_owned();
    out += "\n## Commands\n\n| Command | What | Also |\n|---|---|---|\n";
    for verb in verbs(&root) {
        let aliases: Vec<_> = verb.get_all_aliases().map(|alias| format!("`{alias}`")).collect();
        let name = verb.get_name();
        out += &format!("| [`{name}`](#synk-{name}) | {} | {} |\n", about(verb), aliases.join(", "));
    }
    out += "\n## Options of all commands\n\n";
    out += &options(root.get_arguments().filter(|arg| arg.is_global_set() || arg.get_short() == Some('S')));
    out += JSON;
    out += "\n## Sessions\n\nWherever a command takes a session:\n\n";
    out += &table(["Written", "Means"], TARGETS.iter().map(|(a, b)| [(*a).to_owned(), (*b).to_owned()]));
    out += "\n`broadcast --to` takes:\n\n";
    out += &table(["Written", "Means"], SELECTORS.iter().map(|(a, b)| [(*a).to_owned(), (*b).to_owned()]));
    out += "\n## Exit codes\n\n";
    out += &table(["Code", "Means"], EXIT_CODES.iter().map(|(code, means)| [code.to_string(), (*means).to_owned()]));
    out += "\n## The window\n\n";
    out += &options(root.get_arguments().filter(|arg| !arg.is_global_set() && arg.get_short() != Some('S')));
    for verb in verbs(&root) {
        section(verb, &mut out);
    }
    out
}

fn verbs(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help")
}

fn section(verb: &Command, out: &mut String) {
    let name = verb.get_bin_name().unwrap_or_else(|| verb.get_name());
    let usage = verb.clone().render_usage().to_string();
    *out += &format!("\n## {name}\n\n{}.\n\n    {}\n", about(verb), usage.trim_start_matches("Usage: ").trim());
    let shown = options(verb.get_arguments().filter(|arg| !arg.is_global_set()));
    if !shown.is_empty() {
        *out += &format!("\n{shown}");
    }
    if let Some(examples) = verb.get_after_help() {
        let lines: String = examples.to_string().lines().skip(1).map(|line| format!("  {line}\n")).collect();
        *out += &format!("\nExamples:\n\n{lines}");
    }
    for inner in verbs(verb) {
        section(inner, out);
    }
}

fn about(verb: &Command) -> String {
    verb.get_about().map(ToString::to_string).unwrap_or_default()
}

/// A table of options; empty if there is none to show.
fn options<'a>(args: impl Iterator<Item = &'a Arg>) -> String {
    let rows: Vec<_> = args.filter(|arg| !arg.is_hide_set() && !is_ours(arg)).map(row).collect();
    if rows.is_empty() { String::new() } else { table(["Option", "What"], rows.into_iter()) }
}

/// clap's own.
fn is_ours(arg: &Arg) -> bool {
    matches!(arg.get_id().as_str(), "help" | "version")
}

fn row(arg: &Arg) -> [String; 2] {
    let value = arg.get_num_args().filter(|n| n.takes_values()).map_or_else(String::new, |n| {
        let names = arg.get_value_names().unwrap_or_default().iter().map(|name| name.as_str().to_owned());
        let many = if n.max_values() > 1 || matches!(arg.get_action(), clap::ArgAction::Append) { "..." } else { "" };
        names.collect::<Vec<_>>().join(" ") + many
    });
    let names = [arg.get_short().map(|c| format!("-{c}")), arg.get_long().map(|name| format!("--{name}"))];
    let names: Vec<_> = names.into_iter().flatten().collect();
    let written = format!("{} {value}", names.join(", "));
    let mut what = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if arg.get_num_args().is_some_and(|n| n.takes_values()) && !defaults.is_empty() {
        what += &format!(" [default: {}]", defaults.join(" "));
    }
    let possible: Vec<_> = arg.get_possible_values().iter().map(|v| v.get_name().to_owned()).collect();
    if arg.get_num_args().is_some_and(|n| n.takes_values()) && !possible.is_empty() {
        what += &format!(" ({})", possible.join(", "));
    }
    [format!("`{}`", written.trim()), what]
}

fn table(head: [&str; 2], rows: impl Iterator<Item = [String; 2]>) -> String {
    let cell = |text: String| text.replace('|', "\\|").trim().to_owned();
    let rows = rows.map(|[a, b]| format!("| {} | {} |\n", cell(a), cell(b)));
    format!("| {} | {} |\n|---|---|\n{}", head[0], head[1], rows.collect::<String>())
}
