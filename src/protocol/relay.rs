//! What `synk relay` says before it is a connection to its machine's host, and how it ends where it cannot be one.

/// The line by which it says that everything behind it comes from the host. Frozen: releases that differ must find it.
pub const READY: &str = "synk relay ready\n";

/// Its exit status where no host runs and it was not to start one.
pub const NO_HOST: i32 = 3;
