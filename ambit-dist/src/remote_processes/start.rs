//! Servers that other nodes may start here.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use crate::codecs::any::AnyCodec;
use crate::remote_processes::exports::ExportedSink;
use crate::remote_processes::request_task::RequestTask;
use crate::remote_processes::service;
use crate::remote_processes::unclaimed::Orphan;
use ambit::distribution::ProtocolBinding;
use ambit::error::{CallError, Executed, StartError};
use ambit::message::{
    AnswerAs, AnswerError, Answering, Clash, Codec, Contract, DecodeError, EncodeError, In,
    Interface, Method, Out, Remote, Schema, Shape, StartArgs, Types, Wire,
};
use ambit::process::{ExitReason, Pid, Process};
use ambit::server::{GenServer, Subject};
use ambit::system::System;

/// The protocol for start requests to a node.
pub(crate) const START: &str = "ambit.start";

/// A server that can be started from another node, with [`On::start`](crate::On::start).
///
/// Implemented for every server that has a wire name and an `#[init]` whose argument types can be sent to other nodes.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::{Node, Startable};
/// # use ambit_dist::transport::Memory;
/// # struct Counter { value: u64 }
/// # #[gen_server(remote = "shop.counter")]
/// # impl Counter {
/// #     #[init] fn new(value: u64) -> Self { Self { value } }
/// #     #[call] fn add(&mut self, amount: u64) -> u64 { self.value += amount; self.value }
/// # }
///
/// /// Lets each of these nodes start servers of one type for the others.
/// fn expose_on<S: Startable>(nodes: &[&Node]) {
///     for node in nodes {
///         node.expose::<S>();
///     }
/// }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let system = ambit::system::System::builder().build()?;
/// # let b = Node::builder("b").system(system).transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// expose_on::<Counter>(&[&a, &b]);
/// a.connect(b.local_addr()).await?;
/// let counter = a.on("b").start::<Counter>((40,)).await?;
/// assert_eq!(counter.add(2).await?, 42);
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be started from another node",
    label = "missing a wire name, an `#[init]`, or arguments that can be sent to another node",
    note = "give the server a wire name with `#[gen_server(remote = \"shop.counter\")]`, and an `#[init]` whose arguments can be sent: derive `Message` with a name for their types"
)]
pub trait Startable: GenServer<Args: StartArgs, Protocol: Remote> {}

impl<S> Startable for S
where
    S: GenServer,
    S::Args: StartArgs,
    S::Protocol: Remote,
{
}

/// Returns the name under which an `S` is started.
pub(crate) fn start_name<S: Startable>() -> &'static str {
    S::Args::START_NAME.unwrap_or(S::Protocol::REMOTE)
}

/// The result of a start.
pub(crate) type Started<S> = Result<Subject<<S as GenServer>::Protocol>, StartError>;

/// Returns the protocol binding whose only method starts an `S`.
pub(crate) fn binding<S: Startable>() -> Result<ProtocolBinding, Clash> {
    let mut types = Types::default();
    let args = S::Args::fields(&mut types);
    let reply = <Started<S> as Schema>::shape(&mut types);
    let method = Method {
        name: start_name::<S>().to_owned(),
        args,
        reply: Some(reply),
    };
    let interface = Interface {
        methods: vec![method],
    };
    Ok(ProtocolBinding::new(
        START,
        Contract {
            protocols: BTreeMap::from([(START.to_owned(), interface)]),
            types: types.into_definitions()?,
        },
    ))
}

/// The process that becomes the parent of a started server. The other node can link it, but not reach it in any other way.
struct LinkedStarter(Pid);

impl Schema for LinkedStarter {
    fn shape(types: &mut Types) -> Shape {
        Pid::shape(types)
    }
}

impl Wire for LinkedStarter {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.linkable(self.0)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        input.linkable().map(Self)
    }
}

/// Encodes a start: the process that the server links to, which is the same in all versions, and the arguments.
pub(crate) fn put<S: Startable>(
    args: S::Args,
    link: Option<Pid>,
    out: &mut Out<'_, AnyCodec>,
) -> Result<(), EncodeError> {
    link.map(LinkedStarter).put(out)?;
    args.put(out)
}

/// Starts `S` for other nodes.
struct Starter<S> {
    system: System,
    server: PhantomData<fn(S)>,
}

/// Returns the sink for starts of a server.
pub(crate) fn sink<S: Startable>(system: &System) -> Result<ExportedSink, Clash> {
    let starter = Starter::<S> {
        system: system.clone(),
        server: PhantomData,
    };
    Ok(service::sink(binding::<S>()?, starter))
}

impl<S: Startable> service::NodeMethod for Starter<S> {
    const PROTOCOL: &'static str = START;

    fn ask(
        &self,
        mut input: In<'_, AnyCodec>,
        answer: AnswerAs<AnyCodec>,
    ) -> Result<Answering, DecodeError> {
        let codec = input.codec();
        let link = <Option<LinkedStarter> as Wire>::take(&mut input)?;
        let link = link.map(|LinkedStarter(pid)| pid);
        let args = S::Args::take(&mut input)?;
        input.finish()?;
        if ambit::distribution::is_stopping(&self.system) {
            // The server would be stopped at once.
            let (reason, executed) = (ExitReason::Shutdown, Executed::No);
            let error = AnswerError::Call(CallError::Exited { reason, executed });
            return Ok(Answering::of(std::future::ready(Err(error))));
        }
        let running = RequestTask::begin(&self.system, START, start_name::<S>(), async move {
            let started = ambit::start::<S>(args).await;
            let started: Started<S> = started.map(|subject| subject.as_ref().clone());
            if let (Ok(subject), Some(parent)) = (&started, link) {
                ambit::distribution::link_to_parent(subject, parent);
            }
            let orphan = started.as_ref().ok();
            let orphan = orphan.map(|subject| Orphan::new(Process::clone(subject), link));
            (started, orphan)
        });
        Ok(Answering::of(async move {
            let (started, orphan) = running.end().await.map_err(AnswerError::Call)?;
            let pid = started.as_ref().ok().map(|subject| subject.pid());
            if let Some((pid, orphan)) = pid.zip(orphan) {
                answer.hold(pid, Box::new(orphan));
            }
            Ok(answer.write(codec, &started)?)
        }))
    }
}
