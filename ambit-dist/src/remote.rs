//! Processes of other nodes, and those that other nodes may speak to.
