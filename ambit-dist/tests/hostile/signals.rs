//! Forged signals of a member, about relations that its own processes do not have.

use ambit::prelude::*;
use ambit::process::{ExitReason, Pid};
use ambit_dist::wire::{Cause, Frame};
use tokio::sync::mpsc;

use crate::hostile::stranger::{
    address, address_of, ask, definition, exit, exit_ahead, process, tell, value,
};
use crate::hostile::target::Target;

/// Spawns a process of the target that links and monitors another, and reports its events until stopped.
fn relate(target: &Target, to: Pid) -> (Subject<()>, mpsc::UnboundedReceiver<InboxEvent<()>>) {
    let (tell, heard) = mpsc::unbounded_channel();
    let watcher = target.system.within(|| {
        ambit::spawn(move |mut inbox: Inbox<()>| async move {
            inbox.trap_exits(true);
            inbox.monitor(to);
            inbox.link(to).unwrap();
            loop {
                match inbox.next().await {
                    InboxEvent::Message(()) => return,
                    other => tell.send(other).ok(),
                };
            }
        })
    });
    (watcher, heard)
}

#[ambit::test(real_time)]
async fn a_process_that_watches_a_member_s_can_be_reached_by_its_relations_alone() {
    let target = Target::new().await;
    let mut stranger = target.stranger().await;
    let mut answers = stranger.answers().await;
    let till = address(&target.till);
    let theirs = process(9);
    stranger.write(0, definition(1)).await;
    // A process of the writer's node.
    let pid = [0, 9, 0];
    stranger.write(0, tell(till, 1, "show", &pid)).await;
    stranger.write(0, ask(till, 1, "notes", b"")).await;
    answers.next(0x12).await;
    let (watcher, mut heard) = relate(&target, target.shown());
    let monitor = answers.next(0x22).await;
    answers.next(0x20).await;
    let to = address_of(watcher.pid());
    let shutdown = &value(&ExitReason::Shutdown);
    let kill = &value(&ExitReason::Kill);
    for reason in [shutdown, kill] {
        stranger.send(exit(theirs, to, Cause::Sent, reason)).await;
        for cause in [Cause::Sent, Cause::Link] {
            stranger.send(exit_ahead(theirs, to, cause, reason)).await;
        }
        let from = Some(theirs);
        stranger.send(Frame::Stop { from, to, reason }).await;
    }
    // A link of another process would be as good as a kill.
    let other = process(10);
    stranger.send(Frame::Link { from: other, to }).await;
    let of_link = |from| exit(from, to, Cause::Link, shutdown);
    stranger.send(of_link(other)).await;
    stranger
        .write(0, tell(to, 1, "note", &value(&Vec::<u8>::new())))
        .await;
    stranger.write(0, ask(till, 2, "notes", b"")).await;
    answers.next(0x12).await;
    assert!(heard.try_recv().is_err(), "nothing has reached it");
    assert!(watcher.is_alive());
    // The signals of its link and its monitor arrive.
    stranger.send(of_link(theirs)).await;
    let Some(Frame::Monitor { reference, .. }) = monitor.decode().unwrap() else {
        panic!("{monitor:?}");
    };
    let down = Frame::Down {
        from: theirs,
        to: Some(to),
        reference,
        reason: shutdown,
    };
    stranger.send(down).await;
    for _ in 0..2 {
        match heard.recv().await.unwrap() {
            InboxEvent::Down(down) => assert_eq!(down.reason, ExitReason::Shutdown),
            InboxEvent::Exit(exit) => assert_eq!(exit.reason, ExitReason::Shutdown),
            other @ InboxEvent::Message(()) => panic!("{other:?}"),
        }
    }
    watcher.send(()).await.unwrap();
    watcher.closed().await;
    drop(stranger);
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn handles_in_one_message_are_few_enough_to_be_kept() {
    let target = Target::new().await;
    let mut stranger = target.stranger().await;
    let mut answers = stranger.answers().await;
    let till = address(&target.till);
    stranger.write(0, definition(1)).await;
    let many = |count: u64| {
        let mut bytes = value(&count);
        for _ in 0..count {
            // A process of the writer's node: its slot, its generation, the number of its protocol.
            bytes.extend([0, 9, 0, 1]);
        }
        bytes
    };
    stranger
        .write(0, ask(till, 1, "count", &many(16_385)))
        .await;
    let refused = answers.next(0x13).await;
    let text = String::from_utf8_lossy(&refused.body).into_owned();
    assert!(text.contains("more than 16384 handles"), "{text}");
    stranger
        .write(0, ask(till, 2, "count", &many(16_384)))
        .await;
    answers.next(0x12).await;
    drop(stranger);
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn a_member_cannot_forge_the_end_of_another_process() {
    let target = Target::new().await;
    let (tell, mut heard) = mpsc::unbounded_channel();
    let (named, mut monitors) = mpsc::unbounded_channel();
    // Both are processes of the attacked node, and neither was exported to another node.
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
    // The address of the process and the reference of the monitor are correct, because both are consecutive numbers.
    for from in [address_of(watched.pid()), process(7)] {
        let down = Frame::Down {
            from,
            to: Some(to),
            reference: monitor.number(),
            reason,
        };
        stranger.send(down).await;
        for cause in [Cause::Link, Cause::Sent] {
            stranger.send(exit(from, to, cause, reason)).await;
            stranger.send(exit_ahead(from, to, cause, reason)).await;
        }
    }
    stranger.write(0, definition(1)).await;
    stranger.is_served(address(&target.till)).await;
    assert!(heard.try_recv().is_err(), "nothing has ended");
    watched.send(()).await.unwrap();
    let events = [heard.recv().await.unwrap(), heard.recv().await.unwrap()];
    for event in events {
        match event {
            InboxEvent::Down(down) => {
                assert_eq!((down.monitor, down.reason), (monitor, ExitReason::Normal))
            }
            InboxEvent::Exit(exit) => assert_eq!(exit.reason, ExitReason::Normal),
            other @ InboxEvent::Message(()) => panic!("{other:?}"),
        }
    }
    watcher.closed().await;
    drop(stranger);
    target.unharmed().await;
}
