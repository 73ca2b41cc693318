//! The seed corpus of session fuzzing: valid sessions and some invalid ones.

use ambit::distribution::ProtocolBinding;
use ambit::message::{ArgsOf, Form, Out, Rpc as _, Wire, tag};
use ambit::server::GenServer;
use bytes::BytesMut;

use super::fixture::{SessionFixture, Till, double, limits, runtime};
use crate::codecs::any::AnyCodec;
use crate::remote_processes::start;
use crate::wire::NODE;
use crate::wire::{Cause, Frame, Outgoing, ProcessAddress as Address};

/// Added to the number of a stream: the node works before it receives more.
const AND_WAIT: u8 = 0x80;
const CONTROL: u8 = 4;

/// Returns the sessions of the seed corpus, each with its name.
#[must_use]
pub fn sessions() -> Vec<(String, Vec<u8>)> {
    let till = runtime().block_on(async { SessionFixture::new().await.address() });
    let all = [
        ("casts", casts(till)),
        ("calls", calls(till)),
        ("starts-and-functions", questions()),
        ("a-friend", friends(till)),
        ("signals", signals(till)),
        ("pieces", pieces(till)),
        ("ends", ends(till)),
        ("an-end-that-is-shared", shared_end(till)),
    ];
    all.map(|(name, script)| (name.to_owned(), script.0)).into()
}

/// The chunks of a session, with their streams.
#[derive(Default)]
struct Script(Vec<u8>);

impl Script {
    fn lane(mut self, which: u8, bytes: &[u8]) -> Self {
        for chunk in bytes.chunks(255) {
            self.0.extend([which, chunk.len() as u8]);
            self.0.extend(chunk);
        }
        self
    }

    fn frame(self, which: u8, frame: &Frame<'_>) -> Self {
        let mut out = BytesMut::new();
        frame.encode(&mut out);
        match which & !AND_WAIT {
            CONTROL => self.lane(which, &out[4..]),
            _ => self.lane(which, &out),
        }
    }

    fn define(self, lane: u8, id: u32, binding: &ProtocolBinding) -> Self {
        let frame = Frame::TypeDef {
            id,
            name: binding.name(),
            fingerprint: binding.fingerprint(),
            contract: binding.text().as_bytes(),
        };
        self.frame(lane, &frame)
    }

    /// Starts a session with the definition of the till's protocol.
    fn of_till(lane: u8) -> Self {
        let binding = ProtocolBinding::of::<<Till as GenServer>::Protocol>();
        Self::default().define(lane, 1, &binding.expect("it has a name"))
    }

    fn tell(self, lane: u8, to: Address, method: &str, payload: &[u8]) -> Self {
        let (from, ty, method) = (Some(other(5)), 1, tag(method));
        self.frame(
            lane,
            &Frame::Tell {
                to,
                from,
                ty,
                method,
                framed: false,
                trace: None,
                payload,
            },
        )
    }

    fn ask(
        self,
        lane: u8,
        to: Address,
        (req, ty): (u64, u32),
        method: &str,
        payload: &[u8],
    ) -> Self {
        let (from, method, framed) = (Some(other(5)), tag(method), to == NODE);
        self.frame(
            lane,
            &Frame::Ask {
                req,
                to,
                from,
                ty,
                method,
                deadline_ms: Some(60_000),
                framed,
                trace: None,
                payload,
            },
        )
    }
}

/// Returns a process of the other node.
fn other(slot: u32) -> Address {
    let generation = 1;
    Address { slot, generation }
}

fn value<T: Wire>(value: &T, form: Form) -> Vec<u8> {
    let mut out = Out::<AnyCodec>::with(AnyCodec::Bincode, form);
    value.put(&mut out).expect("it can be written");
    out.into_bytes()
}

fn payload(length: usize) -> Vec<u8> {
    value(&vec![7_u8; length], Form::Compact)
}

/// Sends more messages than the mailbox and the window hold.
fn casts(till: Address) -> Script {
    let mut script = Script::of_till(1);
    for number in 0..8 {
        script = script.tell(1, till, "note", &payload(20 * number));
    }
    script = script.ask(1 | AND_WAIT, till, (1, 1), "notes", b"");
    (0..9).fold(script, |script, _| {
        script.tell(1, till, "note", &payload(1))
    })
}

/// Makes more calls than may be pending, cancels some, and requests answers that are too long.
fn calls(till: Address) -> Script {
    let mut script = Script::of_till(0);
    for req in 0..6 {
        let length = value(&(300 * req as u16), Form::Compact);
        script = script.ask(0, till, (req, 1), "paper", &length);
    }
    script = script.frame(AND_WAIT, &Frame::Cancel { req: 1 });
    script.ask(0, till, (9, 1), "steal", b"?")
}

fn questions() -> Script {
    let start = start::binding::<Till>().expect("it has a name");
    let function = crate::rpc::binding::<double>().expect("it has a name");
    let script = Script::default()
        .define(0, 1, &start)
        .define(0, 2, &function);
    let mut args = Out::with(AnyCodec::Bincode, Form::Framed);
    start::put::<Till>(ArgsOf::<Till, _>::into_args((7,)), None, &mut args)
        .expect("it can be written");
    let mut what = Out::with(AnyCodec::Bincode, Form::Framed);
    let request = double(vec![7; 300]);
    request.put_arguments(&mut what).expect("it can be written");
    let what = what.into_bytes();
    let script = script
        .ask(0, NODE, (1, 1), "fuzz.till", &args.into_bytes())
        .ask(0, NODE, (2, 2), "fuzz.double", &what)
        .ask(0, NODE, (3, 2), "fuzz.double", &what)
        .ask(AND_WAIT, NODE, (4, 2), "fuzz.double", &what);
    let (from, to) = (None, other(1));
    let claim = Frame::Demonitor {
        from,
        to,
        reference: 0,
    };
    script.frame(0, &claim)
}

/// Sends handles of processes that the till writes to, one of them of a third node, and their answers.
fn friends(till: Address) -> Script {
    let third = Frame::NodeDef {
        id: 1,
        name: "third",
        incarnation: 9,
    };
    let script = Script::of_till(2).frame(2, &third);
    let script = script.tell(2, till, "befriend", &[0, 5, 1, 1]);
    let script = script.tell(2 | AND_WAIT, till, "befriend", &[2, 5, 1, 1]);
    // A pid and a handle: of this node, of the other, of a third, and of an undefined one.
    let script = (0..4).fold(script, |script, node| {
        let both = [node, 9, 1, node, 9, 1, 1];
        script.ask(2 | AND_WAIT, till, (node.into(), 1), "introduce", &both)
    });
    let (to, payload) = (other(5), &value(&7_u64, Form::Compact)[..]);
    let error = &value(&ambit::error::CallError::NoProcess, Form::Compact)[..];
    let reply = |req| Frame::Reply {
        req,
        framed: false,
        payload,
    };
    let script = (0..8).fold(script, |script, req| script.frame(2, &reply(req)));
    script
        .frame(CONTROL, &Frame::Credit { to, count: 1 })
        .frame(2, &Frame::ReplyErr { req: 9, error })
        .frame(CONTROL | AND_WAIT, &Frame::Ping { nonce: 1 })
        .frame(CONTROL, &Frame::Pong { nonce: 0 })
        .frame(CONTROL, &Frame::Credit { to, count: 9 })
}

fn signals(till: Address) -> Script {
    let (from, to, watcher) = (other(5), till, Some(other(6)));
    let monitor = |reference| Frame::Monitor {
        from: watcher,
        to,
        reference,
    };
    let demonitor = Frame::Demonitor {
        from: watcher,
        to,
        reference: 1,
    };
    let script = Script::of_till(0)
        .frame(0, &monitor(1))
        .frame(0, &demonitor);
    let script = script
        .frame(0, &monitor(2))
        .frame(0, &Frame::Link { from, to });
    let script = script.frame(AND_WAIT, &Frame::Unlink { from, to });
    (3..8).fold(script, |script, reference| {
        script.frame(0, &monitor(reference))
    })
}

/// Sends two long messages, interleaved on one lane.
fn pieces(till: Address) -> Script {
    let mut outgoing = Outgoing::new(limits());
    for from in [5, 6] {
        let payload = &payload(1_500);
        let mut message = BytesMut::new();
        let frame = Frame::Tell {
            to: till,
            from: Some(other(from)),
            ty: 1,
            method: tag("note"),
            framed: false,
            trace: None,
            payload,
        };
        frame.encode(&mut message);
        outgoing
            .start(&message.freeze())
            .expect("it is not too long");
    }
    let mut out = BytesMut::new();
    while outgoing.write(&mut out).is_some() {}
    Script::of_till(3).lane(3, &out)
}

/// Ends a process linked to the till, which ends with it.
fn shared_end(till: Address) -> Script {
    let script = Script::of_till(1).tell(1 | AND_WAIT, till, "marry", &[0, 5, 1, 1]);
    let script = script.tell(1 | AND_WAIT, till, "befriend", &[0, 6, 1, 1]);
    let reason = &value(&ambit::process::ExitReason::Kill, Form::Compact);
    let (from, to, cause) = (Some(other(5)), till, Cause::Link);
    let exit = Frame::Exit {
        from,
        to,
        cause,
        reason,
    };
    let ahead = Frame::ExitAhead {
        from,
        to,
        cause,
        reason,
    };
    script.frame(1, &ahead).frame(1 | AND_WAIT, &exit)
}

/// Stops and kills the till; later messages reach no process.
fn ends(till: Address) -> Script {
    let (from, to, cause) = (Some(other(5)), till, Cause::Sent);
    let reason = &value(&ambit::process::ExitReason::Shutdown, Form::Compact);
    let stop = Frame::Stop { from, to, reason };
    let reason = &value(&ambit::process::ExitReason::Kill, Form::Compact);
    let exit = Frame::Exit {
        from,
        to,
        cause,
        reason,
    };
    let down = Frame::Down {
        from: other(5),
        to: Some(till),
        reference: 7,
        reason,
    };
    let script = Script::of_till(0).frame(0, &down).frame(AND_WAIT, &stop);
    let script = script.tell(0, till, "note", &payload(1)).frame(0, &exit);
    script.ask(AND_WAIT, till, (1, 1), "notes", b"")
}
