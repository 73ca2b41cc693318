//! Unexpected streams.

use ambit_dist::wire::{CloseCode, Frame};
use bytes::Bytes;

use crate::hostile::stranger::{address, bytes, definition};
use crate::hostile::target::Target;

#[ambit::test(real_time)]
async fn a_second_control_stream_is_malformed() {
    let target = Target::new().await;
    let stranger = target.stranger().await;
    let (mut send, _receive) = stranger.connection.open_bi().await.unwrap();
    send.write(Bytes::from_static(&[1])).await.unwrap();
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::Malformed, "{text}");
    assert!(text.contains("second control stream"), "{text}");
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn a_stream_with_no_lane_or_an_existing_one_is_malformed() {
    let target = Target::new().await;
    for first in [0x10, 0x14, 0x02, 0x00, 0xff] {
        let stranger = target.stranger().await;
        let mut stream = stranger.connection.open_uni().await.unwrap();
        stream.write(vec![first].into()).await.unwrap();
        let (code, text) = stranger.closed().await;
        assert_eq!(code, CloseCode::Malformed, "{first}: {text}");
        assert!(text.contains("no lane"), "{text}");
    }
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn a_stream_without_a_lane_is_malformed() {
    let target = Target::new().await;
    let name = target.name();
    let mut caller = target.caller(&name).await;
    caller
        .greet(&crate::hostile::hello::Hello::of(&name).bytes())
        .await;
    caller.hear().await;
    caller.ping().await;
    let mut stream = caller.connection.open_uni().await.unwrap();
    stream.finish();
    assert_eq!(caller.closed().await.0, CloseCode::Malformed);
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn a_control_stream_that_ends_ends_the_session() {
    let target = Target::new().await;
    let mut stranger = target.stranger().await;
    stranger.control.as_mut().unwrap().0.finish();
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::Malformed, "{text}");
    assert!(text.contains("control stream"), "{text}");
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn frames_after_a_goaway_are_ignored() {
    let target = Target::new().await;
    let till = address(&target.till);
    let mut stranger = target.stranger().await;
    let mut last = bytes(&[Frame::GoAway]).to_vec();
    last.extend_from_slice(&definition(1));
    last.extend_from_slice(&[0xff; 1000]);
    stranger.say(last.into()).await;
    let link = Frame::Link {
        from: till,
        to: till,
    };
    stranger.say(bytes(&[link])).await;
    for lane in &mut stranger.lanes {
        lane.finish();
    }
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::GoAway, "{text}");
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn a_peer_that_stays_silent_after_opening_lanes_times_out() {
    let target = Target::new().await;
    let stranger = target.stranger().await;
    // The node sends a heartbeat, and the peer does not answer.
    let (code, text) = stranger.closed().await;
    assert!(text.contains("the other node is silent"), "{code}: {text}");
    target.unharmed().await;
}
