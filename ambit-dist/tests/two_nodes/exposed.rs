//! Types with one wire name on one node, and replies whose decoding panics.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ambit::message::{Codec, DecodeError, EncodeError, In, Leaf, Out, Schema, Shape, Types, Wire};
use ambit::prelude::*;
use ambit_dist::Node;

use super::pair::pair;

mod users {
    #[ambit::rpc]
    pub(super) fn count() -> u64 {
        1
    }
}

mod orders {
    #[ambit::rpc]
    pub(super) fn count() -> u64 {
        2
    }
}

#[allow(unnameable_types, reason = "a public server")]
pub struct First;

#[gen_server(remote = "test.exposed")]
impl First {
    #[init]
    fn new() -> Self {
        Self
    }

    #[call]
    fn which(&self) -> u64 {
        1
    }
}

#[allow(unnameable_types, reason = "a public server")]
pub struct Second;

#[gen_server(remote = "test.exposed")]
impl Second {
    #[init]
    fn new() -> Self {
        Self
    }

    #[call]
    fn which(&self) -> u64 {
        2
    }
}

/// Returns the message of the panic of `expose`.
fn refusal(node: &Node, expose: impl FnOnce(&Node)) -> String {
    let panic = catch_unwind(AssertUnwindSafe(|| expose(node))).unwrap_err();
    panic.downcast_ref::<String>().unwrap().clone()
}

#[ambit::test(real_time)]
async fn a_second_type_of_a_wire_name_is_refused_and_the_first_stays() {
    let pair = pair().await;
    pair.far.expose::<First>();
    pair.far.expose::<First>();
    let refused = refusal(&pair.far, Node::expose::<Second>);
    assert!(
        refused.contains("Second` cannot be exposed as `test.exposed`"),
        "{refused}"
    );
    assert!(
        refused.contains("First`: give it another name"),
        "{refused}"
    );
    let first = pair.near.on("far").start::<First>(()).await.unwrap();
    assert_eq!(first.which().await, Ok(1));

    pair.far.expose_rpc::<users::count>();
    let refused = refusal(&pair.far, Node::expose_rpc::<orders::count>);
    assert!(
        refused.contains("orders::count` cannot be exposed as `count`"),
        "{refused}"
    );
    assert_eq!(pair.near.on("far").call(users::count()).await, Ok(1));
}

/// Panics when it is decoded.
#[derive(Clone, Debug, PartialEq)]
struct Explosive;

impl Schema for Explosive {
    fn shape(_: &mut Types) -> Shape {
        Shape::Leaf(Leaf::U8)
    }
}

impl Wire for Explosive {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        7_u8.put(out)
    }

    fn take<C: Codec>(_: &mut In<'_, C>) -> Result<Self, DecodeError> {
        panic!("on purpose")
    }
}

#[allow(unnameable_types, reason = "a public server, with private replies")]
pub struct Sender;

#[gen_server(remote = "test.explosive")]
impl Sender {
    #[init]
    fn new() -> Self {
        Self
    }

    #[call]
    fn give(&self) -> Explosive {
        Explosive
    }
}

#[ambit::test(real_time)]
async fn a_panic_while_a_reply_is_decoded_ends_the_call() {
    let pair = pair().await;
    pair.far.expose::<Sender>();
    let sender = pair.near.on("far").start::<Sender>(()).await.unwrap();
    let reply = sender.give().no_timeout().await;
    assert_eq!(reply, Err(CallError::NoReply));
}
