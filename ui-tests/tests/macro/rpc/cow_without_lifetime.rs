// the lifetime of a `Cow` is hidden
#![allow(unused)]
use ambit::prelude::*;
use std::borrow::Cow;

#[rpc]
fn length(text: Cow<str>) -> u64 {
    text.len() as u64
}

fn main() {}
