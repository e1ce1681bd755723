#!/usr/bin/env python3
"""Records real programs on an 80x24 terminal, and what tmux makes of the recordings. Run by hand, as root on Linux:

    tests/tools/record.py [--screens] [NAME...]

For each program of PROGRAMS it writes tests/recordings/NAME.raw, the bytes as they came, and NAME.expected: at several
places in the stream the screen of a tmux pane of the same size that was sent the bytes up to there. tests/recordings.rs
holds synk's engine to the latter. The programs run in namespaces of their own, so that no recording shows the machine
it was made on. With --screens the recordings stay and tmux is asked again."""

import fcntl, os, pathlib, pty, select, shutil, struct, subprocess, sys, termios, time

HERE = pathlib.Path(__file__).resolve().parent.parent / "recordings"
COLS, LINES = 80, 24
WORK = pathlib.Path("/srv/demo/home")
ENV = {
    "PATH": "/usr/local/bin:/usr/bin:/bin:" + str(pathlib.Path.home() / ".cargo/bin"),
    "HOME": str(WORK), "TERM": "xterm-256color", "LANG": "C.UTF-8", "USER": "demo", "SHELL": "/bin/sh", "PS1": "$ ",
    "RUSTUP_HOME": str(pathlib.Path.home() / ".rustup"), "CARGO_HOME": str(WORK / ".cargo"),
}
ESC, UP, DOWN, PGDN, F = "\x1b", "\x1b[A", "\x1b[B", "\x1b[6~", lambda n: f"\x1b[{n}~"

# Name: command, then keys; None waits without typing. After each of them the screen is compared.
PROGRAMS = {
    "vim": ("vim -u NONE -i NONE -N -n --cmd 'syntax on' --cmd 'set nu hls ruler' demo.c", [
        None, "/row\r", "n", "}", "ddp", "ointerted /* äöü 漢字 */" + ESC, ":vsplit fixed.txt\r", "\x06", "G", ":set wrap\r",
        "gg", "\x17w", ":split\r", "\x16jjjjI// " + ESC, "u", ":help\r", "\x04", ":q\r", ":set list cursorline\r", "\x17=",
        "iabc\r\tdef" + ESC, "\x05\x05\x05", "\x19", ":qa!\r"]),
    "less": ("less -R fixed.txt", [
        None, " ", " ", "b", "G", "g", "/shell\r", "n", "n", "j", "j", "k", "-S\r", DOWN, "\x1b[C", "-N\r", "&grid\r", "h", "q", "q"]),
    "htop": ("htop -d 100", [None, DOWN, DOWN, "\x1b[15~", "\x1bOQ", ESC, "t", "/", "sh" + ESC, "\x1b[17~", ESC, "H", "I", "q"]),
    "tmux": ("tmux -L demo -f tmux.conf new-session -s demo 'sh -i'", [
        None, "ls -l --color=always\r", "\x02%", "seq 100\r", "\x02\"", "head -n 9 fixed.txt\r", "\x02o", "\x02o", "\x02z",
        "printf '\\033[1;31mred \\033[4mline\\033[0m \\033[7mreverse\\033[0m\\n'\r", "\x02z", "\x02[", "\x15", "q",
        "\x02c", "less fixed.txt\r", PGDN, "\x02n", "\x02t", "q", "\x02:kill-server\r"]),
    "mc": ("mc -u -c -g", [
        None, DOWN, "\x1b[B\x1b[B", "\t", "\x1b[13~", PGDN, "q", "\x1bOQ", ESC + ESC, "\x1b[18~", ESC + ESC, F(20), "\r",
        "\x1b[21~", "\r"]),
    "build": ("sh -c 'cargo build --offline --color=always; cargo test --offline --color=always; cargo clean; exit'", [None]),
}
FILES = {
    "tmux.conf": "set -g status-right ' demo '\nset -g default-command 'exec sh'\nset -g default-terminal tmux-256color\n"
                 "set -g automatic-rename off\n",
    "crate/Cargo.toml": "[package]\nname = 'demo'\nversion = '0.1.0'\nedition = '2021'\n"
                        "[dependencies]\none = { path = 'one' }\ntwo = { path = 'two' }\n",
    "crate/src/main.rs": "fn unused(x: i32) {}\n\nfn main() {\n    let mut very = one::one();\n    println!(\"{very}\");\n}\n\n"
                         + "".join(f"#[test]\nfn test_{n}() {{ assert_eq!({n} % 7, {n % 7 if n != 9 else 3}); }}\n" for n in range(30)),
    **{f"crate/{name}/{file}": text for name in ("one", "two") for file, text in (
        ("Cargo.toml", f"[package]\nname = '{name}'\nversion = '0.1.0'\nedition = '2021'\n"),
        ("src/lib.rs", f"pub fn {name}() -> u32 {{ let x = 1; 1 }}\n"))},
}


def workplace():
    shutil.rmtree(WORK, ignore_errors=True)
    for name, text in FILES.items():
        (WORK / name).parent.mkdir(parents=True, exist_ok=True)
        (WORK / name).write_text(text)
    for name in ("fixed.txt", "demo.c"):
        shutil.copyfile(HERE / name, WORK / name)
    for path in WORK.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))


def read_quiet(master, out, quiet):
    """Reads until nothing came for `quiet` seconds; False at the end of the program."""
    while select.select([master], [], [], quiet)[0]:
        try:
            data = os.read(master, 65536)
        except OSError:
            data = b""
        if not data:
            return False
        out += data
    return True


def record(name):
    command, keys = PROGRAMS[name]
    workplace()
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(WORK / "crate" if name == "build" else WORK)
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLS, 0, 0))
        inside = f"hostname demo; exec {command}"
        os.execvpe("unshare", ["unshare", "-pfu", "--mount-proc", "sh", "-c", inside], ENV)
    out, marks, alive = bytearray(), [], True
    for key in keys:
        if key is not None and alive:
            os.write(master, key.encode())
        alive = read_quiet(master, out, 6 if name == "build" else 1.2)
        if not marks or marks[-1] != len(out):
            marks.append(len(out))
        if not alive:
            break
    os.close(master)
    (HERE / f"{name}.raw").write_bytes(out)
    if name == "build":
        # One long stream: places in the middle of it, wherever they fall.
        marks = [len(out) * n // 12 for n in range(1, 13)]
    return marks


def tmux(server, *words):
    return subprocess.run(["tmux", "-L", server, "-f", "/dev/null", *words], check=True, capture_output=True).stdout


def session(server, command):
    size = ["-x", str(COLS), "-y", str(LINES)]
    options = ["set", "-g", "status", "off", ";", "set", "-g", "default-terminal", "tmux-256color", ";"]
    tmux(server, "start-server", ";", *options, "new-session", "-d", "-s", "x", *size, command)


def screen_of(path, count):
    """The screen of a fresh pane after the first `count` bytes of a file. capture-pane leaves out cells that were only
    erased, whatever their background; so a second tmux captures what the first one draws: on a terminal without
    background colour erase it has to write them. -N keeps blanks at the ends of lines."""
    session("synk-inner", f"stty raw -echo; head -c {count} {path}; exec sleep 1000")
    where = still(lambda: tmux("synk-inner", "display", "-p", "-t", "x",
                               "#{cursor_x} #{cursor_y} #{cursor_flag} #{alternate_on}").decode().split())
    session("synk-outer", "exec env -u TMUX tmux -L synk-inner attach")
    text = still(lambda: tmux("synk-outer", "capture-pane", "-e", "-p", "-N", "-t", "x"))
    for server in ("synk-outer", "synk-inner"):
        tmux(server, "kill-server")
    time.sleep(0.05)
    head = "bytes {} column {} line {} cursor {} alternate {}\n".format(count, *where)
    return head.encode() + text


def still(ask):
    """The answer to a question once it has stayed the same for a while."""
    before, same = None, 0
    while same < 5:
        time.sleep(0.05)
        now = ask()
        same = same + 1 if now == before and any(now) else 0
        before = now
    return before


def known_marks(name):
    heads = (HERE / f"{name}.expected").read_bytes().split(b"\n")[::LINES + 1]
    return [int(head.split()[1]) for head in heads if head]


def main():
    names = sys.argv[1:]
    again = "--screens" in names
    for name in [n for n in names if n in PROGRAMS] or PROGRAMS:
        marks = known_marks(name) if again else record(name)
        path = HERE / f"{name}.raw"
        (HERE / f"{name}.expected").write_bytes(b"".join(screen_of(path, mark) for mark in marks))
        print(name, path.stat().st_size, "bytes", len(marks), "screens")


main()
