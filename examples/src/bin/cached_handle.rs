//! A cached handle: a client gets it once, and it follows the server through its restarts.
#![forbid(unsafe_code)]

use std::error::Error;

use ambit::error::LookupError;
use ambit::prelude::*;

/// Knows the price of each thing.
struct Prices;

#[gen_server]
impl Prices {
    #[call]
    fn price(&self, thing: String) -> usize {
        assert_ne!(thing, "moon", "that is not for sale");
        thing.len()
    }
}

// ANCHOR: till
struct Till {
    /// Follows the child `prices` through its restarts.
    following: PricesSubject,
    /// Refers to the process that held the name when the till started.
    direct: PricesSubject,
}

#[gen_server]
impl Till {
    #[init]
    fn new(following: PricesSubject) -> Result<Self, LookupError> {
        let direct = ambit::whereis::<Prices>("prices")?;
        Ok(Self { following, direct })
    }

    #[call]
    async fn sell(&mut self, thing: String) -> Result<usize, CallError> {
        self.following.when_available().price(thing).await
    }

    #[call]
    async fn sell_directly(&mut self, thing: String) -> Result<usize, CallError> {
        self.direct.price(thing).await
    }
}

struct Shop;

#[supervisor]
impl Shop {
    #[child]
    fn prices(&self) -> ChildSpec<Prices> {
        Prices::child_spec(|| Prices).name("prices")
    }

    #[child]
    fn till(&self, shop: &ShopSubject) -> ChildSpec<Till> {
        Till::child_spec(shop.prices())
    }
}
// ANCHOR_END: till

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let shop = Shop.start().await?;
    let till = shop.till();
    println!("a lamp: {}", till.sell("lamp".into()).await??);
    println!("directly: {}", till.sell_directly("lamp".into()).await??);

    let (prices, asker) = (shop.prices().pid(), till.pid());
    till.sell("moon".into()).await?.ok(); // this crashes `prices`
    println!("a lamp: {}", till.sell("lamp".into()).await??);
    if let Err(error) = till.sell_directly("lamp".into()).await? {
        println!("directly: {error}");
    }
    let (new, same) = (shop.prices().pid() != prices, till.pid() == asker);
    println!("new prices: {new}, the same till: {same}");
    Ok(())
}
