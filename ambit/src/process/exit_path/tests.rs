//! Single rules of an exit.

use std::sync::Arc;
use std::task::{Wake, Waker};

use parking_lot::Mutex;

use super::*;
use crate::plain::create;
use crate::process::link;
use crate::system::System;

/// The waker of a starter, whose drop panics.
struct PanicsInDrop;

impl Wake for PanicsInDrop {
    fn wake(self: Arc<Self>) {}
}

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic!("the drop of this waker panics");
    }
}

#[tokio::test]
async fn a_panic_in_the_drop_of_the_waker_of_a_starter_loses_no_notice() {
    let system = System::current().unwrap().inner;
    let process = || -> ProcessRef { create::make_side::<u8>(system.clone(), None) };
    let (parent, child) = (process(), process());
    link::link_child(&*parent, &*child);
    let waker = Waker::from(Arc::new(PanicsInDrop));
    let before = parent.core().relations.lock().await_start(waker);
    assert!(before.is_none());
    finish(&parent, ExitReason::Shutdown);
    let mut fatal = None;
    child.check_control(&mut |control| fatal = control.fatal.clone());
    assert_eq!(fatal, Some(ExitReason::Shutdown));
    finish(&child, ExitReason::Shutdown);
}

#[tokio::test]
async fn a_crash_that_another_process_reports_is_not_reported_again() {
    let system = System::builder().quiet_panics(true).build().unwrap();
    let crashed = Arc::new(Mutex::new(Vec::new()));
    let pids = crashed.clone();
    let _listening = system.on_event(move |event| {
        if let Event::Crashed(report) = event {
            pids.lock().push(report.pid);
        }
    });
    let crash = |is_reported| {
        let process: ProcessRef = create::make_side::<u8>(system.inner.clone(), None);
        process.core().relations.lock().make_rare().is_reported = is_reported;
        finish(&process, ExitReason::Timeout);
        process.core().pid
    };
    crash(true);
    let reported = crash(false);
    assert_eq!(*crashed.lock(), [reported]);
}
