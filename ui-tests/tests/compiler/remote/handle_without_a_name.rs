// give the server behind the handle a name: `#[gen_server(remote = "shop.clerk")]`
#![allow(unused)]
use ambit::prelude::*;

struct Clerk;

#[gen_server]
impl Clerk {}

struct Shop { clerk: ClerkSubject }

#[gen_server(remote = "shop")]
impl Shop {
    #[call]
    fn clerk(&self) -> ClerkSubject { self.clerk.clone() }
}

fn main() {}
