//! Rust types with the same wire format, which share a name on the wire: each can replace the other.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use ambit::message::{contract, fingerprint, listed};
use ambit::prelude::*;

#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(name = "alike.page")]
struct Page<T> {
    items: Vec<T>,
}

/// A recursive type with fields of two types that have the same wire format.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(name = "alike.tree")]
enum Tree {
    Leaf(Range<u64>),
    Narrow(Box<Page<Self>>),
    Wide(Arc<Page<Self>>, Range<usize>),
}

struct Shop;

#[gen_server(remote = "alike.shop")]
impl Shop {
    #[call]
    fn find(&self, exact: Range<u64>, near: Range<usize>) -> Page<Arc<str>> {
        let items = exact.chain(near.map(|at| at as u64));
        Page {
            items: items.map(|item| item.to_string().into()).collect(),
        }
    }

    #[cast]
    fn put(&mut self, _page: Page<String>) {}

    #[call]
    fn bytes(&self, page: Page<Vec<u8>>) -> Page<VecDeque<u8>> {
        Page {
            items: page.items.into_iter().map(VecDeque::from).collect(),
        }
    }

    #[cast]
    fn watch(&mut self, _first: Recipient<Page<u8>>, _second: Recipient<Page<u16>>) {}

    #[cast]
    fn plant(&mut self, _tree: Tree) {}
}

#[test]
fn types_that_look_alike_share_a_name() {
    let contract = contract([listed::<Shop>()]).unwrap();
    let named: Vec<&str> = contract.types.keys().map(String::as_str).collect();
    assert_eq!(
        named,
        [
            "alike.page<alike.tree>",
            "alike.page<list<u8>>",
            "alike.page<string>",
            "alike.tree",
            "recipient<alike.page>",
            "std.range<u64>",
        ]
    );
    assert_eq!(
        fingerprint::<Page<Vec<u8>>>(),
        fingerprint::<Page<VecDeque<u8>>>()
    );
}

/// Has the name of another type, but a different wire format.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
#[message(name = "alike.tree")]
struct NoTree {
    leaves: Vec<u64>,
}

#[test]
fn different_definitions_of_one_name_clash() {
    let clash = fingerprint::<(Tree, NoTree)>().unwrap_err();
    assert_eq!(clash.name, "alike.tree");
    assert!(clash.first.ends_with("::Tree"), "{clash}");
    assert!(clash.of.ends_with("::NoTree"), "{clash}");
}

#[ambit::wire(name = "alike.money")]
#[derive(Clone, Debug, PartialEq)]
struct Cents(u64);

/// Wraps the same type, as that of another crate would.
#[ambit::wire(name = "alike.money")]
#[derive(Clone, Debug, PartialEq)]
struct OtherCents(u64);

/// Wraps another type, whose encoding differs.
#[ambit::wire(name = "alike.money")]
#[derive(Clone, Debug, PartialEq)]
struct Euros(String);

#[test]
fn wrappers_of_different_types_with_one_name_clash() {
    assert_eq!(fingerprint::<Cents>(), fingerprint::<OtherCents>());
    assert!(fingerprint::<(Cents, OtherCents)>().is_ok());
    let clash = fingerprint::<(Cents, OtherCents, Euros)>().unwrap_err();
    assert_eq!(clash.name, "alike.money");
    assert!(clash.first.ends_with("::Cents"), "{clash}");
    assert!(clash.of.ends_with("::Euros"), "{clash}");
}

#[ambit::test]
async fn it_serves_at_home_too() {
    let shop = Shop.start().await.unwrap();
    assert_eq!(shop.find(1..2, 3..4).await.unwrap().items.len(), 2);
    let page = Page {
        items: vec![vec![7]],
    };
    assert_eq!(shop.bytes(page).await.unwrap().items[0][0], 7);
}
