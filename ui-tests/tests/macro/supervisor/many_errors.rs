// all mistakes of a block are reported at once
// errors: many
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor(strategy = OneForMany, restart = 3)]
impl App {
    #[child(restart = Sometimes)]
    fn first(&self) -> ChildSpec<Task<()>> {
        todo!()
    }

    #[child]
    async fn second(&self, limit: u64) -> ChildSpec<Task<()>> {
        todo!()
    }

    #[child]
    fn third(&mut self) {}

    #[call]
    fn fourth(&self) -> u64 {
        0
    }
}

fn main() {}
