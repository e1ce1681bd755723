//! The host: owner of sessions and workspaces, behind one socket.
//!
//! ```text
//! listener -> peer (thread a connection, requests in) -> desk (decides, sans IO) -> runtime (does)
//!                   \-> session cores, for the binary stream          desk, cores -> outbox (thread a connection)
//!                                                                     desk -> store (the database)
//! ```
//!
//! The desk never waits for a session, for the system or for a client. It does not draw, does not read files that a
//! person edits, and knows nothing about agents but their names.

mod act;
mod agent_link;
mod answer;
pub mod ask;
mod asking;
mod batch;
pub mod call;
mod clients;
mod create;
pub mod desk;
mod events;
mod find;
mod fit;
mod hung_up;
mod inherit;
mod kind;
mod label;
mod launch;
mod layouts;
mod ledger;
mod life;
mod listener;
mod options;
mod outbox;
mod owed;
mod patience;
mod peer;
mod post;
mod reach;
mod record;
mod redraw;
mod revive;
mod runtime;
mod saver;
mod screen_text;
mod search_text;
mod serve;
mod standing;
mod stream;
mod tap;
mod traffic;
mod tries;
mod upgrade;
mod watch;
mod workspace;
mod workspaces;

pub use crate::store::{StoreOptions, readable};
pub use fit::Fit;
pub use options::{ArchiveOptions, CleanUp, HostOptions};
pub use serve::{Embedded, Exit, HostError, embed, serve};
