//! Nodes on loopback.

use ambit_dist::{Auth, Cookie, Node, NodeBuilder};

/// What nodes of one test have in common.
#[derive(Clone)]
pub(crate) struct Network(String);

impl Network {
    pub(crate) fn new() -> Self {
        Self(Cookie::generate().unwrap().reveal().to_string())
    }

    /// A node of this name.
    pub(crate) fn node(&self, name: &str) -> NodeBuilder {
        Node::builder(name).auth(Auth::cookie(self.0.clone()))
    }
}
