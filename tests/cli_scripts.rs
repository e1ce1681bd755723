//! The command line in scripts: one that drives four sessions, which the README shows, and the completions of shells.

#[path = "support/user.rs"]
mod user;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use user::{User, stderr};

const FOUR_SESSIONS: &str = "tests/scripts/four_sessions.sh";

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Runs a script of a user in whose PATH synk is.
fn run(user: &User, shell: &str, script: &str) -> Output {
    let bin = Path::new(env!("CARGO_BIN_EXE_synk")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([bin.to_owned()].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let file = user.path("script");
    fs::write(&file, script).unwrap();
    // As the script's first line has it, which names the plain shell alone.
    user.command(shell).arg("-e").arg(file).env("PATH", path).output().unwrap()
}

#[test]
fn a_script_drives_four_sessions() {
    let user = User::new();
    let out = run(&user, "sh", &read(FOUR_SESSIONS));
    assert!(out.status.success(), "{}", stderr(&out));
    let names = ["one", "two", "three", "four"];
    let told: String = names.iter().map(|name| format!("{name}\n")).collect();
    let shown: String = names.iter().map(|name| format!("{name} has 42\n")).collect();
    assert_eq!(String::from_utf8(out.stdout).unwrap(), told + &shown);
    assert!(user.sessions().is_empty());
}

#[test]
fn a_script_notices_what_is_not_there() {
    let user = User::new();
    let out = run(&user, "sh", &read(FOUR_SESSIONS).replace("has 42", "has 43"));
    assert_eq!(out.status.code(), Some(1), "{}", stderr(&out));
    assert_eq!(user.sessions().len(), 4);
    // They are still there, and their names are taken.
    assert_eq!(run(&user, "sh", &read(FOUR_SESSIONS)).status.code(), Some(1));
}

#[test]
fn the_readme_shows_the_script() {
    let script: String = read(FOUR_SESSIONS).lines().map(|line| format!("    {line}\n")).collect();
    assert!(read("README.md").contains(&format!("\n\n{script}\n")), "README.md should have\n{script}");
}

#[test]
fn bash_completes_verbs_options_and_shells() {
    let user = User::new();
    let complete = |words: &[&str]| {
        let (cur, prev) = (words[words.len() - 1], words[words.len() - 2]);
        let words: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
        let script = format!(
            "source <(synk completions bash)\nCOMP_WORDS=({}); COMP_CWORD={}\n\
             $(complete -p synk | sed 's/.*-F \\([^ ]*\\).*/\\1/') synk '{cur}' '{prev}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
            words.join(" "),
            words.len() - 1,
        );
        let out = run(&user, "bash", &script);
        assert!(out.status.success(), "{}", stderr(&out));
        String::from_utf8(out.stdout).unwrap().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(complete(&["synk", "capt"]).contains(&"capture".to_owned()));
    assert_eq!(complete(&["synk", "wait", "--pro"]), ["--prompt"]);
    let shells = complete(&["synk", "completions", ""]);
    for shell in ["bash", "zsh", "fish"] {
        assert!(shells.contains(&shell.to_owned()), "{shells:?}");
    }
}

#[test]
fn zsh_and_fish_are_told_every_verb() {
    let user = User::new();
    for shell in ["zsh", "fish"] {
        let script = user.ok(&["completions", shell]);
        for verb in ["new", "attach", "capture", "send-keys", "broadcast", "doctor"] {
            assert!(script.contains(verb), "{shell}: {verb}");
        }
        // Where there is the shell, it has to understand the script.
        let file = user.path("completions");
        fs::write(&file, script).unwrap();
        if let Ok(checked) = Command::new(shell).arg("-n").arg(&file).output() {
            assert!(checked.status.success(), "{shell}: {}", stderr(&checked));
        }
    }
}
