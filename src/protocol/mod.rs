//! What travels between a host and its clients: JSON-RPC 2.0 lines on the control connection, binary messages on the
//! frame stream, and the paths where both meet. Wire shapes are types of their own; nothing here does IO but the
//! framing of lines and messages over a given reader or writer.

pub mod alias;
pub mod code;
pub mod codec;
pub mod events;
pub mod frame_wire;
pub mod json;
mod layout_shape;
pub mod limits;
pub mod line;
pub mod methods;
pub mod path;
mod reference;
pub mod relay;
pub mod rpc;
mod schema;
mod session_type;
pub mod shapes;
pub mod stream;
mod stream_values;
mod version;

pub use reference::reference;
pub use schema::schema;
pub use version::{NUMBERED_SINCE, PROTO_MAX, PROTO_MIN, SEARCH_SINCE};
