// dsl #25: take `PathBuf`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn load(&mut self, path: &std::path::Path) {}
}

fn main() {}
