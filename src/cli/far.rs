//! Where a session runs that does not run here, as people write it: `me@box:2222`, `/dev/ttyUSB0,9600,7E1`.

use std::ffi::OsString;

use crate::client::Remote;
use crate::model::SessionKind;
use crate::model::session_kind::SshTarget;
use crate::protocol::path::HostPaths;
use crate::protocol::shapes::{FlowControl, Parity, SerialShape, SessionType, SshShape};

/// Reads `[user@]host[:port]`; an IPv6 address with a port stands in brackets.
pub fn parse_ssh(text: &str) -> Result<SshShape, String> {
    let (user, rest) = text.rsplit_once('@').map_or((None, text), |(user, rest)| (Some(user), rest));
    let (host, port) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, port)) => (host, Some(port.strip_prefix(':').ok_or("expected :PORT behind the bracket")?)),
        // More than one colon: an IPv6 address as it is.
        None if rest.matches(':').count() == 1 => rest.split_once(':').map_or((rest, None), |(h, p)| (h, Some(p))),
        None => (rest, None),
    };
    if host.is_empty() || user.is_some_and(str::is_empty) {
        return Err("expected [USER@]HOST[:PORT], such as me@box:2222".into());
    }
    let port = port.map(|p| p.parse().ok().filter(|p| *p != 0).ok_or("a port is a number from 1 to 65535"));
    Ok(SshShape { host: host.to_owned(), port: port.transpose()?, user: user.map(str::to_owned) })
}

/// Reads `[user@]host[:port]` as a machine whose host is meant.
pub fn parse_machine(text: &str) -> Result<SshTarget, String> {
    match SessionKind::from(SessionType::Ssh(parse_ssh(text)?)) {
        SessionKind::Ssh(target) => target.check().map(|()| target).map_err(|e| e.to_string()),
        SessionKind::Local | SessionKind::Serial(_) | SessionKind::Remote(_) => Err("that is no machine".to_owned()),
    }
}

/// The OpenSSH client: `ssh` from `PATH`, or what `SYNK_SSH` says, a program and its options between blanks.
pub fn ssh_client() -> Vec<OsString> {
    let said = std::env::var("SYNK_SSH").unwrap_or_default();
    let words: Vec<OsString> = said.split_ascii_whitespace().map(OsString::from).collect();
    if words.is_empty() { vec!["ssh".into()] } else { words }
}

/// How this machine's host is reached; `SYNK_REMOTE_COMMAND` says what its shell finds synk by.
pub fn remote(target: &SshTarget) -> Remote {
    let said = std::env::var("SYNK_REMOTE_COMMAND").ok().filter(|command| !command.trim().is_empty());
    // Beside the socket of this machine's own host, where there is a directory for one.
    let shared = HostPaths::from_env().ok().filter(|paths| paths.own_dir);
    Remote {
        target: target.clone(),
        ssh: ssh_client(),
        synk: said.unwrap_or_else(|| "synk".to_owned()),
        shared: shared.and_then(|paths| Remote::shared_in(&paths.dir)),
    }
}

/// Reads `device[,baud[,8N1[,flow]]]`.
pub fn parse_serial(text: &str) -> Result<SerialShape, String> {
    let mut parts = text.split(',');
    let device = parts.next().filter(|d| !d.is_empty()).ok_or("expected a device such as /dev/ttyUSB0")?;
    let baud = parts.next().map_or(Ok(115_200), |baud| {
        baud.parse().ok().filter(|b| *b > 0).ok_or("the baud rate is a number such as 115200")
    })?;
    let (data_bits, parity, stop_bits) = frame(parts.next().unwrap_or("8N1"))?;
    let flow_control = match parts.next() {
        None | Some("none") => FlowControl::None,
        Some("xonxoff") => FlowControl::Software,
        Some("rtscts") => FlowControl::Hardware,
        Some(_) => return Err("the flow control is none, xonxoff or rtscts".into()),
    };
    if parts.next().is_some() {
        return Err("expected DEVICE[,BAUD[,8N1[,FLOW]]]".into());
    }
    Ok(SerialShape { device: device.to_owned(), baud, data_bits, parity, stop_bits, flow_control })
}

/// Reads `8N1`: data bits, parity, stop bits.
fn frame(text: &str) -> Result<(u8, Parity, u8), &'static str> {
    const EXPECTED: &str = "expected data bits, parity and stop bits such as 8N1 (5 to 8; N, E or O; 1 or 2)";
    let &[data, parity, stop] = text.as_bytes() else { return Err(EXPECTED) };
    let parity = match parity {
        b'N' | b'n' => Parity::None,
        b'E' | b'e' => Parity::Even,
        b'O' | b'o' => Parity::Odd,
        _ => return Err(EXPECTED),
    };
    let fits = (b'5'..=b'8').contains(&data) && (b'1'..=b'2').contains(&stop);
    if fits { Ok((data - b'0', parity, stop - b'0')) } else { Err(EXPECTED) }
}

/// How the tables of people show it; nothing for a session of this machine.
pub fn shown(kind: &SessionType) -> Option<String> {
    match kind {
        SessionType::Local => None,
        SessionType::Ssh(to) => Some(format!("ssh {}", SshTarget::from(to.clone()))),
        SessionType::Remote(far) => Some(format!("{} of {}", far.session, SshTarget::from(far.machine.clone()))),
        SessionType::Serial(port) => Some(format!("{},{}", port.device, port.baud)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_read_as_ssh_writes_them() {
        let of =
            |text: &str| parse_ssh(text).map(|s| (s.user.unwrap_or_default(), s.host, s.port.unwrap_or(0))).unwrap();
        let is = |user: &str, host: &str, port| (user.to_owned(), host.to_owned(), port);
        assert_eq!(of("box"), is("", "box", 0));
        assert_eq!(of("me@box:2222"), is("me", "box", 2222));
        assert_eq!(of("me@corp@box"), is("me@corp", "box", 0));
        assert_eq!(of("fe80::1%eth0"), is("", "fe80::1%eth0", 0));
        assert_eq!(of("me@[::1]:22"), is("me", "::1", 22));
        assert_eq!(of("[::1]"), is("", "::1", 0));
        for bad in ["", "@box", "me@", "box:", "box:0", "box:65536", "box:x", "[::1]22", ":22"] {
            assert!(parse_ssh(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn serial_lines_have_what_is_usual_unless_said() {
        let s = parse_serial("/dev/ttyUSB0").unwrap();
        assert_eq!((s.baud, s.data_bits, s.parity, s.stop_bits), (115_200, 8, Parity::None, 1));
        let s = parse_serial("/dev/ttyS1,9600,7e2,rtscts").unwrap();
        assert_eq!((s.baud, s.data_bits, s.parity, s.stop_bits), (9600, 7, Parity::Even, 2));
        assert_eq!(s.flow_control, FlowControl::Hardware);
        for bad in ["", ",9600", "/d,0", "/d,x", "/d,9600,9N1", "/d,9600,8N", "/d,9600,8N1,x", "/d,1,8N1,none,x"] {
            assert!(parse_serial(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_shown_reads_back() {
        let ssh = parse_ssh("me@box:2222").unwrap();
        assert_eq!(shown(&SessionType::Ssh(ssh)).as_deref(), Some("ssh me@box:2222"));
        assert_eq!(shown(&SessionType::Local), None);
    }
}
