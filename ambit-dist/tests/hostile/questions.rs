//! Requests to the node itself instead of one of its processes.

use std::collections::BTreeMap;

use ambit::distribution::ProtocolBinding;
use ambit::error::{CallError, StartError};
use ambit::message::{Contract, Form, Interface, Method, Out, Rpc, Schema, StartArgs, Types, tag};
use ambit::prelude::*;
use ambit::server::GenServer;
use ambit_dist::wire::Frame;
use ambit_dist::{AnyCodec, Limits};
use bytes::Bytes;

use crate::hostile::stranger::{NODE, Stranger, address_of, bytes, node_def, value};
use crate::hostile::target::{Target, Till, measure};

/// Returns the definition of a protocol with one method, sent by the stranger.
fn definition(name: &str, method: Method, types: Types) -> Bytes {
    let methods = vec![method];
    let protocols = BTreeMap::from([(name.to_owned(), Interface { methods })]);
    let types = types.into_definitions().unwrap();
    let binding = ProtocolBinding::new(name, Contract { protocols, types });
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

/// Returns the definition of the functions.
fn functions() -> Bytes {
    let mut types = Types::default();
    let method = measure::method(&mut types);
    definition("ambit.rpc", method, types)
}

/// Returns the definition of the starts of tills.
fn starts() -> Bytes {
    type Started = Result<Subject<Till>, StartError>;
    let mut types = Types::default();
    let args = <<Till as GenServer>::Args as StartArgs>::fields(&mut types);
    let reply = Some(<Started as Schema>::shape(&mut types));
    let name = "hostile.till".to_owned();
    definition("ambit.start", Method { name, args, reply }, types)
}

#[ambit::test(real_time)]
async fn a_server_is_started_with_no_link_to_a_process_of_another_node() {
    let target = Target::new().await;
    let mut stranger = target.stranger().await;
    let mut answers = stranger.answers().await;
    stranger.write(0, starts()).await;
    stranger.write(0, node_def(1, "elsewhere")).await;
    let idle = |_: Inbox<u8>| std::future::pending::<()>();
    let victim = target.system.within(|| ambit::spawn(idle));
    let address = address_of(victim.pid());
    // A process of the reader's node, and one of a third node.
    for (req, node) in [(1, 1), (2, 2)] {
        let mut link = vec![1, node];
        link.extend([address.slot, address.generation].map(|part| u8::try_from(part).unwrap()));
        let payload = [link, value(&u64::MAX)].concat();
        let start = Frame::Ask {
            req,
            to: NODE,
            from: None,
            ty: 1,
            method: tag("hostile.till"),
            deadline_ms: None,
            framed: false,
            trace: None,
            payload: &payload,
        };
        stranger.send(start).await;
        let refused = answers.next(0x13).await;
        assert_eq!(u64::from(refused.body[0]), req);
    }
    assert!(ambit::process_info(&victim).unwrap().links.is_empty());
    // Only the victim and the till of the honest node run.
    assert_eq!(target.system.process_count(), 2);
    stranger.is_kept().await;
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
