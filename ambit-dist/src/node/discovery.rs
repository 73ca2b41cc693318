//! What a node shows of its discovery sources.

use crate::node::Node;
use crate::node::discovery_status::DiscoveryStatus;

impl Node {
    /// Returns the state of each discovery source, in the order in which
    /// [`NodeBuilder::discover`](crate::NodeBuilder::discover) added them.
    ///
    /// ```
    /// use ambit_dist::Node;
    /// use ambit_dist::discovery::Seeds;
    /// # use ambit_dist::transport::Memory;
    ///
    /// # #[ambit::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = Memory::new();
    /// # let transport = network.bind("10.0.0.1:9000".parse()?)?;
    /// let node = Node::builder("a").transport(transport).discover(Seeds::new(["10.0.0.2:9000"])?);
    /// let node = node.start().await?;
    /// let status = &node.discovery()[0];
    /// assert_eq!((status.source.as_str(), &status.error), ("seeds 10.0.0.2:9000", &None));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn discovery(&self) -> Vec<DiscoveryStatus> {
        self.shared().discovery.statuses()
    }
}
