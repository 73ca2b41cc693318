// fix: another name for the second
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
trait Kv {
    #[cast]
    fn put(&mut self, key: u64, key: u64);
}

async fn use_it(kv: KvSubject) -> Result<(), CastError> {
    kv.put(1, 2).await
}

fn main() {}
