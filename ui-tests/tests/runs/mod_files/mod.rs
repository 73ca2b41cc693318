//! Servers of one name in files of one name. One module imports the other one with a glob, and two files are equal.

mod drawer;
mod left {
    pub(super) mod copied;
}
mod right {
    pub(super) mod copied;
}

use ambit::prelude::*;

struct Till(u64);

#[gen_server]
impl Till {
    #[call]
    fn get(&self) -> u64 {
        self.0
    }
}

#[ambit::test]
async fn each_is_the_server_of_its_module() {
    let till = Till(1).start().await.unwrap();
    assert_eq!(till.get().await, Ok(1));
    assert_eq!(drawer::kept().await, Some("coins"));
}

#[ambit::test]
async fn equal_blocks_in_equal_files_are_two_servers() {
    let left = left::copied::Copied.start().await.unwrap();
    let right = right::copied::Copied.start().await.unwrap();
    assert_ne!(left.path().await, right.path().await);
}
