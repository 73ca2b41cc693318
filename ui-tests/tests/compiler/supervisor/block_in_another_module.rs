// move the methods to the first block of `App`
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn sessions(&self) -> ChildSpec<DynamicSupervisor> { DynamicSupervisor::child_spec() }
}

mod more {
    use super::App;
    use ambit::prelude::*;

    #[supervisor]
    impl App {
        #[child]
        fn others(&self) -> ChildSpec<DynamicSupervisor> { DynamicSupervisor::child_spec() }
    }
}

fn main() {}
