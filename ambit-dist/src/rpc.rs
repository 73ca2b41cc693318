//! Functions that other nodes may call.
