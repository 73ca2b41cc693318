//! The server behind the API, and its supervision tree.

use std::collections::BTreeMap;
use std::time::Duration;

use ambit::prelude::*;

/// The items in stock, with their counts.
#[derive(Default)]
pub(crate) struct Stock {
    items: BTreeMap<String, u64>,
}

#[gen_server]
impl Stock {
    #[call]
    pub(crate) fn count(&self, item: String) -> Option<u64> {
        self.items.get(&item).copied()
    }

    #[call]
    pub(crate) fn add(&mut self, item: String, count: u64) -> u64 {
        let all = self.items.entry(item).or_default();
        *all = all.saturating_add(count);
        *all
    }

    /// Takes some time; other calls wait meanwhile.
    #[call]
    pub(crate) async fn audit(&mut self) -> usize {
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.items.len()
    }

    #[call]
    pub(crate) fn panic(&mut self) {
        panic!("the stock has fallen over");
    }

    #[terminate]
    fn terminate(&mut self, _reason: &ExitReason) {
        println!("stock: {} items written down", self.items.len());
    }
}

/// The tree below the web server.
pub(crate) struct Shop;

#[supervisor]
impl Shop {
    #[child]
    pub(crate) fn stock(&self) -> ChildSpec<Stock> {
        Stock::child_spec(Stock::default)
    }
}
