//! The process count of a system.

use ambit::prelude::*;
use ambit::system::System;

struct Idle;

#[gen_server]
impl Idle {}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_observed_as_stopped_is_not_counted() {
    let system = System::builder().build().unwrap();
    let _inside = system.enter();
    for _ in 0..5_000 {
        let idle = Idle.start().await.unwrap();
        assert_eq!(system.process_count(), 1);
        idle.stop().await.unwrap();
        assert_eq!(system.process_count(), 0);
    }
}
