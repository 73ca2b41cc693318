//! Nodes in memory.

use ambit_dist::transport::Memory;
use ambit_dist::{Limits, Node, NodeBuilder};

/// What nodes of one test have in common.
#[derive(Clone)]
pub(crate) struct Network(Memory);

impl Network {
    pub(crate) fn new() -> Self {
        Self(Memory::new())
    }

    /// A node of this name.
    pub(crate) fn node(&self, name: &str) -> NodeBuilder {
        let transport = self.0.bind("10.0.0.1:0".parse().unwrap()).unwrap();
        let limits = Limits::default().lanes(1);
        Node::builder(name).transport(transport).limits(limits)
    }
}
