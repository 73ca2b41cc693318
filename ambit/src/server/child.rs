//! Servers as children: a handle that follows the child through its restarts.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::handle::child::ChildRef;
use crate::handle::following::Resolve;
use crate::handle::port::Port;
use crate::handle::subject::Subject;
use crate::process::body::Body;
use crate::process::world::InWorld;
use crate::rt::BoxFuture;
use crate::server::gen_server::{GenServer, Incoming};

/// Turns the place of a child into a handle of a server of type `S`.
struct ServerChild<S> {
    child: ChildRef,
    server: PhantomData<fn() -> S>,
}

impl<S> Clone for ServerChild<S> {
    fn clone(&self) -> Self {
        Self {
            child: self.child.clone(),
            server: PhantomData,
        }
    }
}

impl<S: GenServer> Resolve<S::Protocol> for ServerChild<S> {
    type Key = ChildRef;

    fn resolve(&self, child: &ChildRef) -> Option<Subject<S::Protocol>> {
        let holder = child.0.holder()?.as_any();
        let body = holder.downcast::<Body<Incoming<S>>>().ok()?;
        let port: Arc<dyn Port<S::Protocol>> = body;
        Some(Subject::fixed(port))
    }

    fn __changed(&self) -> Option<BoxFuture<'static, ()>> {
        self.child.0.changed()
    }

    fn __system(&self) -> Option<InWorld> {
        self.child.0.system()
    }

    fn __describe(child: &ChildRef) -> Option<String> {
        Some(child.0.describe())
    }
}

/// The server that is this child, whichever process that is at the moment.
pub(crate) fn follow<S: GenServer>(child: ChildRef) -> Subject<S::Protocol> {
    let server = PhantomData;
    let resolver = ServerChild::<S> {
        child: child.clone(),
        server,
    };
    Subject::following_key(resolver, child)
}
