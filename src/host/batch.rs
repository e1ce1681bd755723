//! Batches of requests (JSON-RPC 2.0, section 6): their replies are gathered, and written as one array.

use std::collections::BTreeMap;

use super::owed::fitting;
use crate::protocol::line::MAX_LINE;
use crate::protocol::rpc::{Error, Response, code};

/// Room that is kept in a line for the errors of those whose replies do not fit.
const RESERVE: usize = 32 << 10;

/// Which batch of a connection a request belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BatchId(u64);

/// The batches of a connection that wait for replies.
#[derive(Debug, Default)]
pub(super) struct Batches {
    last: u64,
    open: BTreeMap<BatchId, Batch>,
}

#[derive(Debug)]
struct Batch {
    /// Requests without an answer.
    missing: usize,
    replies: Vec<String>,
    bytes: usize,
}

impl Batches {
    /// A batch of so many requests begins.
    pub(super) fn begin(&mut self, requests: usize) -> BatchId {
        self.last += 1;
        let id = BatchId(self.last);
        self.open.insert(id, Batch { missing: requests, replies: Vec::new(), bytes: 0 });
        id
    }

    /// One of its requests was answered, with a reply or, for a notification, with none. The line of all replies when it
    /// was the last, empty if there are none.
    pub(super) fn answered(&mut self, id: BatchId, reply: Option<Response>) -> Option<String> {
        let batch = self.open.get_mut(&id)?;
        batch.missing = batch.missing.saturating_sub(1);
        let too_long = || {
            let message = "the replies of this batch do not fit one line of 1 MiB: ask for this by itself";
            Error::new(code::BUSY, message.into())
        };
        batch.replies.extend(reply.map(|reply| fitting(reply, MAX_LINE - RESERVE - batch.bytes, too_long())));
        batch.bytes = batch.replies.iter().map(|line| line.len() + 1).sum::<usize>().min(MAX_LINE - RESERVE);
        if batch.missing > 0 {
            return None;
        }
        let replies = self.open.remove(&id)?.replies;
        Some(if replies.is_empty() { String::new() } else { format!("[{}]", replies.join(",")) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::protocol::limits::MAX_BATCH;

    #[test]
    fn replies_wait_for_each_other() {
        let mut batches = Batches::default();
        let (one, two) = (batches.begin(2), batches.begin(1));
        let reply = |id: u64| Some(Response::ok(id.into(), Value::Null));
        assert_eq!(batches.answered(one, reply(1)), None);
        assert_eq!(batches.answered(two, None), Some(String::new()), "notifications get no reply");
        let line = batches.answered(one, reply(2)).unwrap();
        let all: Vec<Value> = serde_json::from_str(&line).unwrap();
        assert_eq!((all.len(), &all[1]["id"]), (2, &Value::from(2)));
        assert!(batches.open.is_empty());
    }

    #[test]
    fn what_does_not_fit_a_line_is_told() {
        let mut batches = Batches::default();
        let id = batches.begin(MAX_BATCH);
        let long = "x".repeat(300_000);
        let line = (0..MAX_BATCH as u64)
            .filter_map(|n| batches.answered(id, Some(Response::ok(n.into(), long.clone().into()))))
            .next()
            .unwrap();
        assert!(line.len() < MAX_LINE, "{}", line.len());
        let all: Vec<Response> = serde_json::from_str(&line).unwrap();
        assert_eq!(all.iter().filter(|r| r.error.is_none()).count(), 3);
        assert!(all.iter().skip(3).all(|r| r.error.as_ref().is_some_and(|e| e.code == code::BUSY)));
    }
}
