// dsl #41: drop the value before the await
#![allow(unused)]
use ambit::prelude::*;

use std::rc::Rc;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    async fn reset(&mut self) {
        std::future::ready(()).await;
    }

    #[cast]
    async fn wait(&mut self) {
        let kept = Rc::new(1);
        std::future::ready(()).await;
        drop(kept);
    }
}

fn main() {}
