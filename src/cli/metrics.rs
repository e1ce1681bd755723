//! `synk metrics`: counts and sums over the host and its sessions.

use super::fail::Fail;
use super::table::{bytes, span};
use super::verb::Context;
use crate::protocol::methods::{Empty, GetMetrics, Metrics};

pub fn run(cx: &Context) -> Result<(), Fail> {
    cx.ask::<GetMetrics>(&Empty {}, words).map(drop)
}

fn words(m: &Metrics) -> String {
    let known = |value: Option<String>| value.unwrap_or_else(|| "unknown".into());
    let rows = [
        ("up", span(m.uptime_seconds)),
        ("clients", format!("{} now, {} connections so far", m.num_clients, m.connections)),
        ("sessions", format!("{} running, {} detached, {} stopped", m.running, m.detached, m.stopped)),
        ("", format!("{} created so far, {} ended", m.sessions_created, m.sessions_ended)),
        ("requests", format!("{}, {} of them refused", m.requests, m.errors)),
        ("output", bytes(m.output_bytes)),
        ("input", bytes(m.input_bytes)),
        ("frames", m.frames.to_string()),
        ("memory", known(m.resident_bytes.map(bytes))),
        ("descriptors", known(m.descriptors.map(|n| n.to_string()))),
    ];
    rows.iter().map(|(name, value)| format!("{name:<12}{value}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_is_shown() {
        let m = Metrics { requests: 41, errors: 3, output_bytes: 2048, descriptors: Some(19), ..Metrics::default() };
        let text = words(&m);
        for part in ["41, 3 of them refused", "output      2.0 KiB", "memory      unknown", "descriptors 19"] {
            assert!(text.contains(part), "{text}");
        }
    }
}
