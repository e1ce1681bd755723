//! Where a session's program runs: here, on another machine over SSH, or at the other end of a serial line.

/// The kind of a session (mission P5).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SessionKind {
    /// A program on this machine.
    #[default]
    Local,
    /// The system's OpenSSH client on a PTY.
    Ssh(SshTarget),
    /// A serial port; there is no program.
    Serial(SerialPort),
}

/// Whom the OpenSSH client is asked to reach. What is missing is up to the user's own SSH configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SshTarget {
    /// A host name or an alias of the user's SSH configuration; never begins with `-`.
    pub host: String,
    pub port: Option<u16>,
    pub user: Option<String>,
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
