//! Two servers of one name in two files of one name; the inner module imports the outer one with a glob.

mod drawer;

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
