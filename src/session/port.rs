//! A serial port as the other end of a session's terminal: opened, and set as it was asked for.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::termios::{ControlModes, OptionalActions, tcgetattr, tcsetattr};
use serial2::{CharSize, FlowControl, KeepSettings, Settings, StopBits};

use crate::keeper::Master;
use crate::model::session_kind::{Flow, Parity, SerialPort};

/// Opens a port and sets it.
///
/// # Errors
/// The device is missing, may not be opened, is no serial line, or refuses one of the settings, which is named.
pub(super) fn open(port: &SerialPort) -> io::Result<Master> {
    let device = &port.device;
    let wrong = |what: String| move |e: io::Error| io::Error::new(e.kind(), format!("{device}: {what}: {e}"));
    let mut line = serial2::SerialPort::open(device, KeepSettings).map_err(|e| {
        let no_line = e.raw_os_error() == Some(rustix::io::Errno::NOTTY.raw_os_error());
        wrong(if no_line { "is no serial line" } else { "cannot be opened" }.into())(e)
    })?;
    set_local(&line).map_err(wrong("cannot be set".into()))?;
    let (baud, bits, stop, parity, flow) = (port.baud, port.data_bits, port.stop_bits, port.parity, port.flow);
    // One at a time, so that a refusal has a name.
    let mut set = |what: String, how: &dyn Fn(&mut Settings) -> io::Result<()>| {
        let set = line.get_configuration().and_then(|mut settings| {
            how(&mut settings)?;
            line.set_configuration(&settings)
        });
        set.map_err(wrong(format!("refuses {what}")))
    };
    set("to pass every byte as it is".into(), &|s| {
        s.set_raw();
        Ok(())
    })?;
    set(format!("{baud} baud"), &|s| s.set_baud_rate(baud))?;
    set(format!("{bits} data bits"), &|s| {
        s.set_char_size(char_size(bits)?);
        Ok(())
    })?;
    set(format!("{stop} stop bits"), &|s| {
        s.set_stop_bits(if stop == 2 { StopBits::Two } else { StopBits::One });
        Ok(())
    })?;
    set(format!("parity {parity:?}").to_lowercase(), &|s| {
        s.set_parity(match parity {
            Parity::None => serial2::Parity::None,
            Parity::Odd => serial2::Parity::Odd,
            Parity::Even => serial2::Parity::Even,
        });
        Ok(())
    })?;
    set(format!("{flow:?} flow control").to_lowercase(), &|s| {
        s.set_flow_control(match flow {
            Flow::None => FlowControl::None,
            Flow::Software => FlowControl::XonXoff,
            Flow::Hardware => FlowControl::RtsCts,
        });
        Ok(())
    })?;
    Master::new(OwnedFd::from(line))
}

/// Most lines have three wires: without this, a line that shows no carrier would count as hung up (termios(3), CLOCAL).
fn set_local(line: &impl AsFd) -> io::Result<()> {
    let mut settings = tcgetattr(line)?;
    settings.control_modes |= ControlModes::CLOCAL | ControlModes::CREAD;
    Ok(tcsetattr(line, OptionalActions::Now, &settings)?)
}

fn char_size(bits: u8) -> io::Result<CharSize> {
    Ok(match bits {
        5 => CharSize::Bits5,
        6 => CharSize::Bits6,
        7 => CharSize::Bits7,
        8 => CharSize::Bits8,
        _ => return Err(io::ErrorKind::InvalidInput.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(device: &str) -> SerialPort {
        let (data_bits, parity, stop_bits, flow) = (8, Parity::None, 1, Flow::None);
        SerialPort { device: device.into(), baud: 115_200, data_bits, parity, stop_bits, flow }
    }

    fn why(port: &SerialPort) -> String {
        open(port).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_serial_line_is_told() {
        assert!(why(&port("/dev/no-such-line")).contains("/dev/no-such-line: cannot be opened: No such file"));
        assert!(why(&port("/dev/null")).contains("/dev/null: is no serial line"), "{}", why(&port("/dev/null")));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_setting_that_is_refused_is_named() {
        let master = rustix::pty::openpt(rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY).unwrap();
        rustix::pty::unlockpt(&master).unwrap();
        let line = rustix::pty::ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        open(&port(&line)).unwrap();
        // A terminal without a line knows of no parity.
        let even = why(&SerialPort { parity: Parity::Even, ..port(&line) });
        assert!(even.contains("refuses parity even"), "{even}");
        let short = why(&SerialPort { data_bits: 7, ..port(&line) });
        assert!(short.contains("refuses 7 data bits"), "{short}");
        open(&SerialPort { baud: 9600, stop_bits: 2, flow: Flow::Software, ..port(&line) }).unwrap();
    }
}
