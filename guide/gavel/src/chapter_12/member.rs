use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{Auth, MemberEvent, Node, Timeouts};

use super::auction::{AUCTIONS, Auction};
use super::catalog::NEWS;
use super::news::News;

/// Returns timeouts by which a lost machine is noticed after two seconds.
pub fn timeouts() -> Timeouts {
    let timeouts = Timeouts::default();
    timeouts.heartbeat(Duration::from_millis(400)).missed(5)
}

/// Runs auctions for the hall and prints the news, until the hall leaves.
pub async fn join(hall: &str, name: &str) -> Result<(), Box<dyn Error>> {
    let node = Node::builder(name).auth(Auth::dev()).timeouts(timeouts());
    let node = node.role(AUCTIONS).seeds([hall]).start().await?;
    let mut members = node.membership().events();
    node.expose::<Auction>();
    let reader = ambit::spawn(|mut inbox: Inbox<News>| async move {
        while let Some(news) = inbox.recv().await {
            println!("{news}");
        }
    });
    node.topic::<News>(NEWS).subscribe(&reader.recipient())?;

    while let Some(event) = members.next().await {
        if matches!(event, MemberEvent::Down { node, .. } if node.name.as_str() == "hall") {
            break;
        }
    }
    node.leave().await;
    Ok(())
}
