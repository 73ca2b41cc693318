//! Two nodes in one program, each with its own system, connected in memory.

use ambit::system::System;
use ambit_dist::transport::Memory;
use ambit_dist::{Limits, Node};

pub(crate) struct Pair {
    pub(crate) near: Node,
    pub(crate) far: Node,
    pub(crate) far_system: System,
    network: Memory,
}

impl Pair {
    /// Starts another node with its own system, connected with the near one.
    pub(crate) async fn third(&self, name: &str) -> Node {
        let transport = self.network.bind("10.0.0.3:9000".parse().unwrap()).unwrap();
        let system = System::builder().build().unwrap();
        let node = Node::builder(name).system(system).transport(transport);
        let node = node.start().await.unwrap();
        self.near.connect(node.local_addr()).await.unwrap();
        node
    }
}

pub(crate) async fn pair() -> Pair {
    pair_within(&Limits::default()).await
}

/// Returns a pair with these limits.
pub(crate) async fn pair_within(limits: &Limits) -> Pair {
    let network = Memory::new();
    let far_system = System::builder().build().unwrap();
    let near =
        Node::builder("near").transport(network.bind("10.0.0.1:9000".parse().unwrap()).unwrap());
    let near = near.limits(limits.clone()).start().await.unwrap();
    let far =
        Node::builder("far").transport(network.bind("10.0.0.2:9000".parse().unwrap()).unwrap());
    let far = far.system(far_system.clone()).limits(limits.clone());
    let far = far.start().await.unwrap();
    near.connect(far.local_addr()).await.unwrap();
    Pair {
        near,
        far,
        far_system,
        network,
    }
}
