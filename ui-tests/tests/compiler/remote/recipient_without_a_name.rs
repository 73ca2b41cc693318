// give the message a name: `#[message(name = "shop.order")]`
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
struct Tick;

struct Clock;

#[gen_server(remote = "shop.clock")]
impl Clock {
    #[cast]
    fn tell(&mut self, to: Recipient<Tick>) {}
}

fn main() {}
