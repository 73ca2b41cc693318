//! Receivers that are written with their type or a lifetime without a name.

#![allow(
    clippy::needless_arbitrary_self_type,
    clippy::needless_lifetimes,
    clippy::use_self
)]

use ambit::prelude::*;

#[derive(Clone)]
struct Counter(u64);

#[gen_server]
impl Counter {
    #[call]
    fn get(self: &Counter) -> u64 {
        self.0
    }

    #[call]
    async fn get_later(self: &Counter) -> u64 {
        std::future::ready(self.0).await
    }

    #[call]
    fn get_of_any_lifetime(&'_ self) -> u64 {
        self.0
    }

    #[cast]
    fn add(self: &mut Counter, by: u64) {
        self.0 += by;
    }

    #[cast]
    fn add_of_any_lifetime(self: &'_ mut Self, by: u64) {
        self.0 += by;
    }
}

struct Shop;

#[supervisor]
impl Shop {
    #[child]
    fn counter(self: &Self) -> ChildSpec<Counter> {
        Counter::child_spec(|| Counter(1))
    }

    #[child]
    fn third(&'_ self) -> ChildSpec<Counter> {
        Counter::child_spec(|| Counter(3))
    }

    #[child]
    fn other(self: &Shop) -> ChildSpec<Counter> {
        Counter::child_spec(|| Counter(2))
    }
}

#[ambit::test]
async fn receivers_with_their_type() {
    let shop = Shop.start().await.unwrap();
    let counter = shop.counter();
    counter.add(1).await.unwrap();
    assert_eq!(counter.get().await, Ok(2));
    counter.add_of_any_lifetime(1).await.unwrap();
    assert_eq!(counter.get_of_any_lifetime().await, Ok(3));
    assert_eq!(shop.third().get().await, Ok(3));
    assert_eq!(shop.other().get_later().await, Ok(2));
}
