//! Groups: the errors of processes that have ended, and the writer of their `Debug`.

use std::fmt::Write;

use ambit::group::Group;
use ambit::prelude::*;

use crate::support::hostile::{Back, Code, HostileWriter, must_not_hang};
use crate::support::process::soon;

#[test]
fn a_join_may_drop_the_last_handle_to_an_ended_process() {
    must_not_hang(|| async {
        for is_stopped in [false, true] {
            let (back, group) = (Back::new(), Group::<u8>::new());
            if is_stopped {
                group.stop();
            }
            let scope = group.clone();
            back.arm(move || drop(scope.members("readers")));
            for n in 0..50 {
                let error = back.value(n);
                let ended = ambit::spawn(|_: Inbox<u8>| async move { Err::<(), _>(error) });
                drop(soon(ended.closed()).await);
                let joined = group.join_all("readers", [ended]);
                assert_eq!(joined.is_err(), is_stopped);
            }
            assert!(group.members("readers").is_empty());
            assert!(back.count(Code::Drop) > 0, "no error was dropped");
            back.disarm();
        }
    });
}

#[test]
fn the_writer_of_debug_may_join() {
    must_not_hang(|| async {
        let (back, group) = (Back::new(), Group::<u8>::new());
        let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
        let (scope, member) = (group.clone(), idle);
        back.arm(move || scope.join("readers", &member).unwrap());
        write!(HostileWriter(back.clone()), "{group:?}").unwrap();
        back.disarm();
        assert!(!group.members("readers").is_empty());
    });
}
