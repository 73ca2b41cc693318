//! The first program of the page "Agents".

// ANCHOR: program
use std::collections::BTreeMap;
use std::error::Error;

use ambit::agent::Agent;

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stock = Agent::start(BTreeMap::<&str, u32>::new).await?;

    stock
        .update(|stock| stock.extend([("tea", 3), ("jam", 1)]))
        .await?;
    let taken = stock
        .get_and_update(|stock| {
            let tea = stock.entry("tea").or_default();
            std::mem::replace(tea, 0)
        })
        .await?;
    let kinds = stock.get(BTreeMap::len).await?;
    println!("{taken} taken, {kinds} kinds on the shelf");

    stock.stop().await?;
    println!("after its end: {:?}", stock.get(BTreeMap::len).await);
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
