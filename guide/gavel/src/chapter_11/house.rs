use std::time::Duration;

use ambit::error::StopError;
use ambit::prelude::*;
use ambit::pubsub::Topic;
use ambit::registry::WaitFor;

use super::auction::{Auction, AuctionSubject};
use super::bank::{Bank, BankSubject};
use super::bid::{Bidder, Lot};
use super::clerk::Clerk;
use super::news::News;
use super::session::{Session, SessionSubject};
use super::terms::Terms;

/// The supervision tree of the house.
struct Tree;

#[supervisor(strategy = RestForOne)]
impl Tree {
    #[child]
    fn bank(&self) -> ChildSpec<Bank> {
        Bank::child_spec(Bank::default)
    }

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

/// The auction house. Clones are the same house.
#[derive(Clone)]
pub struct House {
    tree: TreeSubject,
    auctions: Registry<Lot, Auction>,
    sessions: Registry<Bidder, Session>,
    news: PubSub,
}

impl House {
    pub async fn start() -> Result<Self, StartError> {
        Ok(Self {
            tree: Tree.start().await?,
            auctions: Registry::unique(),
            sessions: Registry::unique(),
            news: PubSub::new(),
        })
    }

    /// Starts the auction of a lot.
    pub async fn open(&self, lot: Lot, terms: Terms) -> Result<AuctionSubject, ChildError> {
        let news = self.news(&lot);
        let spec = Auction::child_spec(lot.clone(), terms, self.bank(), news)
            .id(lot.to_string())
            .restart(Restart::Transient)
            .via(&self.auctions, lot);
        self.tree.auctions().start_child(spec).await
    }

    /// Returns the handle of an auction, which follows it through restarts.
    pub fn auction(&self, lot: impl Into<Lot>) -> AuctionSubject {
        self.auctions.via(lot)
    }

    /// Waits until the auction of a lot runs.
    pub fn wait_for(&self, lot: impl Into<Lot>) -> WaitFor<AuctionSubject> {
        self.auctions.wait_for(lot)
    }

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
}
