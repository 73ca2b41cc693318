// dsl #27: take owned data
#![allow(unused)]
use ambit::prelude::*;

use std::borrow::Cow;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn rename(&mut self, name: Cow<'_, str>) {}
}

fn main() {}
