//! Questions to another node itself, and not to one of its processes.

use std::sync::Arc;
use std::time::Duration;

use crate::engine::reply;
use crate::error::CallError;
use crate::handle::pending::{Pending, Watch};
use crate::message::{Codec, EncodeError, Form, Out, Waiting, Wire};
use crate::node::far::Far;
use crate::node::gate::{Entry, NEVER_LEFT};
use crate::node::parcel::{Parcel, Request};
use crate::node::shadow::{Session, Shadow};
use crate::node::spoken::{Agreed, Spoken, Theirs};
use crate::process::core::ProcRef;
use crate::process::current;

/// A method of a node, and what it is asked with.
#[derive(Debug)]
pub struct Question<'a, C: Codec> {
    /// The node, as a process of itself.
    pub node: &'a Arc<Shadow<C>>,
    /// The protocol, as this node knows it.
    pub protocol: Arc<Spoken>,
    /// The tag of the method.
    pub method: u32,
    /// How long to wait; `None` for as long as it takes.
    pub timeout: Option<Duration>,
}

impl<C: Codec> Question<'_, C> {
    /// Asks now. What is asked is in the framed form, which both read whatever their versions.
    pub fn ask<R: Wire + 'static>(
        self,
        put: impl FnOnce(&mut Out<'_, C>) -> Result<(), EncodeError>,
    ) -> Pending<R> {
        let Some(session) = self.node.session() else {
            return Pending::failed(NEVER_LEFT);
        };
        let mut out = Out::with(session.codec(), Form::Framed)
            .limit(session.limit())
            .abroad(&*session);
        match put(&mut out) {
            Ok(()) => {}
            Err(EncodeError::TooLarge { limit }) => {
                return Pending::failed(CallError::TooLarge { limit });
            }
            Err(error) => {
                let why = error.to_string();
                return Pending::failed(CallError::Unsendable { why });
            }
        }
        let payload = out.into_bytes();
        self.send(&*session, payload)
    }

    fn send<R: Wire + 'static>(self, session: &dyn Session<C>, payload: Vec<u8>) -> Pending<R> {
        let (port, asked) = reply::question();
        // Something that is waited for, and not spoken to.
        let nothing = Arc::new(Theirs::new(String::new(), 0, String::new()));
        let far = Far::<(), C>::new(
            self.node.clone(),
            Agreed::new(self.protocol.clone(), nothing),
        );
        let process: ProcRef = Arc::new(far);
        let core = process.core();
        let deadline = self.timeout.map(|time| core.world.after(time));
        asked.sent_to(core.as_server(), deadline);
        let id = core.world.next_ref();
        let request = Request::new(asked.slot(), Waiting::of(port), core.world.clone());
        let parcel = Parcel {
            id,
            to: core.pid,
            from: current::pid(),
            protocol: self.protocol,
            method: self.method,
            form: Form::Framed,
            payload,
            request: Some(request),
            trace: None,
            ticket: None,
            accepted: None,
        };
        let parcel = parcel.within_trace(session, &core.world);
        self.node.wait(Entry::Parcel(parcel));
        let watch = Watch::new(process, &asked, deadline, Some(id));
        Pending::new(asked, watch)
    }
}
