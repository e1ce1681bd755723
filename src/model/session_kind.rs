//! Where a session's program runs: here, on another machine over SSH, at the other end of a serial line, or in a session
//! of another machine's host.

use std::fmt;

/// The kind of a session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SessionKind {
    /// A program on this machine.
    #[default]
    Local,
    /// The system's OpenSSH client on a PTY.
    Ssh(SshTarget),
    /// A serial port; there is no program.
    Serial(SerialPort),
    /// A session of another machine's host. This one only keeps its place: whoever shows it dials that host.
    Remote(RemoteSession),
}

/// A session of another machine's host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteSession {
    /// Where that host is.
    pub machine: SshTarget,
    /// What the session is called there: its name or its UUID.
    pub session: String,
}

/// Whom the OpenSSH client is asked to reach. What is missing is up to the user's own SSH configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SshTarget {
    /// A host name or an alias of the user's SSH configuration; never begins with `-`.
    pub host: String,
    pub port: Option<u16>,
    pub user: Option<String>,
}

/// Longest host or user name, in bytes: what the name system allows (RFC 1035, 2.3.4).
const MAX_NAME: usize = 255;
/// What a host or a user may be called.
const NAMES: &str = "1 to 255 bytes that do not begin with \"-\", without blanks, control characters and what shells take \
                     for more than a character";

/// What is wrong with whom `ssh` is asked to reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadTarget {
    /// `host`, `user` or `port`.
    pub field: &'static str,
    /// What it would have to be.
    pub expected: &'static str,
}

impl fmt::Display for BadTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {}: expected {}", self.field, self.expected)
    }
}

impl SshTarget {
    /// Refuses what would mean something else to `ssh` than whom to reach.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn check(&self) -> Result<(), BadTarget> {
        if !is_plain(&self.host) {
            return Err(BadTarget { field: "host", expected: NAMES });
        }
        if self.user.as_ref().is_some_and(|user| !is_plain(user)) {
            return Err(BadTarget { field: "user", expected: NAMES });
        }
        if self.port == Some(0) {
            return Err(BadTarget { field: "port", expected: "1 to 65535" });
        }
        Ok(())
    }

    /// The arguments by which `ssh` is told; what stands behind them is the command.
    pub fn args(&self) -> Vec<String> {
        let mut args = Vec::new();
        if let Some(port) = self.port {
            args.extend(["-p".to_owned(), port.to_string()]);
        }
        if let Some(user) = &self.user {
            args.extend(["-l".to_owned(), user.clone()]);
        }
        args.extend(["--".to_owned(), self.host.clone()]);
        args
    }
}

/// As people write it: `me@box:2222`.
impl fmt::Display for SshTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        match self.port {
            Some(port) if self.host.contains(':') => write!(f, "[{}]:{port}", self.host),
            Some(port) => write!(f, "{}:{port}", self.host),
            None => f.write_str(&self.host),
        }
    }
}

/// A name that `ssh` takes for a name, and that commands of the user's configuration may hold (`%h`, `%r`).
fn is_plain(name: &str) -> bool {
    let special = |c: char| c.is_control() || c.is_whitespace() || "'\"`$\\;&<>|(){}".contains(c);
    (1..=MAX_NAME).contains(&name.len()) && !name.starts_with('-') && !name.chars().any(special)
}

/// A serial port and how it is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialPort {
    /// Its path, such as `/dev/ttyUSB0`.
    pub device: String,
    /// Bits a second.
    pub baud: u32,
    /// 5 to 8.
    pub data_bits: u8,
    pub parity: Parity,
    /// 1 or 2.
    pub stop_bits: u8,
    pub flow: Flow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Parity {
    #[default]
    None,
    Odd,
    Even,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flow {
    #[default]
    None,
    /// XON and XOFF in the data.
    Software,
    /// RTS and CTS.
    Hardware,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(host: &str) -> SshTarget {
        SshTarget { host: host.into(), ..SshTarget::default() }
    }

    #[test]
    fn what_is_no_host_is_refused_by_its_field() {
        for good in ["box", "box.example.org", "::1", "fe80::1%eth0", "bücher.example", "me@box"] {
            assert_eq!(to(good).check(), Ok(()), "{good}");
        }
        let long = "x".repeat(256);
        for bad in ["", "-oProxyCommand=x", "a b", "a\nb", "a\u{1b}", "$(x)", "a;b", "a\u{a0}b", &long] {
            assert_eq!(to(bad).check().unwrap_err().field, "host", "{bad}");
        }
        let user = SshTarget { user: Some("-x".into()), ..to("box") };
        assert_eq!(user.check().unwrap_err().field, "user");
        assert_eq!(SshTarget { port: Some(0), ..to("box") }.check().unwrap_err().field, "port");
    }

    #[test]
    fn nothing_of_it_is_an_option() {
        let target = SshTarget { port: Some(2222), user: Some("me".into()), ..to("box") };
        assert_eq!(target.args(), ["-p", "2222", "-l", "me", "--", "box"]);
        assert_eq!(to("box").args(), ["--", "box"]);
    }

    #[test]
    fn it_is_shown_as_it_is_written() {
        let target = SshTarget { port: Some(22), user: Some("me".into()), ..to("::1") };
        assert_eq!(target.to_string(), "me@[::1]:22");
        assert_eq!(to("box").to_string(), "box");
    }
}
