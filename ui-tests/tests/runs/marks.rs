//! Type parameters that only a `PhantomData` mentions: they do not appear on the wire.

use std::marker::PhantomData;
use std::rc::Rc;

use ambit::message::{contract, listed};
use ambit::prelude::*;

#[derive(Message, Clone, Debug, PartialEq)]
#[message(name = "marks.id")]
struct Id<T> {
    raw: u64,
    of: PhantomData<fn() -> T>,
}

#[derive(Message, Clone, Debug, PartialEq)]
#[message(name = "marks.pair")]
struct Pair<A, B>(A, PhantomData<B>);

#[derive(Message, Clone, Debug, PartialEq)]
#[message(name = "marks.deep")]
struct Deep<T> {
    inside: Option<(u8, PhantomData<T>)>,
}

#[derive(Message, Clone, Debug, PartialEq)]
struct Local<T>(u64, PhantomData<fn(&T) -> Vec<T>>);

/// Neither `Send` nor serializable.
#[derive(Clone, Debug, PartialEq)]
struct User(Rc<u8>);

#[derive(Clone, Debug, PartialEq)]
struct Order;

struct Shop;

#[gen_server(remote = "marks.shop")]
impl Shop {
    #[call]
    fn both(&self, user: Id<User>, order: Id<Order>) -> Pair<u64, Order> {
        Pair(user.raw + order.raw, PhantomData)
    }

    #[call]
    fn deep(&self, deep: Deep<Order>) -> bool {
        deep.inside.is_some()
    }
}

#[ambit::test]
async fn types_that_are_never_sent_need_no_remote_traits() {
    let shop = Shop.start().await.unwrap();
    let user = Id {
        raw: 1,
        of: PhantomData,
    };
    let order = Id {
        raw: 2,
        of: PhantomData,
    };
    assert_eq!(shop.both(user, order).await, Ok(Pair(3, PhantomData)));
    let contract = contract([listed::<Shop>()]).unwrap();
    let named: Vec<_> = contract.types.keys().map(String::as_str).collect();
    assert_eq!(named, ["marks.deep", "marks.id", "marks.pair<u64>"]);
    let inside = Some((1, PhantomData));
    assert_eq!(shop.deep(Deep { inside }).await, Ok(true));

    let inbox = ambit::spawn(async |mut inbox: Inbox<Local<User>>| {
        assert_eq!(inbox.recv().await.map(|local| local.0), Some(7));
    });
    inbox.send(Local(7, PhantomData)).await.unwrap();
    assert_eq!(inbox.closed().await, ExitReason::Normal);
    assert_eq!(*User(Rc::new(1)).0, 1);
}
