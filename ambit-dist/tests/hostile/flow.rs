//! Messages without credits, and credits without messages.

use ambit_dist::Limits;
use ambit_dist::wire::{CloseCode, Frame, ProcessAddress};

use crate::hostile::stranger::{NODE, Stranger, address, ask, bytes, definition, paper, tell};
use crate::hostile::target::Target;

/// Returns a node with a small window whose till is busy, so that messages to it wait.
async fn busy() -> Target {
    let limits = Limits::default().window(16).window_bytes(16 << 10);
    let target = Target::with(limits).await;
    target.till.wait().await.unwrap();
    target
}

#[ambit::test(real_time)]
async fn a_message_beyond_the_credits_is_a_flow_violation() {
    let target = busy().await;
    let till = address(&target.till);
    let mut stranger = target.stranger().await;
    stranger.write(0, definition(1)).await;
    for _ in 0..100 {
        stranger.write(0, tell(till, 1, "note", &paper(1))).await;
    }
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::FlowViolation, "{text}");
    assert!(text.contains("window is 16"), "{text}");
    target.gate.add_permits(1);
    // Messages within the window were delivered as usual.
    let notes = target.till.notes().await.unwrap();
    assert!(notes <= 16, "{notes}");
}

#[ambit::test(real_time)]
async fn long_messages_use_the_window_up_sooner() {
    let target = busy().await;
    let till = address(&target.till);
    // Each message is as long as eight short ones may be: two fit into the window, after four in the mailbox.
    let long = tell(till, 1, "note", &paper(12 << 10));
    let mut stranger = target.stranger().await;
    stranger.write(0, definition(1)).await;
    for _ in 0..6 {
        stranger.write(0, long.clone()).await;
    }
    stranger.write(0, ask(NODE, 1, "notes", b"")).await;
    stranger.answers().await.next(0x13).await;
    stranger.is_kept().await;
    stranger.write(0, long).await;
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::FlowViolation, "{text}");
    target.gate.add_permits(1);
    assert!(target.till.notes().await.unwrap() <= 6);
}

/// Returns a process of the stranger that the till has sent one message to.
async fn befriended(target: &Target) -> (Stranger, ProcessAddress) {
    let till = address(&target.till);
    let mut stranger = target.stranger().await;
    let friend = ProcessAddress {
        slot: 5,
        generation: 1,
    };
    // The writer's node, the slot, the generation, and the number of the protocol; in bincode after their length.
    let handle = [0, 5, 1, 1];
    stranger.write(0, definition(1)).await;
    stranger.write(0, tell(till, 1, "befriend", &handle)).await;
    let mut answers = stranger.answers().await;
    let written = answers.next(0x10).await;
    assert_eq!(written.body[..2], [5, 1]);
    (stranger, friend)
}

#[ambit::test(real_time)]
async fn more_credits_than_the_window_are_a_flow_violation() {
    let target = Target::new().await;
    // One of the first 32 credits is used, and there may be 1,024.
    for count in [994, u32::MAX] {
        let (mut stranger, to) = befriended(&target).await;
        let more = Frame::Credit { to, count };
        stranger.say(bytes(&[more])).await;
        let (code, text) = stranger.closed().await;
        assert_eq!(code, CloseCode::FlowViolation, "{text}");
        assert!(text.contains("capacity for 993"), "{text}");
    }
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn a_window_grows_to_what_was_agreed_and_no_further() {
    let target = Target::new().await;
    let (mut stranger, to) = befriended(&target).await;
    let one = bytes(&[Frame::Credit { to, count: 993 }]);
    stranger.say(one.clone()).await;
    stranger.is_kept().await;
    // A process unknown to this node.
    let unknown = ProcessAddress {
        slot: 77,
        generation: 1,
    };
    let more = Frame::Credit {
        to: unknown,
        count: 9,
    };
    stranger.say(bytes(&[more])).await;
    stranger.is_kept().await;
    stranger.say(one).await;
    assert_eq!(stranger.closed().await.0, CloseCode::FlowViolation);
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn credits_for_long_messages_that_were_not_sent_are_a_flow_violation() {
    let target = Target::new().await;
    let mut stranger = target.stranger().await;
    let more = Frame::Credit { to: NODE, count: 1 };
    stranger.say(bytes(&[more])).await;
    assert_eq!(stranger.closed().await.0, CloseCode::FlowViolation);
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn honest_nodes_keep_to_the_window_whatever_they_send() {
    let target = busy().await;
    let mut casts = tokio::task::JoinSet::new();
    for number in 0..40 {
        let length = [1, 2_000, 20_000, 300_000][number % 4];
        let till = target.till.clone();
        casts.spawn(async move { till.note(vec![7; length]).await });
    }
    target.gate.add_permits(1);
    while let Some(sent) = casts.join_next().await {
        sent.unwrap().unwrap();
    }
    assert_eq!(target.till.notes().await, Ok(40));
    assert_eq!(target.node.peers().len(), 1);
}
