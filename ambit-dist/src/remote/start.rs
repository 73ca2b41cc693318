//! Servers that other nodes may start here.

use std::any::Any;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use ambit::message::{
    AnswerAs, AnswerError, Answering, Clash, Contract, DecodeError, DeliverError, EncodeError,
    Exposed, In, Interface, Method, Out, Place, Remote, Schema, Types, Wire, tag,
};
use ambit::node::{Spoken, Theirs};
use ambit::{CallError, ExitReason, GenServer, Inbox, Pid, Process, StartError, Subject, System};
use tokio::sync::oneshot;

use crate::codec::any::AnyCodec;
use crate::transport::BoxFuture;

/// The protocol by which a node is asked to start something.
pub(crate) const START: &str = "ambit.start";

/// A server that can be started from another node: it has a name on the wire, and so have its arguments.
///
/// It is implemented for each such server, and for nothing else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be started from another node",
    label = "has no name on the wire, or arguments that cannot travel",
    note = "give the server a name, `#[gen_server(remote = \"shop.counter\")]`, and arguments that travel: derive `Message` with a name on their types"
)]
pub trait Startable: GenServer<Args: Wire, Protocol: Remote> {}

impl<S> Startable for S
where
    S: GenServer,
    S::Args: Wire,
    S::Protocol: Remote,
{
}

/// What a start gives.
pub(crate) type Started<S> = Result<Subject<<S as GenServer>::Protocol>, StartError>;

/// The method that starts an `S`.
pub(crate) fn spoken<S: Startable>() -> Result<Spoken, Clash> {
    let mut types = Types::default();
    let args = <S::Args as Wire>::field(&mut types, "args", false);
    let link = <Option<Pid> as Wire>::field(&mut types, "link", false);
    let reply = <Started<S> as Schema>::shape(&mut types);
    let method = Method {
        name: S::Protocol::REMOTE.to_owned(),
        args: vec![args, link],
        reply: Some(reply),
    };
    let interface = Interface {
        methods: vec![method],
    };
    Ok(Spoken::new(
        START,
        Contract {
            protocols: BTreeMap::from([(START.to_owned(), interface)]),
            types: types.into_definitions()?,
        },
    ))
}

/// Writes the arguments of a start.
pub(crate) fn put<S: Startable>(
    args: &S::Args,
    link: Option<Pid>,
    out: &mut Out<'_, AnyCodec>,
) -> Result<(), EncodeError> {
    out.record(2)?;
    out.field(tag("args"), args)?;
    out.field(tag("link"), &link)
}

/// Starts `S` for other nodes.
pub(crate) struct Starter<S> {
    system: System,
    spoken: Arc<Spoken>,
    server: PhantomData<fn(S)>,
}

impl<S: Startable> Starter<S> {
    pub(crate) fn new(system: &System) -> Result<Self, Clash> {
        Ok(Self {
            system: system.clone(),
            spoken: Arc::new(spoken::<S>()?),
            server: PhantomData,
        })
    }
}

impl<S: Startable> Exposed<AnyCodec> for Starter<S> {
    fn as_any(&self) -> &dyn Any {
        &self.spoken
    }

    fn remote(&self) -> &'static str {
        START
    }

    fn interface(&self, _: &mut Types) -> Interface {
        self.spoken.contract().protocols[START].clone()
    }

    fn spoken(&self) -> Result<Arc<Spoken>, Clash> {
        Ok(self.spoken.clone())
    }

    fn theirs(&self) -> Option<Arc<Theirs>> {
        None
    }

    fn place(&self) -> BoxFuture<'static, Option<Box<dyn Place<AnyCodec>>>> {
        Box::pin(std::future::ready(None))
    }

    fn call(
        &self,
        _: u32,
        mut input: In<'_, AnyCodec>,
        answer: AnswerAs<AnyCodec>,
    ) -> Result<Answering, DecodeError> {
        let codec = input.codec();
        let mut fields = input.record()?;
        let args = fields.field::<S::Args>("args", tag("args"))?;
        let link = fields.field::<Option<Pid>>("link", tag("link"))?;
        fields.end();
        input.finish()?;
        let running = Running::begin(&self.system, async move {
            let started = ambit::start::<S>(args).await;
            let started: Started<S> = started.map(|subject| subject.as_ref().clone());
            if let (Ok(subject), Some(to)) = (&started, link) {
                ambit::node::link_on_behalf(subject, to);
            }
            let orphan = started.as_ref().ok();
            let orphan = orphan.map(|subject| Orphan(Some(Process::clone(subject))));
            (started, orphan)
        });
        Ok(Answering::of(async move {
            let (started, orphan) = running.end().await.map_err(AnswerError::Call)?;
            let bytes = answer.write(codec, &started)?;
            if let Some(orphan) = orphan {
                orphan.adopt();
            }
            Ok(bytes)
        }))
    }

    fn cast(&self, _: u32, _: In<'_, AnyCodec>) -> Result<(), DeliverError> {
        Err(DeliverError::Decode(DecodeError::UnknownMethod {
            of: START,
            tag: 0,
        }))
    }
}

/// A server that nobody has been told of: it ends.
struct Orphan(Option<Process>);

impl Orphan {
    fn adopt(mut self) {
        self.0 = None;
    }
}

impl Drop for Orphan {
    fn drop(&mut self) {
        if let Some(process) = self.0.take() {
            ambit::exit(&process, ExitReason::Shutdown);
        }
    }
}

/// Work for another node, in a process of its own; it ends when nobody waits for it.
pub(crate) struct Running<T> {
    process: Subject<()>,
    outcome: oneshot::Receiver<T>,
}

impl<T: Send + 'static> Running<T> {
    pub(crate) fn begin(system: &System, work: impl Future<Output = T> + Send + 'static) -> Self {
        let (sender, outcome) = oneshot::channel();
        let process = system.within(|| {
            ambit::spawn(move |_: Inbox<()>| async move {
                sender.send(work.await).ok();
            })
        });
        Self { process, outcome }
    }

    /// What came of it, or why there is nothing.
    pub(crate) async fn end(mut self) -> Result<T, CallError> {
        if let Ok(value) = (&mut self.outcome).await {
            return Ok(value);
        }
        let reason = self.process.closed().await;
        Err(CallError::Exited {
            reason,
            executed: ambit::Executed::Maybe,
        })
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        ambit::exit(&self.process, ExitReason::Kill);
    }
}
