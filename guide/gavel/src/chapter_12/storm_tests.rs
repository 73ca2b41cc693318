use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::sys;
use tokio::time::{Instant, sleep};

use super::bid::{Bid, Lot};
use super::error::BidError;
use super::house::House;
use super::money::Money;
use super::terms::Terms;

/// Starts a house with one lot, which closes after a minute; eve has 1,000.00.
async fn open() -> Result<(House, Lot), Box<dyn Error>> {
    // ANCHOR: in_each
    let house = House::alone().await;
    // ANCHOR_END: in_each
    house
        .bank()
        .deposit("eve".into(), Money::cents(100_000))
        .await?;
    let lamp = Lot::from("brass lamp");
    let terms = Terms {
        asking: Money::cents(10_00),
        closes_at: Instant::now() + Duration::from_secs(60),
        last_call: Duration::from_secs(10),
    };
    house.open(lamp.clone(), terms).await?;
    Ok((house, lamp))
}

#[ambit::test]
async fn a_session_accepts_five_bids_at_once_and_one_per_second() -> Result<(), Box<dyn Error>> {
    let (house, lamp) = open().await?;
    let eve = house.session("eve".into()).await?;
    for euros in 10..15 {
        eve.bid(lamp.clone(), Money::cents(euros * 100)).await??;
    }
    let sixth = eve.bid(lamp.clone(), Money::cents(20_00)).await?;
    assert_eq!(sixth, Err(BidError::TooFast));
    sleep(Duration::from_secs(1)).await;
    eve.bid(lamp, Money::cents(20_00)).await??;
    Ok(())
}

#[ambit::test]
async fn a_full_auction_refuses_bids_and_loses_none() -> Result<(), Box<dyn Error>> {
    let (house, lamp) = open().await?;
    let auction = house.auction(lamp);
    sys::suspend(&auction).await?;
    let bids: Vec<_> = (10..50)
        .map(|euros| auction.bid(Bid::new("eve", euros * 100)).send())
        .collect();
    sys::resume(&auction).await?;

    let (mut accepted, mut refused) = (0, 0);
    for bid in bids {
        match bid.await {
            Ok(answer) => {
                answer?;
                accepted += 1;
            }
            Err(CallError::Full) => refused += 1,
            Err(error) => return Err(error.into()),
        }
    }
    assert_eq!((accepted, refused), (32, 8));
    assert_eq!(auction.highest().await?, Some(Bid::new("eve", 41_00)));
    Ok(())
}

#[ambit::test]
async fn busy_clerks_are_an_error_after_half_a_second() -> Result<(), Box<dyn Error>> {
    let (house, lamp) = open().await?;
    let eve = house.session("eve".into()).await?;
    let clerks = (
        house.clerks().checkout().await?,
        house.clerks().checkout().await?,
    );
    let began = Instant::now();
    let busy = eve.bid(lamp.clone(), Money::cents(10_00)).await?;
    assert_eq!(busy, Err(BidError::Busy));
    assert_eq!(began.elapsed(), Duration::from_millis(500));

    drop(clerks);
    eve.bid(lamp.clone(), Money::cents(10_00)).await??;
    let typing_error = eve.bid(lamp, Money::cents(1_000_100)).await?;
    assert_eq!(typing_error, Err(BidError::Implausible));
    Ok(())
}
