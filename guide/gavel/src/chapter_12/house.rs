use std::time::Duration;

// ANCHOR: import
use ambit::error::StopError;
use ambit::prelude::*;
use ambit::pubsub::Topic;
use ambit_dist::{Node, NodeName, PlacedServers, Placement};

use super::auction::{AUCTIONS, Auction, AuctionSubject};
use super::bank::{Bank, BankSubject};
use super::bid::{Bidder, Lot};
use super::catalog::Catalog;
use super::clerk::Clerk;
use super::error::OpenError;
// ANCHOR_END: import
use super::news::News;
use super::session::{Session, SessionSubject};
use super::terms::Terms;

// ANCHOR: tree
/// The supervision tree of the house.
struct Tree {
    news: PubSub,
    node: Node,
}

#[supervisor(strategy = RestForOne)]
impl Tree {
    // ANCHOR_END: tree
    #[child]
    fn bank(&self) -> ChildSpec<Bank> {
        Bank::child_spec(Bank::default)
    }

    // ANCHOR: catalog
    #[child]
    fn catalog(&self) -> ChildSpec<Catalog> {
        Catalog::child_spec(self.news.clone(), self.node.clone())
    }
    // ANCHOR_END: catalog

    /// One child for each lot. They ask the bank, so they end with it.
    #[child]
    fn auctions(&self) -> ChildSpec<DynamicSupervisor> {
        DynamicSupervisor::builder()
            .restarts(20, Duration::from_secs(5))
            .child_spec()
    }

    #[child]
    fn clerks(&self) -> ChildSpec<Pool<Clerk>> {
        Pool::builder(Clerk::child_spec(|| Clerk))
            .size(2)
            .child_spec()
    }

    /// One child for each bidder.
    #[child]
    fn sessions(&self) -> ChildSpec<DynamicSupervisor> {
        DynamicSupervisor::child_spec()
    }
}

// ANCHOR: house
/// The auction house. Clones are the same house.
#[derive(Clone)]
pub struct House {
    tree: TreeSubject,
    auctions: PlacedServers<Auction>,
    sessions: Registry<Bidder, Session>,
    news: PubSub,
}

impl House {
    /// Starts a house whose auctions run on the members with the role `auctions`.
    pub async fn start(node: &Node) -> Result<Self, StartError> {
        let news = PubSub::new();
        let tree = Tree {
            news: news.clone(),
            node: node.clone(),
        };
        let placement = Placement::least_loaded().with_role(AUCTIONS);
        Ok(Self {
            tree: tree.start().await?,
            auctions: PlacedServers::new(node, placement),
            sessions: Registry::unique(),
            news,
        })
    }

    /// Starts the auction of a lot on a member.
    pub async fn open(&self, lot: Lot, terms: Terms) -> Result<AuctionSubject, OpenError> {
        let (bank, catalog) = (self.bank(), self.tree.catalog());
        catalog.add(lot.clone(), terms.into()).await?;
        let spec = self
            .auctions
            .child_spec(lot.to_string(), (lot.clone(), bank, catalog))
            .restart(Restart::Transient);
        self.tree.auctions().start_child(spec).await?;
        Ok(self.auction(lot))
    }

    /// Returns the handle of an auction, which follows it through restarts and to other members.
    pub fn auction(&self, lot: impl Into<Lot>) -> AuctionSubject {
        self.auctions.via(lot.into().to_string())
    }

    /// Returns the member that runs the auction of a lot.
    pub fn member_of(&self, lot: &Lot) -> Option<NodeName> {
        self.auctions.node_of(lot.to_string())
    }
    // ANCHOR_END: house

    /// Returns the session of a bidder, and starts it if there is none.
    pub async fn session(&self, bidder: Bidder) -> Result<SessionSubject, ChildError> {
        if let Some(session) = self.sessions.lookup(&bidder) {
            return Ok(session);
        }
        let spec = Session::child_spec(bidder.clone(), self.clone())
            .restart(Restart::Temporary)
            .via(&self.sessions, bidder.clone());
        match self.tree.sessions().start_child(spec).await {
            // A concurrent request was faster.
            Err(ChildError::Start(StartError::AlreadyRegistered { .. })) => {
                Ok(self.sessions.via(bidder))
            }
            started => started,
        }
    }

    /// Returns the topic of a lot.
    pub fn news(&self, lot: &Lot) -> Topic<News> {
        self.news.topic(&lot.to_string())
    }

    pub fn bank(&self) -> BankSubject {
        self.tree.bank()
    }

    pub fn clerks(&self) -> Pool<Clerk> {
        self.tree.clerks()
    }

    /// Returns the lots whose auctions run.
    pub async fn lots(&self) -> Result<Vec<Lot>, CallError> {
        let children = self.tree.auctions().which_children().await?;
        Ok(children
            .iter()
            .map(|child| Lot::from(child.id.as_str()))
            .collect())
    }

    /// Stops all servers, the newest first.
    pub async fn stop(&self) -> Result<(), StopError> {
        self.tree.stop().await
    }

    // ANCHOR: alone
    /// Starts a house for a test, on the only machine of a network in memory.
    #[cfg(test)]
    pub async fn alone() -> Self {
        let network = ambit_dist::transport::Memory::new();
        let address = ([10, 0, 0, 1], 7_000).into();
        let transport = network.bind(address).expect("a new network");
        let node = Node::builder("hall").role(AUCTIONS).transport(transport);
        let node = node.start().await.expect("a free address");
        node.expose::<Auction>();
        Self::start(&node).await.expect("nothing fails")
    }
    // ANCHOR_END: alone
}
