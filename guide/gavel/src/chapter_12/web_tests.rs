use std::error::Error;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::bid::Bid;
use super::client::Feed;
use super::house::House;
use super::money::Money;
use super::terms::Terms;
use super::web;

/// Real sockets need the real clock.
#[ambit::test(real_time)]
async fn a_feed_ends_when_the_server_stops() -> Result<(), Box<dyn Error>> {
    // ANCHOR: in_each
    let house = House::alone().await;
    // ANCHOR_END: in_each
    house
        .bank()
        .deposit("ada".into(), Money::cents(20_00))
        .await?;
    let terms = Terms {
        asking: Money::cents(10_00),
        closes_at: Instant::now() + Duration::from_secs(60),
        last_call: Duration::from_secs(10),
    };
    let auction = house.open("lamp".into(), terms).await?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(web::serve(listener, house, async {
        stopped.await.ok();
    }));

    let mut feed = Feed::open(address, "/lots/lamp/feed").await?;
    auction.bid(Bid::new("ada", 10_00)).await??;
    assert_eq!(feed.next().await?.as_deref(), Some("lamp: 10.00 by ada"));

    stop.send(()).ok();
    assert_eq!(feed.next().await?, None);
    timeout(Duration::from_secs(10), server).await???;
    Ok(())
}
