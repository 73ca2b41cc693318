use std::collections::BTreeMap;

use ambit::prelude::*;
use ambit_dist::Node;

use super::bid::Lot;
use super::news::News;
use super::terms::{Opening, Terms};

/// The topic of the cluster with the news of all lots.
pub const NEWS: &str = "news";

/// Knows when the lots close, and publishes their news. The auctions may run on other machines.
pub struct Catalog {
    lots: BTreeMap<Lot, Terms>,
    news: PubSub,
    node: Node,
}

#[gen_server(remote = "gavel.catalog")]
impl Catalog {
    #[init]
    pub fn new(news: PubSub, node: Node) -> Self {
        Self {
            lots: BTreeMap::new(),
            news,
            node,
        }
    }

    /// Adds a lot. The first terms of a lot stay.
    #[call]
    pub fn add(&mut self, lot: Lot, opening: Opening) {
        self.lots.entry(lot).or_insert_with(|| opening.into());
    }

    /// Returns what the seller of a lot asks for, and the time that is left.
    #[call]
    pub fn opening(&self, lot: Lot) -> Option<Opening> {
        self.lots.get(&lot).cloned().map(Opening::from)
    }

    #[cast]
    pub fn publish(&mut self, news: News) {
        let lot = news.lot().to_string();
        self.news.topic(&lot).broadcast(news.clone());
        self.node.topic::<News>(NEWS).broadcast(news);
    }
}
