// fix: write `#[derive(PartialEq, Eq, Hash)]`
#![allow(unused)]
use ambit::prelude::*;
use std::collections::HashMap;

struct Shop;

#[derive(Message, PartialEq, Eq)]
#[message(name = "shop.article")]
struct Article(u64);

#[gen_server(remote = "shop.stock")]
impl Shop {
    #[call]
    fn put(&mut self, pieces: HashMap<Article, u64>) {}
}

fn main() {}
