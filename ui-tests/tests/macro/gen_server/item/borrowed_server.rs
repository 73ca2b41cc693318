// dsl #03: use owned data or an `Arc`
#![allow(unused)]
use ambit::prelude::*;

struct Counter<'a> {
    name: &'a str,
}

#[gen_server]
impl<'a> Counter<'a> {
    #[call]
    fn name(&self) -> String {
        self.name.to_owned()
    }
}

fn main() {}
