// remove `#[tokio::main]`
use ambit::prelude::*;

#[ambit::main]
#[tokio::main]
async fn main() {
    let _ = ambit::spawn(|_: Inbox<u8>| async {});
}
