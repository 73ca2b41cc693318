//! A member: runs the servers that the reader starts here, until the run has ended.

use std::hash::{BuildHasher, RandomState};
use std::pin::pin;
use std::time::Duration;

use ambit_dist::{DownReason, Node, NodeEvent, NodeEvents, NodeId};
use tokio::time::{MissedTickBehavior, interval};

use super::account::{ClientAccount, SERVED};
use super::credentials::{node, unusable};
use crate::{Failure, print};

/// The address to listen on, unless the command line has one: any port, for nodes on this machine.
const LISTEN: &str = "127.0.0.1:0";
const BETWEEN_LINES: Duration = Duration::from_secs(1);

/// Joins the cluster of the reader at this address; returns when the reader has left, or on Ctrl-C.
pub(crate) async fn join(address: &str, listen: Option<&str>) -> Result<String, Failure> {
    let listen = listen.unwrap_or(LISTEN);
    // Each start of a member is a new one: its counts are gone.
    let name = format!("member-{:016x}", RandomState::new().hash_one(()));
    let node = node(&name, listen)?.start().await;
    let node = node.map_err(|error| unusable(listen, error))?;
    // Before it joins: from then on the reader starts servers here.
    node.expose::<ClientAccount>();
    let events = node.events();
    let refused = |error| {
        let question = format!("is `metrics --cluster {address}` running?");
        Failure::Unusable(format!("cannot join {address}: {error}; {question}"))
    };
    let reader = node.connect(address).await.map_err(refused)?;
    print(&format!("{name} has joined {address}\n"))?;
    let served = serve(&node, &reader, events).await;
    node.leave().await;
    served.map(|()| line(SERVED.now()))
}

/// Prints what it has served once per second, if that has changed.
async fn serve(node: &Node, reader: &NodeId, events: NodeEvents) -> Result<(), Failure> {
    let mut ended = pin!(end(node, reader, events));
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    let mut second = interval(BETWEEN_LINES);
    second.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut printed = SERVED.now();
    loop {
        tokio::select! {
            biased;
            asked = &mut interrupt => return Ok(asked?),
            ended = &mut ended => return ended,
            _ = second.tick() => {
                let served = SERVED.now();
                if served != printed {
                    printed = served;
                    // An error on the screen does not stop the member.
                    print(&line(served)).ok();
                }
            }
        }
    }
}

fn line((clients, requests): (u64, u64)) -> String {
    format!("clients {clients}, requests {requests}\n")
}

/// Waits until the reader has left. Without a connection with it, no server runs here any more.
async fn end(node: &Node, reader: &NodeId, mut events: NodeEvents) -> Result<(), Failure> {
    let lost = || Failure::Other("the reader is lost, and with it the run".into());
    loop {
        match events.next().await {
            Some(NodeEvent::Down { node, reason }) if node == *reader => {
                let has_left = reason == DownReason::Left;
                return if has_left { Ok(()) } else { Err(lost()) };
            }
            Some(NodeEvent::Missed { .. }) if node.peer(&reader.name).is_none() => {
                return Err(lost());
            }
            Some(_) => {}
            None => return Err(lost()),
        }
    }
}
