// dsl #59: return `ChildSpec<..>`; the start of the supervisor is not reported again
#![allow(unused)]
use ambit::prelude::*;

struct Counter(u64);

#[gen_server]
impl Counter {
    #[call]
    fn get(&self) -> u64 {
        self.0
    }
}

struct App;

#[supervisor]
impl App {
    #[child]
    fn counter(&self) -> Counter {
        Counter(1)
    }
}

#[ambit::main]
async fn main() {
    let app = App.start().await.unwrap();
}
