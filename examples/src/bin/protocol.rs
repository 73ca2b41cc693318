//! A protocol handle that is independent of its servers: callers of exchange rates do not see which server knows them.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::error::Error;

use ambit::prelude::*;

/// The protocol of exchange rates. In a larger program this is a crate of its own.
#[protocol]
trait Rates {
    /// Returns the cents for one unit of `currency`.
    #[call]
    fn price(&self, currency: String) -> Option<u64>;

    /// Sets a price.
    #[cast]
    fn set(&self, currency: String, cents: u64);
}

/// Stores the prices.
#[derive(Default)]
struct Table(BTreeMap<String, u64>);

#[gen_server(protocol = Rates)]
impl Table {
    #[call]
    fn price(&self, currency: String) -> Option<u64> {
        self.0.get(&currency).copied()
    }

    #[cast]
    fn set(&mut self, currency: String, cents: u64) {
        self.0.insert(currency, cents);
    }
}

/// Asks another server, and adds a fee.
struct Broker {
    behind: RatesSubject,
    fee: u64,
}

#[gen_server(protocol = Rates)]
impl Broker {
    #[call]
    async fn price(&mut self, currency: String) -> Option<u64> {
        let price = self.behind.price(currency).await.ok().flatten()?;
        Some(price + self.fee)
    }

    #[cast]
    async fn set(&mut self, currency: String, cents: u64) -> Result<(), CastError> {
        self.behind.set(currency, cents).await
    }
}

async fn buy(rates: &RatesSubject, units: u64) -> Result<(), CallError> {
    match rates.price("yen".into()).await? {
        Some(cents) => println!("{units} yen from {rates:?}: {} cents", units * cents),
        None => println!("{rates:?} does not know yen"),
    }
    Ok(())
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let table = Table::default().start().name("table").await?;
    let behind = table.clone();
    let broker = Broker { behind, fee: 1 }.start().name("broker").await?;

    buy(&broker, 10).await?;
    broker.set("yen".into(), 2).await?;
    // One handle type, two kinds of server.
    for rates in [&broker, &table] {
        buy(rates, 10).await?;
    }
    Ok(())
}
