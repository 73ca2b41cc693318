// put it on the method
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn poller(&self, #[cfg(unix)] app: &AppSubject) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
