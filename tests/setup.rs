//! What `scripts/setup.sh` says and does on machines that lack something: the commands it asks are stand-ins here.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

/// What the script itself needs of a system.
const TOOLS: &[&str] = &["bash", "dirname", "head", "sed", "sort", "uname"];

/// A machine: only these commands exist on it, as shell scripts, and [`TOOLS`].
struct Machine(tempfile::TempDir);

impl Machine {
    fn new(commands: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for tool in TOOLS {
            let path = std::env::var_os("PATH").unwrap();
            let real = std::env::split_paths(&path).map(|d| d.join(tool)).find(|p| p.exists()).expect(tool);
            symlink(real, dir.path().join(tool)).unwrap();
        }
        for (name, script) in commands {
            let file = dir.path().join(name);
            fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self(dir)
    }

    /// Runs the script without a terminal; whether it succeeded, and all it said.
    fn setup(&self, what: &str) -> (bool, String) {
        let out = Command::new(self.0.path().join("bash"))
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/setup.sh"))
            .arg(what)
            .env_clear()
            .env("PATH", self.0.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (out.status.success(), [out.stdout, out.stderr].map(|b| String::from_utf8_lossy(&b).into_owned()).concat())
    }
}

const CARGO: (&str, &str) = ("cargo", "echo cargo 1.999.0");
const ROOT: (&str, &str) = ("id", "echo 0");
const USER: (&str, &str) = ("id", "echo 1000");
const APT: (&str, &str) = ("apt-get", "echo \"apt-get $*\"");
/// Everything is installed but xvfb and libvulkan1.
const DPKG: (&str, &str) =
    ("dpkg-query", "case \"$*\" in *' xvfb'|*' libvulkan1') exit 1 ;; *) echo installed ;; esac");

#[test]
fn missing_and_old_rust_are_told() {
    let (ok, said) = Machine::new(&[]).setup("run");
    assert!(!ok && said.contains("Rust is missing"), "{said}");
    let (ok, said) = Machine::new(&[("cargo", "echo cargo 1.9.0")]).setup("run");
    assert!(!ok && said.contains("Rust 1.9.0 is too old: synk needs "), "{said}");
    assert!(said.contains("rustup update"), "{said}");
    let (ok, said) = Machine::new(&[("cargo", "exit 1")]).setup("run");
    assert!(!ok && said.contains("does not answer with a version"), "{said}");
}

#[test]
fn a_machine_that_has_all_is_left_alone() {
    let all = ("dpkg-query", "echo installed");
    let (ok, said) = Machine::new(&[CARGO, USER, APT, all]).setup("test");
    assert!(ok && said.is_empty(), "{said}");
}

#[test]
fn root_without_a_terminal_installs_what_is_missing_and_nothing_else() {
    let (ok, said) = Machine::new(&[CARGO, ROOT, APT, DPKG]).setup("run");
    assert!(ok && said.contains("apt-get install -q -y --no-install-recommends libvulkan1\n"), "{said}");
    let (ok, said) = Machine::new(&[CARGO, ROOT, APT, DPKG]).setup("test");
    assert!(ok && said.contains("--no-install-recommends libvulkan1 xvfb\n"), "{said}");
}

#[test]
fn a_user_without_a_terminal_is_told_what_to_do() {
    let refuses = ("sudo", "exit 1");
    let (ok, said) = Machine::new(&[CARGO, USER, APT, DPKG, refuses]).setup("run");
    assert!(!ok && said.contains("sudo apt-get install libvulkan1"), "{said}");
    let (ok, said) = Machine::new(&[CARGO, USER, APT, DPKG]).setup("run");
    assert!(!ok && said.contains("no sudo") && said.contains("libvulkan1"), "{said}");
    let works = ("sudo", "shift; echo \"as root: $*\"; exit 0");
    let (ok, said) = Machine::new(&[CARGO, USER, APT, DPKG, works]).setup("run");
    assert!(ok && said.contains("as root: install"), "{said}");
}

#[test]
fn a_system_without_apt_is_told_what_is_missing() {
    let some = ("ldconfig", "echo libX11-xcb.so.1 libXcursor.so.1 libXi.so.6 libXrandr.so.2 libxkbcommon-x11.so.0");
    let (ok, said) = Machine::new(&[CARGO, USER, ("cc", ""), some]).setup("run");
    assert!(!ok && said.contains("these libraries are missing: libvulkan.so.1"), "{said}");
    let (ok, said) = Machine::new(&[CARGO, USER, some]).setup("run");
    assert!(!ok && said.contains("no C compiler"), "{said}");
}

#[test]
fn missing_rust_tools_are_added_or_told() {
    let all = ("dpkg-query", "echo installed");
    let bare = ("cargo", "[ \"$1\" = --version ] && echo cargo 1.999.0");
    let (ok, said) = Machine::new(&[bare, USER, APT, all]).setup("test");
    assert!(!ok && said.contains("the Rust tools rustfmt clippy are missing"), "{said}");
    let rustup = ("rustup", "echo \"rustup $*\"");
    let (ok, said) = Machine::new(&[bare, USER, APT, all, rustup]).setup("test");
    assert!(ok && said.contains("rustup component add rustfmt clippy"), "{said}");
}
