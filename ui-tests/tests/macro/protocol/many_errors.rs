// fix: each of them; all are found at once
// errors: many
#![allow(unused)]
use ambit::prelude::*;

#[protocol(remot = "kv")]
pub trait Kv {
    fn no_role(&self);

    #[call]
    fn borrowed(&self, key: &str) -> u64;

    #[call]
    fn with_body(&self) -> u64 {
        1
    }

    #[cast]
    fn generic<T>(&self, value: T);

    #[cast]
    async fn answers(&self) -> u64;
}

fn main() {}
