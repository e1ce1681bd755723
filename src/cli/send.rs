//! `synk send`: types text into a session as it is.

use clap::Args;

use super::fail::Fail;
use super::target::TargetArgs;
use super::text::TextArgs;
use super::verb::{Context, nothing};
use crate::protocol::methods::{SendInput, SendInputParams};

const EXAMPLES: &str = "\
Examples:
  synk send -t dev --enter 'make test'
  printf 'y\\r' | synk send -t dev -";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct SendArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Enter behind the text: a carriage return, as the key types it
    #[arg(long)]
    enter: bool,
    #[command(flatten)]
    text: TextArgs,
}

pub fn run(cx: &Context, args: &SendArgs) -> Result<(), Fail> {
    let mut bytes = args.text.bytes()?;
    if args.enter {
        bytes.push(b'\r');
    }
    cx.ask::<SendInput>(&params(args.target.session()?, bytes), nothing).map(drop)
}

/// Text goes as text, for whoever reads along; other bytes as base64.
fn params(session_id: String, bytes: Vec<u8>) -> SendInputParams {
    match String::from_utf8(bytes) {
        Ok(text) => SendInputParams { session_id, data: Some(text), data_b64: None },
        Err(e) => {
            use base64::Engine;
            let data = base64::engine::general_purpose::STANDARD.encode(e.as_bytes());
            SendInputParams { session_id, data: None, data_b64: Some(data) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_go_as_base64() {
        let of = |bytes: &[u8]| params("x".into(), bytes.to_vec());
        assert_eq!((of("é\r".as_bytes()).data.as_deref(), of(b"a").data_b64), (Some("é\r"), None));
        assert_eq!((of(b"\xff\0").data, of(b"\xff\0").data_b64.as_deref()), (None, Some("/wA=")));
    }
}
