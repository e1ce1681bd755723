//! The clipboards, on a thread of their own: another program owns what is in them and may take its time to hand it
//! over. The thread is started with the first use.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use arboard::{Clipboard as Board, GetExtLinux, LinuxClipboardKind, SetExtLinux};

use super::event::Clip;

/// What the thread is asked for.
enum Request {
    Read(u32, Clip),
    Write(Clip, String),
}

/// Where what was read goes: the ticket, and the text or why there is none.
pub type Deliver = Box<dyn Fn(u32, Result<String, String>) + Send>;

/// The way to the clipboards.
pub struct Clipboards {
    requests: Option<Sender<Request>>,
    deliver: Option<Deliver>,
}

impl Clipboards {
    pub fn new(deliver: Deliver) -> Self {
        Self { requests: None, deliver: Some(deliver) }
    }

    /// Asks for the text of a clipboard; the answer is delivered with the ticket.
    pub fn read(&mut self, ticket: u32, clip: Clip) {
        self.ask(Request::Read(ticket, clip));
    }

    /// Puts a text into a clipboard.
    pub fn write(&mut self, clip: Clip, text: String) {
        self.ask(Request::Write(clip, text));
    }

    fn ask(&mut self, request: Request) {
        if let Some(deliver) = self.deliver.take() {
            let (requests, asked) = channel();
            match thread::Builder::new().name("clipboard".into()).spawn(move || serve(&asked, &deliver)) {
                Ok(_) => self.requests = Some(requests),
                Err(e) => log::warn!("the clipboards cannot be used: {e}"),
            }
        }
        if let Some(requests) = &self.requests {
            // The thread only ends with the window.
            let _ = requests.send(request);
        }
    }
}

/// Owns the clipboards for as long as the window lives: what was copied here is handed over from here.
fn serve(requests: &Receiver<Request>, deliver: &Deliver) {
    let mut board = Board::new().map_err(|e| e.to_string());
    while let Ok(request) = requests.recv() {
        match (request, &mut board) {
            (Request::Read(ticket, _), Err(why)) => deliver(ticket, Err(why.clone())),
            (Request::Read(ticket, clip), Ok(board)) => {
                let text = board.get().clipboard(kind(clip)).text();
                let text = match text {
                    Err(arboard::Error::ContentNotAvailable) => Err("there is no text in it".to_owned()),
                    other => other.map_err(|e| e.to_string()),
                };
                deliver(ticket, text);
            }
            (Request::Write(..), Err(why)) => log::warn!("nothing copied: {why}"),
            (Request::Write(clip, text), Ok(board)) => {
                if let Err(e) = board.set().clipboard(kind(clip)).text(text) {
                    log::warn!("nothing copied: {e}");
                }
            }
        }
    }
}

fn kind(clip: Clip) -> LinuxClipboardKind {
    match clip {
        Clip::Clipboard => LinuxClipboardKind::Clipboard,
        Clip::Primary => LinuxClipboardKind::Primary,
    }
}
