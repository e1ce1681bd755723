//! The client's side of a host: reach it or start it, call its methods, follow its board, mirror its screens. Knows
//! neither windows nor drawing: what comes from the host is handed to a callback.
//!
//! Threads of one [`Link`]: one that connects, then a reader and a writer for each of the two connections. The caller's
//! thread never waits for the host.

mod backlog;
mod connect;
mod control;
mod guard;
mod link;
mod mirror;
mod outbox;
mod remote;
mod retry;
mod sent;

pub use backlog::{Backlog, is_typed};
pub use connect::{Absent, ConnectError, Connector, host_connector, running_host};
pub use control::{Answer, CallError, Control, read_result};
pub use link::{Deliver, Link, Lost, Update};
pub use mirror::Mirror;
pub use remote::{Remote, remote_connector};
pub use retry::{Loss, Outlook, Retry};
pub use sent::Sent;
