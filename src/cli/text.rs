//! The text that verbs type into sessions: the words of the command line, or standard input.

use std::io::{self, Read};

use clap::Args;

use super::fail::Fail;

/// Most bytes read from standard input: what surely fits into one call, whose line has 1 MiB at most, with a control
/// character written as `\u0000`.
const MAX_STDIN: usize = 128 << 10;

#[derive(Debug, Args)]
pub struct TextArgs {
    /// The text: words are joined by blanks; `-` reads it from standard input
    #[arg(required = true, value_name = "TEXT")]
    words: Vec<String>,
}

impl TextArgs {
    /// The text as bytes.
    ///
    /// # Errors
    /// Standard input cannot be read or holds too much.
    pub fn bytes(&self) -> Result<Vec<u8>, Fail> {
        if self.words == ["-"] { read(io::stdin().lock()) } else { Ok(self.words.join(" ").into_bytes()) }
    }

    /// The text as characters.
    ///
    /// # Errors
    /// As [`TextArgs::bytes`], and for bytes that are not UTF-8.
    pub fn text(&self) -> Result<String, Fail> {
        String::from_utf8(self.bytes()?).map_err(|e| Fail::failed(format!("standard input is not UTF-8: {e}")))
    }

    /// The text without the line end that `echo` puts behind it: Enter follows anyway.
    ///
    /// # Errors
    /// As [`TextArgs::text`].
    pub fn prompt(&self) -> Result<String, Fail> {
        let mut text = self.text()?;
        text.truncate(text.trim_end_matches(['\n', '\r']).len());
        Ok(text)
    }
}

fn read(from: impl Read) -> Result<Vec<u8>, Fail> {
    let mut bytes = Vec::new();
    let read = from.take(MAX_STDIN as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|e| Fail::failed(format!("cannot read standard input: {e}")))?;
    if bytes.len() > MAX_STDIN {
        let most = MAX_STDIN >> 10;
        return Err(Fail::failed(format!("standard input holds more than {most} KiB: nothing was typed")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> TextArgs {
        TextArgs { words: words.iter().map(|w| (*w).to_owned()).collect() }
    }

    #[test]
    fn words_are_joined_by_blanks() {
        assert_eq!(of(&["git", "commit", "-m", "a  b"]).text().unwrap(), "git commit -m a  b");
        assert_eq!(of(&["- x"]).text().unwrap(), "- x");
        assert_eq!(of(&["two\n", "\r\n"]).prompt().unwrap(), "two\n ");
    }

    #[test]
    fn too_much_is_refused_and_not_cut() {
        assert_eq!(read(io::repeat(b'x').take(MAX_STDIN as u64)).unwrap().len(), MAX_STDIN);
        assert!(read(io::repeat(b'x')).unwrap_err().message.contains("128 KiB"));
    }
}
