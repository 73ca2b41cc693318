//! The first program of the page "State machines".

// ANCHOR: program
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;

struct Door {
    code: u32,
}

#[state_machine(states = [Locked, Open])]
impl Door {
    #[init]
    fn new(code: u32) -> Self {
        Self { code }
    }

    /// Opens the door if the code is right.
    #[call(Locked => Open | stay, Open => refuse)]
    fn unlock(&mut self, code: u32) -> (DoorUnlockTo, bool) {
        if code == self.code {
            (DoorUnlockTo::Open, true)
        } else {
            (DoorUnlockTo::Stay, false)
        }
    }

    /// Replies when the door is open.
    #[call(Locked => postpone, Open => stay)]
    fn walk_in(&mut self, guest: String) -> String {
        format!("welcome, {guest}")
    }

    #[state_timeout(Open => Locked, after = Duration::from_secs(10))]
    fn lock_again(&mut self) {}
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let door = Door::start(1234).await?;
    let guest = door.walk_in("Ada".into()).send();
    println!("1111 opens it: {}", door.unlock(1111).await?);
    println!("1234 opens it: {}", door.unlock(1234).await?);
    println!("{}", guest.await?);
    println!("once more: {}", door.unlock(1234).await.is_ok());
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
