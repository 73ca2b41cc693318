//! The tests on the page "Peers, events and settings of a node".

// ANCHOR: imports
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{AnyCodec, DownReason, Limits, Node, NodeEvent, Reconnect, Timeouts};
// ANCHOR_END: imports

use std::error::Error;
use std::fmt::Debug;

use ambit::system::System;
use ambit_dist::{Auth, Cookie, NodeBuilder};

async fn pair(a: NodeBuilder, b: NodeBuilder) -> Result<(Node, Node), Box<dyn Error>> {
    let cookie = Cookie::generate()?;
    let b = b.auth(Auth::cookie(cookie.clone()));
    let b = b.system(System::builder().build()?).start().await?;
    let a = a.auth(Auth::cookie(cookie)).start().await?;
    a.connect(b.local_addr()).await?;
    Ok((a, b))
}

#[ambit::test(real_time)]
async fn peers() -> Result<(), Box<dyn Error>> {
    let (a, _b) = pair(Node::builder("a"), Node::builder("b")).await?;
    // ANCHOR: peers
    for peer in a.peers() {
        let (rtt, traffic) = (peer.rtt.unwrap_or_default(), &peer.traffic);
        println!("{} at {}, {rtt:?} away", peer.id, peer.address);
        println!("for {:?}, {} before", peer.connected_for, peer.reconnects);
        println!("{} messages sent", traffic.messages_out);
        println!("{} bytes wait to be sent", traffic.bytes_queued);
        println!("{} could not be read", traffic.decode_errors);
        println!("{} found nobody", traffic.undelivered);
        println!("{} packets lost", peer.transport.lost_packets);
    }
    let b = a.peer("b").ok_or("b is not connected")?;
    // ANCHOR_END: peers
    assert_eq!((b.dialled, b.traffic.undelivered), (true, 0));
    Ok(())
}

// ANCHOR: roll
/// Keeps a list of the connected nodes.
struct Roll {
    there: Vec<String>,
    waiting: Option<ReplyTo<DownReason>>,
}

#[gen_server]
impl Roll {
    #[init]
    fn new(ctx: &mut Context<Self>, node: Node) -> Self {
        // Subscribe first, then read the list: no node is missed in between.
        node.subscribe(&ctx.recipient::<NodeEvent>());
        let there = node.peers().into_iter();
        Self {
            there: there.map(|peer| peer.id.name.to_string()).collect(),
            waiting: None,
        }
    }

    #[info]
    fn node_event(&mut self, event: NodeEvent) {
        match event {
            NodeEvent::Up { node } => self.there.push(node.name.to_string()),
            NodeEvent::Down { node, reason } => {
                self.there.retain(|name| name != node.name.as_str());
                if let Some(reply) = self.waiting.take() {
                    reply.send(reason);
                }
            }
            _ => {}
        }
    }
    // ..
    // ANCHOR_END: roll

    #[call(deferred)]
    fn next_down(&mut self, reply: ReplyTo<DownReason>) {
        self.waiting = Some(reply);
    }

    #[call]
    fn there(&self) -> Vec<String> {
        self.there.clone()
    }
}

#[ambit::test(real_time)]
async fn events() -> Result<(), Box<dyn Error>> {
    let (a, b) = pair(Node::builder("a"), Node::builder("b")).await?;
    let roll = Roll::start(a.clone()).await?;
    assert_eq!(roll.there().await?, ["b"]);
    let down = roll.next_down().send();
    roll.there().await?;
    b.leave().await;
    assert_eq!(down.await?, DownReason::Left);
    assert!(roll.there().await?.is_empty());
    Ok(())
}

#[ambit::test(real_time)]
async fn settings() -> Result<(), Box<dyn Error>> {
    // ANCHOR: settings
    let node = Node::builder("web-1")
        .cluster("shop")
        .listen("127.0.0.1:0")
        .timeouts(Timeouts::default().heartbeat(Duration::from_millis(500)))
        .limits(Limits::default().max_message(1 << 20).peers(20))
        .reconnect(Reconnect::Once)
        .allow_addresses(["127.0.0.0/8", "10.0.0.0/8"])
        .codec(AnyCodec::Postcard);
    // ANCHOR_END: settings
    let other = Node::builder("web-2").cluster("shop");
    let (node, other) = pair(node, other).await?;
    let peer = node.peer("web-2").ok_or("it is not connected")?;
    assert_eq!(peer.codec, "postcard");
    assert_eq!(peer.id, *other.id());
    Ok(())
}

const PAGE: &str = include_str!("../src/concepts/nodes.md");

/// The fields in the `Debug` output of a struct.
fn fields(value: &impl Debug) -> Vec<(String, String)> {
    let shown = format!("{value:?}");
    let (_, inside) = shown.split_once(" { ").expect("a struct");
    let inside = inside.strip_suffix(" }").expect("a struct");
    let field = |field: &str| {
        let (name, value) = field.split_once(": ").expect("a field");
        (name.to_owned(), value.to_owned())
    };
    inside.split(", ").map(field).collect()
}

/// Whole mebibytes and kibibytes of a size, and thousands of a count, as the page writes them.
fn written(name: &str, value: &str) -> String {
    let Ok(number) = value.parse::<u64>() else {
        let unit = value.trim_start_matches(|c: char| c.is_ascii_digit());
        return value.replace(unit, &format!(" {unit}"));
    };
    let is_size = number % 1024 == 0
        && !["window", "types", "asks", "signals", "peers", "monitors"].contains(&name);
    match number {
        _ if is_size && number % (1 << 20) == 0 => format!("{} MiB", number >> 20),
        _ if is_size => format!("{} KiB", number >> 10),
        1_000.. => format!("{},{:03}", grouped(number / 1_000), number % 1_000),
        _ => number.to_string(),
    }
}

fn grouped(number: u64) -> String {
    match number {
        1_000.. => format!("{},{:03}", number / 1_000, number % 1_000),
        _ => number.to_string(),
    }
}

#[test]
fn the_page_has_each_setting_with_its_default() {
    let all = [fields(&Timeouts::default()), fields(&Limits::default())];
    for (name, value) in all.concat() {
        let row = format!("| `{name}` | {} |", written(&name, &value));
        assert!(PAGE.contains(&row), "nodes.md needs a row `{row} .. |`");
    }
}
