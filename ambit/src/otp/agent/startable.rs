//! How an agent is started, found by a name, and followed by its supervisor.

use std::task;

use super::Agent;
use super::server::{AgentJob, AgentServer, Init};
use crate::handle::child_ref::ChildRef;
use crate::handle::protocol::Protocol;
use crate::names::registered::{Found, Registered};
use crate::process::header::ProcessKind;
use crate::server::gen_server::{GenServer, ServerCell, ServerState};
use crate::server::launch::{ProcessSpec, launch};
use crate::server::options::ServerOptions;
use crate::server::run::run_init;
use crate::server::startable::{Launch, Settings, Startable};

impl<T: Send + 'static> Protocol for AgentServer<T> {
    type Call = AgentJob<T>;
    type Cast = AgentJob<T>;
    type Subject = Agent<T>;
    const NAME: &'static str = "Agent";
}

impl<T: Send + 'static> Startable for Agent<T> {
    type Handle = Self;
    type Args = Init<T>;

    fn __launch(
        args: Self::Args,
        settings: Settings<Self>,
        starter: Option<&mut task::Context<'_>>,
    ) -> Launch<Self> {
        let options: ServerOptions = AgentServer::<T>::OPTIONS;
        let process_spec = ProcessSpec {
            type_name: || <AgentServer<T> as Protocol>::NAME,
            kind: ProcessKind::Server { terminates: false },
            capacity: options.mailbox,
            overflow: options.overflow,
            has_init: true,
        };
        launch(
            settings,
            &process_spec,
            ServerState::<AgentServer<T>>::default(),
            Self::from,
            move |cell, init_guard| run_init::<AgentServer<T>>(cell, args, init_guard),
            starter,
        )
    }

    fn __follow(child: ChildRef) -> Self {
        child
            .follow::<AgentServer<T>, ServerCell<AgentServer<T>>>()
            .into()
    }
}

impl<T: Send + 'static> Registered for Agent<T> {
    type Handle = Self;

    fn __found(holder: &Found) -> Option<Self> {
        holder.subject::<AgentServer<T>>().map(Self::from)
    }
}
