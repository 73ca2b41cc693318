//! Answers of a member to calls of the node, and to calls that the node has not sent.

use ambit::prelude::*;
use ambit_dist::Limits;
use ambit_dist::wire::{CloseCode, Frame, RawFrame};
use bytes::Bytes;

use crate::hostile::hello::Hello;
use crate::hostile::stranger::{Answers, Stranger, address_of, bytes, process};
use crate::hostile::target::{Target, Till};

/// Returns a member with a session, its name, and the frames that it receives.
async fn named(target: &Target) -> (Stranger, String, Answers) {
    let name = target.name();
    let mut stranger = target.caller(&name).await;
    stranger.meet(&Hello::of(&name)).await;
    let answers = stranger.answers().await;
    (stranger, name, answers)
}

fn number_of(call: &RawFrame) -> u64 {
    match call.decode().unwrap() {
        Some(Frame::Ask { req, .. }) => req,
        other => panic!("{other:?}"),
    }
}

#[ambit::test(real_time)]
async fn an_error_is_read_only_for_a_call_that_waits_for_it() {
    let target = Target::new().await;
    let (mut stranger, name, mut answers) = named(&target).await;
    let error = b"?";
    stranger.send(Frame::ReplyErr { req: 1, error }).await;
    stranger.is_kept().await;
    let node = target.node.clone();
    let start = tokio::spawn(async move { node.on(name).start::<Till>((u64::MAX,)).await });
    let req = number_of(&answers.next(0x11).await);
    stranger.send(Frame::ReplyErr { req, error }).await;
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::Malformed, "{text}");
    assert!(text.contains("cannot be read"), "{text}");
    let failed = start.await.unwrap().unwrap_err();
    assert!(failed.to_string().contains("connection"), "{failed}");
    drop(stranger);
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn links_to_a_process_that_starts_a_server_are_limited() {
    let target = Target::with(Limits::default().monitors(4)).await;
    let (mut stranger, name, mut answers) = named(&target).await;
    let node = target.node.clone();
    let starter = target.system.within(|| {
        ambit::spawn(move |mut inbox: Inbox<()>| async move {
            inbox.trap_exits(true);
            node.on(name).start::<Till>((u64::MAX,)).link().await.ok();
        })
    });
    answers.next(0x11).await;
    let to = address_of(starter.pid());
    let pair = |slot| {
        let from = process(slot);
        bytes(&[Frame::Link { from, to }, Frame::Unlink { from, to }])
    };
    for slot in [1, 2, 3, 4, 1] {
        stranger.write(0, pair(slot)).await;
    }
    // Refused after the links before it.
    let nobody = Frame::Link {
        from: process(5),
        to: process(77),
    };
    stranger.send(nobody).await;
    answers.next(0x25).await;
    let pairs: Vec<Bytes> = (5..100).map(pair).collect();
    stranger.write(0, pairs.concat().into()).await;
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::TooLarge, "{text}");
    assert!(text.contains("links of started servers"), "{text}");
    starter.closed().await;
    drop(stranger);
    target.unharmed().await;
}
