// fix: write `-> Option<KvSubject>`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn parent(&self) -> Option<Self>;
}

fn main() {}
