//! The methods of the control connection: [`table`] has their names, parameters and results, the other files the shapes,
//! by what they are about. Unknown fields are ignored, so that a newer client can talk to an older host.

mod clients;
mod input;
mod screen;
mod sessions;
mod table;
mod workspaces;

pub use clients::{
    Client, ClientList, Database, HelloParams, HelloResult, Metrics, Saving, Statistics, Status, SubscribeParams,
    Subscribed, UnsubscribeParams, UpgradeParams, UpgradeStatus, Upgrading,
};
pub use input::{
    BroadcastParams, BroadcastResult, Delivered, InputKind, KeysParams, PasteParams, PromptParams, SendInputParams,
};
pub use screen::{
    CellRun, CursorShape, ReadScreenParams, ReadScreenResult, ScreenFormat, ScreenSource, SearchMatch, SearchParams,
    SearchPlace, SearchResult, WaitForParams, WaitResult, WaitUntil,
};
pub use sessions::{
    AttachParams, CreateParams, Created, DeleteParams, DetachParams, Detached, RenameParams, ResizeParams, SessionList,
    SessionParams, SplitParams,
};
pub use table::*;
pub use workspaces::{
    DEFAULT_WORKSPACE, DeleteWorkspaceParams, OpenParams, ResizePaneParams, SetActiveParams, SetWeightsParams,
    SwapParams, Towards, UpdateLayoutParams, WorkspaceInfo, WorkspaceList, WorkspaceParams,
};
