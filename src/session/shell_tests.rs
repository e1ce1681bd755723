//! The turns of a core's thread, without a program.

use std::time::Duration;

use crossbeam_channel::{Sender, bounded};

use super::*;
use crate::base::{ClientId, GridSize};
use crate::engine::{Engine, EngineOptions};
use crate::keeper::Exit;
use crate::model::{Place, Span};
use crate::session::ask::{Asker, Reply};
use crate::session::wait::Until;
use crate::session::ways::INBOX;
use crate::session::{Ask, Outlet, Request};

/// Closes the session with the first answer it gets, and counts the answers.
#[derive(Debug)]
struct Closing {
    close: Sender<()>,
    got: Mutex<Vec<Update>>,
}

impl Outlet for Closing {
    fn send(&self, update: Update) {
        let _ = self.close.try_send(());
        self.got.lock().unwrap().push(update);
    }
}

/// Runs a session without a program until it is over.
fn run(core: Core, messages: Receiver<Box<Message>>, closing: Receiver<()>) {
    Shell {
        core,
        messages,
        closing,
        gate: Arc::new(Gate::new(1)),
        counters: Arc::default(),
        report: Arc::new(|_| ()),
        again: None,
        program: None,
        early: Vec::new(),
        keeping: None,
        hibernation: Hibernation::new(None),
        unsaved: None,
        running: Arc::default(),
    }
    .run(Vec::new());
}

#[test]
fn a_full_inbox_neither_gathers_answers_nor_holds_up_the_end() {
    let (inbox, messages) = bounded(INBOX);
    let (close, closing) = bounded(1);
    let viewer = Arc::new(Closing { close, got: Mutex::default() });
    let client = ClientId(1);
    inbox.send(Box::new(Message::Attach(client, Arc::clone(&viewer) as Arc<dyn Outlet>))).unwrap();
    let place = Place { epoch: 0, row: 0, col: 0 };
    while !inbox.is_full() {
        let request = Request::GetText { request: 1, span: Span { from: place, to: place } };
        inbox.send(Box::new(Message::Client(client, request))).unwrap();
    }
    let core = Core::new(Engine::new(GridSize::clamped(20, 4), EngineOptions::default()), Duration::from_secs(1));
    run(core, messages, closing);
    let got = viewer.got.lock().unwrap();
    assert_eq!(got.last(), Some(&Update::Gone));
    assert!(got.len() <= MESSAGES + 1, "{} answers were given after the order to close", got.len());
}

/// Keeps the answer.
#[derive(Debug)]
struct Asked(Sender<Result<Answer, Refusal>>);

impl Asker for Asked {
    fn answer(self: Box<Self>, answer: Result<Answer, Refusal>) {
        self.0.send(answer).unwrap();
    }

    fn is_there(&self) -> bool {
        true
    }
}

#[test]
fn whoever_waits_for_an_end_hears_that_the_session_was_ended_however_quickly_its_program_goes() {
    let (inbox, messages) = bounded(INBOX);
    let (close, closing) = bounded(1);
    let (answers, answer) = bounded(1);
    let wait = Ask::Wait { until: Until::Exit, timeout: None };
    inbox.send(Box::new(Message::Ask(wait, Reply::new(Box::new(Asked(answers)))))).unwrap();
    close.send(()).unwrap();
    inbox.send(Box::new(Message::Exited(Exit { code: 129, by_signal: true }))).unwrap();
    let mut core = Core::new(Engine::new(GridSize::clamped(20, 4), EngineOptions::default()), Duration::from_secs(1));
    core.drained(Instant::now(), &mut Vec::new());
    run(core, messages, closing);
    assert_eq!(answer.recv(), Ok(Err(Refusal::Ended)));
}
