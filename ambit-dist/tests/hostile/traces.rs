//! Trace contexts in a stranger's messages, and those that a node sends back.

use ambit_dist::wire::{Frame, Trace};
use tracing::Level;

use crate::hostile::stranger::{address, bytes, definition, paper};
use crate::hostile::target::Target;
use crate::support::traces::Traces;

/// Builds a message to the till with this trace context.
fn tell(target: &Target, method: &str, payload: &[u8], trace: Trace) -> bytes::Bytes {
    bytes(&[Frame::Tell {
        to: address(&target.till),
        from: None,
        ty: 1,
        method: ambit::message::tag(method),
        framed: false,
        trace: Some(trace),
        payload,
    }])
}

fn trace(trace: u8, span: u8) -> Trace {
    Trace {
        trace_id: [trace; 16],
        span_id: [span; 8],
        flags: 0xff,
    }
}

#[ambit::test(real_time)]
async fn an_id_of_zeros_is_none_and_every_other_is_a_number() {
    let (traces, _listening) = Traces::listen(Level::DEBUG);
    let target = Target::new().await;
    let mut stranger = target.stranger().await;
    stranger.write(0, definition(1)).await;
    for sent in [trace(0, 0), trace(0, 7), trace(7, 0), trace(7, 1)] {
        let message = tell(&target, "note", &paper(1), sent);
        stranger.write(0, message).await;
    }
    while target.till.notes().await.unwrap() < 4 {}
    let handled = traces.with("method", "note");
    let handled: Vec<_> = handled
        .iter()
        .filter(|fields| fields.contains_key("server"))
        .collect();
    let [roots @ .., caused] = &handled[..] else {
        panic!("four messages");
    };
    for root in roots {
        assert!(!root.contains_key("parent_id"), "{root:?}");
        assert_ne!(root["trace_id"], "0".repeat(32));
        assert_ne!(root["trace_id"], "07".repeat(16));
    }
    assert_eq!(caused["trace_id"], "07".repeat(16));
    assert_eq!(caused["parent_id"], "01".repeat(8));
}

/// Returns the trace context that a node sends back after a message with this one.
async fn written_back(sent: Trace) -> Option<Trace> {
    let target = Target::new().await;
    let mut stranger = target.stranger().await;
    stranger.write(0, definition(1)).await;
    // A handle to a process of the stranger.
    let message = tell(&target, "befriend", &[0, 5, 1, 1], sent);
    stranger.write(0, message).await;
    let written = stranger.answers().await.next(0x10).await;
    match written.decode().unwrap() {
        Some(Frame::Tell { trace, .. }) => trace,
        other => panic!("{other:?}"),
    }
}

#[ambit::test(real_time)]
async fn messages_carry_a_trace_on_the_wire_only_while_it_is_recorded() {
    let (traces, listening) = Traces::listen(Level::DEBUG);
    let back = written_back(trace(7, 1)).await.unwrap();
    assert_eq!((back.trace_id, back.flags), ([7; 16], 0xff));
    let span = u64::from_be_bytes(back.span_id);
    assert_eq!(
        format!("{span:016x}"),
        traces.handled("befriend")["span_id"]
    );
    drop(listening);
    let (_traces, _listening) = Traces::listen(Level::INFO);
    assert_eq!(written_back(trace(7, 1)).await, None);
}
