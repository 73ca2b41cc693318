// give the server behind the handle a name: `#[gen_server(remote = "shop.clerk")]`
#![allow(unused)]
use ambit::prelude::*;

struct Clerk;

#[gen_server]
impl Clerk {}

#[derive(Message)]
#[message(name = "shop.hire")]
struct Hire {
    clerks: Vec<ClerkSubject>,
}

fn main() {}
