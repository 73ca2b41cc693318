//! Signals that a member makes up, about relations that its own processes do not have.

use ambit::ExitReason;
use ambit::prelude::*;
use ambit_dist::wire::{Cause, Frame};
use tokio::sync::mpsc;

use crate::hostile::stranger::{address, address_of, definition, process, value};
use crate::hostile::target::Target;

#[ambit::test(real_time)]
async fn a_member_cannot_forge_the_end_of_another_process() {
    let target = Target::new().await;
    let (tell, mut heard) = mpsc::unbounded_channel();
    let (named, mut monitors) = mpsc::unbounded_channel();
    // Both are processes of the attacked node, and no other node was given either of them.
    let (watched, watcher) = target.system.within(|| {
        let watched = ambit::spawn(|mut inbox: Inbox<()>| async move {
            inbox.next().await;
        });
        let target = watched.clone();
        let watcher = ambit::spawn(move |mut inbox: Inbox<()>| async move {
            inbox.trap_exits(true);
            named.send(inbox.monitor(&target)).ok();
            inbox.link(&target).unwrap();
            for _ in 0..2 {
                tell.send(inbox.next().await).ok();
            }
        });
        (watched, watcher)
    });
    let monitor = monitors.recv().await.unwrap();
    let mut stranger = target.stranger().await;
    let to = address_of(watcher.pid());
    let reason = &value(&ExitReason::Killed);
    // The address of the process and the reference of the monitor are right: both are numbers that count upwards.
    for from in [address_of(watched.pid()), process(7)] {
        let down = Frame::Down {
            from,
            to: Some(to),
            reference: monitor.number(),
            reason,
        };
        stranger.send(down).await;
        for cause in [Cause::Link, Cause::Sent] {
            let from = Some(from);
            let exit = Frame::Exit {
                from,
                to,
                cause,
                reason,
            };
            stranger.send(exit).await;
        }
    }
    stranger.write(0, definition(1)).await;
    stranger.is_served(address(&target.till)).await;
    assert!(heard.try_recv().is_err(), "nothing has ended");
    watched.send(()).await.unwrap();
    let events = [heard.recv().await.unwrap(), heard.recv().await.unwrap()];
    for event in events {
        match event {
            Event::Down(down) => {
                assert_eq!((down.monitor, down.reason), (monitor, ExitReason::Normal))
            }
            Event::Exit(exit) => assert_eq!(exit.reason, ExitReason::Normal),
            other => panic!("{other:?}"),
        }
    }
    watcher.closed().await;
    drop(stranger);
    target.unharmed().await;
}
