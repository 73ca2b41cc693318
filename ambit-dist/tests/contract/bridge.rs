//! A handle of one protocol version to a server of another, connected through bytes.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use ambit::message::{AnswerAs, Codec, DecodeError, DeliverError, Exposed, Form, In, Out, Remote};
use ambit::process::ExitReason;
use ambit::server::{Context, Flow, GenServer, Protocol, Subject};

/// The decode errors of both sides.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unread(Arc<Mutex<Vec<DecodeError>>>);

impl Unread {
    fn add(&self, error: DecodeError) {
        self.0.lock().unwrap().push(error);
    }

    /// Takes the decode errors since the last call.
    pub(crate) fn take(&self) -> Vec<DecodeError> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Receives the messages of a protocol, and passes their bytes to a remote process.
pub(crate) struct Bridge<P, C> {
    far: Arc<dyn Exposed<C>>,
    form: Form,
    unread: Unread,
    protocol: PhantomData<fn(P)>,
}

/// Returns a handle of the protocol `P` to a server of its other version.
pub(crate) async fn bridge<P, C>(
    far: impl AsRef<Subject<P::Other>>,
    form: Form,
) -> (P::Subject, Unread)
where
    P: Version,
    C: Codec,
{
    let far: Arc<dyn Exposed<C>> = Arc::new(far.as_ref().clone());
    let unread = Unread::default();
    let args = (far, form, unread.clone());
    let near = ambit::start::<Bridge<P, C>>(args).await.unwrap();
    (near, unread)
}

/// One of two versions of a protocol.
pub(crate) trait Version: Remote + Sized {
    /// The other version.
    type Other: Remote;
}

impl<P: Remote + Sized, C: Codec> GenServer for Bridge<P, C> {
    type Protocol = P;
    type Args = (Arc<dyn Exposed<C>>, Form, Unread);
    type Info = ();
    type Continue = ();

    async fn init(
        (far, form, unread): Self::Args,
        _: &mut Context<Self>,
    ) -> Result<Self, ExitReason> {
        Ok(Self {
            far,
            form,
            unread,
            protocol: PhantomData,
        })
    }

    async fn handle_call(&mut self, call: <P as Protocol>::Call, _: &mut Context<Self>) -> Flow {
        let mut out = Out::<C>::new(self.form);
        P::put_call(&call, &mut out).unwrap();
        let (bytes, method) = (out.into_bytes(), P::call_tag(&call));
        let waiting = P::waiting::<C>(call);
        let input = In::new(&bytes, self.form);
        let answer = match self.far.call(method, input, AnswerAs::form(self.form)) {
            Ok(answering) => answering.await.unwrap(),
            Err(error) => {
                self.unread.add(error);
                return Flow::Continue;
            }
        };
        if let Err(error) = waiting.answer(In::new(&answer, self.form)) {
            self.unread.add(error);
        }
        Flow::Continue
    }

    async fn handle_cast(&mut self, cast: <P as Protocol>::Cast, _: &mut Context<Self>) -> Flow {
        let mut out = Out::<C>::new(self.form);
        P::put_cast(&cast, &mut out).unwrap();
        let bytes = out.into_bytes();
        match self
            .far
            .cast(P::cast_tag(&cast), In::new(&bytes, self.form))
        {
            Err(DeliverError::Decode(error)) => self.unread.add(error),
            delivered => assert!(delivered.unwrap().is_none(), "no other sender fills it"),
        }
        Flow::Continue
    }
}
