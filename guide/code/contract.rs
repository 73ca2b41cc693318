//! The tests on the page "The wire contract".
#![allow(missing_docs, dead_code, reason = "tests")]

// ANCHOR: imports
use ambit::message::{Agreement, Contract, compatible, contract, listed};
// ANCHOR_END: imports

/// The released version.
pub mod released {
    use ambit::prelude::*;

    // ANCHOR: released
    #[derive(Message)]
    #[message(name = "shop.item")]
    pub struct Item {
        pub name: String,
        pub price: u32,
    }

    pub struct Stock;

    #[gen_server(remote = "shop.stock")]
    impl Stock {
        #[call]
        fn find(&self, name: String) -> Option<Item> {
            Some(Item { name, price: 3 })
        }

        #[cast]
        fn put(&mut self, item: Item) {
            drop(item);
        }
    }
    // ANCHOR_END: released
}

/// An incompatible change.
pub mod bad {
    use ambit::prelude::*;

    // ANCHOR: bad
    #[derive(Message)]
    #[message(name = "shop.item")]
    pub struct Item {
        pub name: String,
        pub price: u64,
        pub weight: u32,
    }

    pub struct Stock;

    #[gen_server(remote = "shop.stock")]
    impl Stock {
        #[call]
        fn look_up(&self, name: String) -> Option<Item> {
            Some(Item {
                name,
                price: 3,
                weight: 1,
            })
        }

        #[cast]
        fn put(&mut self, item: Item) {
            drop(item);
        }
    }
    // ANCHOR_END: bad
}

/// A compatible change.
pub mod good {
    use ambit::prelude::*;

    // ANCHOR: good
    #[derive(Message)]
    #[message(name = "shop.item")]
    pub struct Item {
        pub name: String,
        pub price: u32,
        /// The price in cents; old peers support whole units only.
        pub cents: Option<u64>,
        #[message(default = 100)]
        pub weight: u32,
    }

    pub struct Stock;

    #[gen_server(remote = "shop.stock")]
    impl Stock {
        #[call(tag = "find")]
        fn look_up(&self, name: String) -> Option<Item> {
            Some(Item {
                name,
                price: 3,
                cents: Some(299),
                weight: 1,
            })
        }

        #[cast]
        fn put(&mut self, item: Item) {
            drop(item);
        }
    }
    // ANCHOR_END: good
}

use released::Stock;

// ANCHOR: lock
#[test]
fn the_wire_contract_holds() {
    ambit::assert_contract!("code/contract.lock", [Stock]);
}
// ANCHOR_END: lock

fn of<P: ambit::message::Remote>() -> Contract {
    contract([listed::<P>()]).expect("its types have names of their own")
}

#[test]
fn breaking_changes_are_reported() {
    let found = compatible(&of::<Stock>(), &of::<bad::Stock>());
    let said: String = found.iter().map(|found| format!("{found}\n")).collect();
    assert_eq!(said, include_str!("contract_breaks.txt"));
}

#[test]
fn compatible_changes_are_accepted() {
    assert_eq!(compatible(&of::<Stock>(), &of::<good::Stock>()), []);
}

#[test]
fn two_that_talk() {
    // ANCHOR: agreement
    let ours = contract([listed::<good::Stock>()]).unwrap();
    // The contract of a peer, as text.
    let theirs: Contract = include_str!("contract.lock").parse().unwrap();

    let agreed = ours.agreement(&theirs, "shop.stock", "put");
    assert_eq!(agreed, Agreement::Framed);
    let agreed = ours.agreement(&ours, "shop.stock", "put");
    assert_eq!(agreed, Agreement::Compact);
    // ANCHOR_END: agreement

    let bad = of::<bad::Stock>();
    let agreed = bad.agreement(&theirs, "shop.stock", "put");
    assert!(matches!(agreed, Agreement::Refused(_)));
    let agreed = bad.agreement(&theirs, "shop.stock", "find");
    assert_eq!(agreed, Agreement::NoMethod);
}

// ANCHOR: releases
#[test]
fn no_running_release_breaks() {
    let now = contract([listed::<good::Stock>()]).unwrap();
    let running = [
        include_str!("contract-0.9.lock"),
        include_str!("contract.lock"),
    ];
    for release in running {
        let then: Contract = release.parse().unwrap();
        assert_eq!(compatible(&then, &now), []);
    }
}
// ANCHOR_END: releases
