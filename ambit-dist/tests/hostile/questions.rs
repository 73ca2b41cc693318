//! Requests to the node itself instead of one of its processes.

use std::collections::BTreeMap;

use ambit::distribution::ProtocolBinding;
use ambit::error::CallError;
use ambit::message::{Contract, Form, Interface, Out, Rpc, Types, tag};
use ambit_dist::wire::Frame;
use ambit_dist::{AnyCodec, Limits};
use bytes::Bytes;

use crate::hostile::stranger::{NODE, Stranger, bytes, value};
use crate::hostile::target::{Target, measure};

/// Returns the definition of the functions, sent by the stranger.
fn functions() -> Bytes {
    let mut types = Types::default();
    let methods = vec![measure::method(&mut types)];
    let protocols = BTreeMap::from([("ambit.rpc".to_owned(), Interface { methods })]);
    let types = types.into_definitions().unwrap();
    let binding = ProtocolBinding::new("ambit.rpc", Contract { protocols, types });
    bytes(&[Frame::TypeDef {
        id: 1,
        name: binding.name(),
        fingerprint: binding.fingerprint(),
        contract: binding.text().as_bytes(),
    }])
}

async fn ask(stranger: &mut Stranger, req: u64, length: usize, hold: bool) {
    let mut out = Out::<AnyCodec>::with(AnyCodec::Bincode, Form::Framed);
    let request = measure(vec![7; length], hold);
    request.put_arguments(&mut out).unwrap();
    let question = Frame::Ask {
        req,
        to: NODE,
        from: None,
        ty: 1,
        method: tag(measure::NAME),
        deadline_ms: None,
        framed: true,
        trace: None,
        payload: &out.into_bytes(),
    };
    stranger.send(question).await;
}

#[ambit::test(real_time)]
async fn questions_that_hold_much_are_refused_until_some_have_ended() {
    let target = Target::with(Limits::default().questions(64 << 10)).await;
    let mut stranger = target.stranger().await;
    let mut answers = stranger.answers().await;
    stranger.write(0, functions()).await;
    for req in 1..=5 {
        ask(&mut stranger, req, 20 << 10, true).await;
    }
    let refused = answers.next(0x13).await;
    let full = value(&CallError::Full);
    assert_eq!(refused.body[..], [&[5], &full[..]].concat(), "the fifth");
    // A short request is refused too, because it would be one more.
    ask(&mut stranger, 6, 1, false).await;
    assert_eq!(answers.next(0x13).await.body[0], 6);
    stranger.send(Frame::Cancel { req: 1 }).await;
    ask(&mut stranger, 7, 1, false).await;
    assert_eq!(answers.next(0x12).await.body[0], 7);
    // Answered requests hold nothing.
    for req in 8..108 {
        ask(&mut stranger, req, 3 << 10, false).await;
        assert_eq!(u64::from(answers.next(0x12).await.body[0]), req);
    }
    stranger.is_kept().await;
    drop(stranger);
    target.unharmed().await;
}
