//! The JSON shape of a session's kind: `"Local"`, `{"Ssh":{"host":..}}`, `{"Serial":{"device":..,"baud":..}}` or
//! `{"Remote":{"host":..,"session":..}}`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::session_kind::{self as model, SessionKind};

/// Where a session's program runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum SessionType {
    #[default]
    Local,
    Ssh(SshShape),
    Serial(SerialShape),
    Remote(RemoteShape),
}

impl SessionType {
    pub fn is_local(&self) -> bool {
        *self == Self::Local
    }
}

/// Another machine, reached by the system's OpenSSH client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SshShape {
    /// A host name or an alias of the user's SSH configuration; must not begin with `-`.
    pub host: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// A session of another machine's host, which windows show in this one's place. This host only keeps the place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RemoteShape {
    /// Where that host is, as in `Ssh`.
    #[serde(flatten)]
    pub machine: SshShape,
    /// What the session is called there: its name or its UUID.
    pub session: String,
}

/// A serial port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SerialShape {
    /// Its path, such as `/dev/ttyUSB0`.
    pub device: String,
    /// Bits a second.
    #[serde(default = "default_baud")]
    pub baud: u32,
    /// 5 to 8.
    #[serde(default = "default_data_bits")]
    pub data_bits: u8,
    #[serde(default)]
    pub parity: Parity,
    /// 1 or 2.
    #[serde(default = "default_stop_bits")]
    pub stop_bits: u8,
    #[serde(default)]
    pub flow_control: FlowControl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Parity {
    #[default]
    None,
    Odd,
    Even,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FlowControl {
    #[default]
    None,
    /// XON and XOFF in the data.
    Software,
    /// RTS and CTS.
    Hardware,
}

fn default_baud() -> u32 {
    115_200
}

fn default_data_bits() -> u8 {
    8
}

fn default_stop_bits() -> u8 {
    1
}

impl From<&model::SshTarget> for SshShape {
    fn from(to: &model::SshTarget) -> Self {
        Self { host: to.host.clone(), port: to.port, user: to.user.clone() }
    }
}

impl From<SshShape> for model::SshTarget {
    fn from(to: SshShape) -> Self {
        Self { host: to.host, port: to.port, user: to.user }
    }
}

impl From<&SessionKind> for SessionType {
    fn from(kind: &SessionKind) -> Self {
        match kind {
            SessionKind::Local => Self::Local,
            SessionKind::Ssh(to) => Self::Ssh(to.into()),
            SessionKind::Remote(far) => {
                Self::Remote(RemoteShape { machine: (&far.machine).into(), session: far.session.clone() })
            }
            SessionKind::Serial(port) => Self::Serial(SerialShape {
                device: port.device.clone(),
                baud: port.baud,
                data_bits: port.data_bits,
                parity: match port.parity {
                    model::Parity::None => Parity::None,
                    model::Parity::Odd => Parity::Odd,
                    model::Parity::Even => Parity::Even,
                },
                stop_bits: port.stop_bits,
                flow_control: match port.flow {
                    model::Flow::None => FlowControl::None,
                    model::Flow::Software => FlowControl::Software,
                    model::Flow::Hardware => FlowControl::Hardware,
                },
            }),
        }
    }
}

impl From<SessionType> for SessionKind {
    fn from(shape: SessionType) -> Self {
        match shape {
            SessionType::Local => Self::Local,
            SessionType::Ssh(to) => Self::Ssh(to.into()),
            SessionType::Remote(far) => {
                Self::Remote(model::RemoteSession { machine: far.machine.into(), session: far.session })
            }
            SessionType::Serial(port) => Self::Serial(model::SerialPort {
                device: port.device,
                baud: port.baud,
                data_bits: port.data_bits,
                parity: match port.parity {
                    Parity::None => model::Parity::None,
                    Parity::Odd => model::Parity::Odd,
                    Parity::Even => model::Parity::Even,
                },
                stop_bits: port.stop_bits,
                flow: match port.flow_control {
                    FlowControl::None => model::Flow::None,
                    FlowControl::Software => model::Flow::Software,
                    FlowControl::Hardware => model::Flow::Hardware,
                },
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn types_read_as_they_are_documented() {
        let read = |v: serde_json::Value| serde_json::from_value::<SessionType>(v).unwrap();
        assert!(read(json!("Local")).is_local());
        let ssh = json!({"Ssh": {"host": "box", "port": 2222, "user": "me"}});
        let serial = json!({"Serial": {"device": "/dev/ttyUSB0", "baud": 9600}});
        let remote = json!({"Remote": {"host": "box", "user": "me", "session": "dev"}});
        for shape in [read(ssh), read(serial), read(remote)] {
            let kind = SessionKind::from(shape.clone());
            assert_eq!(SessionType::from(&kind), shape);
            assert_eq!(read(serde_json::to_value(&shape).unwrap()), shape);
        }
    }
}
