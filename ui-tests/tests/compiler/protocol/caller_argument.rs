// fix: a `String`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn get(&self, key: String) -> Option<u64>;
}

async fn asks(kv: &KvSubject) {
    let _ = kv.get(1).await;
}

fn main() {}
