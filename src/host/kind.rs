//! What a session's kind comes to: whether it can be, what it is called, and the command that is an SSH session.

use std::ffi::OsString;
use std::path::Path;

use super::create::check_name;
use crate::model::SessionKind;
use crate::model::session_kind::{RemoteSession, SerialPort, SshTarget};
use crate::protocol::rpc::Error;

/// Refuses what would mean something else to `ssh` than a host, and lines that there are none of.
pub(super) fn check(kind: &SessionKind, command: &[String]) -> Result<(), Error> {
    match kind {
        SessionKind::Local => Ok(()),
        SessionKind::Ssh(to) => check_ssh("Ssh", to),
        SessionKind::Remote(_) if !command.is_empty() => {
            Err(Error::field("command", "none: what runs in a session of another host is that host's"))
        }
        SessionKind::Remote(far) => {
            check_ssh("Remote", &far.machine).and_then(|()| check_name("type.Remote.session", &far.session))
        }
        SessionKind::Serial(_) if !command.is_empty() => {
            Err(Error::field("command", "none: at the end of a serial line nothing is started"))
        }
        SessionKind::Serial(port) => check_serial(port),
    }
}

fn check_ssh(kind: &str, to: &SshTarget) -> Result<(), Error> {
    to.check().map_err(|bad| Error::field(&format!("type.{kind}.{}", bad.field), bad.expected))
}

fn check_serial(port: &SerialPort) -> Result<(), Error> {
    if !Path::new(&port.device).is_absolute() || port.device.contains('\0') {
        return Err(Error::field("type.Serial.device", "the absolute path of a serial device, such as /dev/ttyUSB0"));
    }
    if port.baud == 0 {
        return Err(Error::field("type.Serial.baud", "bits a second, from 1 on"));
    }
    if !(5..=8).contains(&port.data_bits) {
        return Err(Error::field("type.Serial.data_bits", "5 to 8"));
    }
    if !(1..=2).contains(&port.stop_bits) {
        return Err(Error::field("type.Serial.stop_bits", "1 or 2"));
    }
    Ok(())
}

/// What a session of this kind is called, but for a number: as its agent, or as what is at its other end.
pub(super) fn stem<'a>(kind: &'a SessionKind, agent: &'a str) -> &'a str {
    match kind {
        SessionKind::Local => agent,
        SessionKind::Ssh(to) => &to.host,
        SessionKind::Remote(far) => &far.session,
        SessionKind::Serial(port) => Path::new(&port.device).file_name().and_then(|n| n.to_str()).unwrap_or("serial"),
    }
}

/// The command of an SSH session. `client` is the user's OpenSSH client, which knows the user's configuration, agent and
/// known hosts, and asks on the session's own terminal. What it is to run is quoted, so that the other machine's shell
/// makes the same words of it.
pub(super) fn ssh(client: &[OsString], to: &SshTarget, command: &[String]) -> Vec<OsString> {
    let mut argv = client.to_vec();
    argv.push("-tt".into());
    argv.extend(to.args().into_iter().map(OsString::from));
    if !command.is_empty() {
        let words: Vec<_> = command.iter().map(|word| quoted(word)).collect();
        argv.push(words.join(" ").into());
    }
    argv
}

/// What the screen of a session says that is another host's: windows show that one instead.
pub(super) fn elsewhere(far: &RemoteSession) -> String {
    let RemoteSession { machine, session } = far;
    format!(
        "synk: the place of session {session} of {machine}: a window shows it, and so does\r\n      synk --host {machine} attach {session}\r\n"
    )
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(host: &str) -> SshTarget {
        SshTarget { host: host.into(), port: None, user: None }
    }

    #[test]
    fn what_is_no_host_is_refused_by_its_field() {
        let error = check(&SessionKind::Ssh(to("-oProxyCommand=x")), &[]).unwrap_err();
        assert_eq!((error.code, &error.data.unwrap()["field"]), (-32602, &"type.Ssh.host".into()));
        let user = SshTarget { user: Some("-x".into()), ..to("box") };
        assert!(check(&SessionKind::Ssh(user), &[]).unwrap_err().message.contains("type.Ssh.user"));
        let port = SshTarget { port: Some(0), ..to("box") };
        assert!(check(&SessionKind::Ssh(port), &[]).unwrap_err().message.contains("type.Ssh.port"));
    }

    #[test]
    fn the_other_shell_reads_the_words_that_were_meant() {
        let target = SshTarget { port: Some(2222), user: Some("me".into()), ..to("box") };
        let command = ["echo", "it's $HOME", "", "a-b"].map(str::to_owned);
        let argv = ssh(&["ssh".into(), "-F".into(), "f".into()], &target, &command);
        let (line, rest) = argv.split_last().unwrap();
        assert_eq!(rest, ["ssh", "-F", "f", "-tt", "-p", "2222", "-l", "me", "--", "box"].map(OsString::from));
        let said = std::process::Command::new("sh").arg("-c").arg(line).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&said.stdout), "it's $HOME  a-b\n");
        assert_eq!(ssh(&["ssh".into()], &to("box"), &[]).last().unwrap(), "box");
    }
}
