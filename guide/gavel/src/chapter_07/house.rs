use std::time::Duration;

use ambit::prelude::*;

use super::auction::{Auction, AuctionSubject};
use super::bank::{Bank, BankSubject};
use super::bid::Lot;
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
}

/// The auction house. Clones are the same house.
#[derive(Clone)]
pub struct House {
    tree: TreeSubject,
    auctions: Registry<Lot, Auction>,
}

impl House {
    pub async fn start() -> Result<Self, StartError> {
        Ok(Self {
            tree: Tree.start().await?,
            auctions: Registry::unique(),
        })
    }

    /// Starts the auction of a lot.
    pub async fn open(&self, lot: Lot, terms: Terms) -> Result<AuctionSubject, ChildError> {
        let spec = Auction::child_spec(lot.clone(), terms, self.bank())
            .id(lot.to_string())
            .restart(Restart::Transient)
            .via(&self.auctions, lot);
        self.tree.auctions().start_child(spec).await
    }

    /// Returns the handle of an auction, which follows it through restarts.
    pub fn auction(&self, lot: impl Into<Lot>) -> AuctionSubject {
        self.auctions.via(lot)
    }

    pub fn bank(&self) -> BankSubject {
        self.tree.bank()
    }

    /// Returns the lots whose auctions run.
    pub async fn lots(&self) -> Result<Vec<Lot>, CallError> {
        let children = self.tree.auctions().which_children().await?;
        Ok(children
            .iter()
            .map(|child| Lot::from(child.id.as_str()))
            .collect())
    }
}
