//! The first program of the page "The wire contract".

// ANCHOR: program
use ambit::message::{ContractError, contract, listed};
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.order", version = 2)]
enum Order {
    Coffee {
        sugar: bool,
    },
    #[message(since = 2)]
    Tea {
        kind: Option<String>,
    },
}

#[derive(Default)]
struct Bar {
    served: u64,
}

#[gen_server(remote = "shop.bar")]
impl Bar {
    /// Serves an order and returns their number.
    #[call]
    fn serve(&mut self, order: Order, cups: u64) -> Result<u64, String> {
        if let Order::Tea { kind: None } = order {
            return Err("which tea?".to_owned());
        }
        self.served += cups;
        Ok(self.served)
    }

    #[cast]
    fn close(&mut self) {
        self.served = 0;
    }
}

fn main() -> Result<(), ContractError> {
    print!("{}", contract([listed::<Bar>()])?);
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
