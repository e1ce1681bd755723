//! What the core does, in words for the tables of its tests.

use super::*;

/// A test's session id without what all of them begin with.
pub fn short(id: &str) -> &str {
    id.trim_start_matches(['0', '-'])
}

/// What is done, but for drawing.
pub fn of(effect: Effect) -> Option<String> {
    match effect {
        Effect::Draw | Effect::Cursor(_) => None,
        Effect::Send(no, message) => said(&message).map(|m| format!("{no}:{m}")),
        Effect::Call(_, call) => Some(match call {
            Call::Open(_) => "open".into(),
            Call::Create(p) => format!("create {} {}", p.agent.unwrap_or_default(), p.command.join(" "))
                .trim()
                .to_owned()
                .replace("  ", " "),
            Call::Terminate(p) => format!("end {}", short(&p.session_id)),
            Call::SetWeights(_) => "weights".into(),
            Call::UpdateLayout(_) => "layout".into(),
            Call::SwapPanes(p) => format!("swap {} {}", short(&p.session_id), short(&p.with)),
            Call::ListWorkspaces => "workspaces".into(),
        }),
        Effect::WriteClipboard(clip, text) => Some(format!("{clip:?}={text}")),
        Effect::ReadClipboard(_, clip) => Some(format!("read {clip:?}")),
        Effect::FontSize(size) => Some(format!("font {size}")),
        Effect::Save { name, session } => Some(format!("save {name} {}", session.panes.len())),
        Effect::Connect { start, .. } => Some(format!("connect {start}")),
        Effect::Far(machine, effect) => of(*effect).map(|what| format!("{machine} {what}")),
        Effect::LeaveFar(machine) => Some(format!("leave {machine}")),
        Effect::Doubt => Some("doubt".into()),
        Effect::Attention => Some("attention".into()),
        Effect::Exit => Some("exit".into()),
    }
}

/// Messages that matter to these tables; sizes, focus and credit have tests of their own.
pub fn said(message: &ClientMessage) -> Option<String> {
    Some(match message {
        ClientMessage::Key(e) if e.press == crate::model::Press::Release => return None,
        ClientMessage::Key(e) => e.chord().to_string(),
        ClientMessage::Paste(text) => format!("paste {text}"),
        ClientMessage::Prompt(text) => format!("prompt {text}"),
        ClientMessage::Scroll(rows) => format!("scroll {rows}"),
        ClientMessage::View(_) => "live".into(),
        ClientMessage::Subscribe => "+".into(),
        ClientMessage::Unsubscribe => "-".into(),
        ClientMessage::Detach => "left".into(),
        ClientMessage::GetText { .. } => "text?".into(),
        ClientMessage::GetSpan { .. } => "span?".into(),
        ClientMessage::Search { query, .. } => format!("search {}", query.text),
        ClientMessage::Credit | ClientMessage::Focus(_) | ClientMessage::Resize { .. } => return None,
        ClientMessage::Mouse(_) | ClientMessage::Numbered { .. } => return None,
    })
}
