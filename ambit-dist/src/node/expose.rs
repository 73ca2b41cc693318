//! Exposing server types and functions to other nodes.

use std::any::type_name;

use ambit::message::{Clash, Rpc, tag};

use crate::node::Node;
use crate::remote_processes::exports::ExportedSink;
use crate::remote_processes::start::{self, Startable};
use crate::rpc;

impl Node {
    /// Exposes the server type `S`, so that other nodes can start servers of this type on this node. Only exposed types
    /// can be started remotely. A type stays exposed as long as the node runs.
    ///
    /// # Panics
    /// Panics if two types that the server uses have the same wire name, or if another server type with the wire name
    /// of `S`, the `remote` of its block, is already exposed.
    pub fn expose<S: Startable>(&self) {
        let sink = start::sink::<S>(&self.shared().node_context.system);
        self.expose_type::<S>(start::start_name::<S>(), sink);
    }

    /// Exposes the `#[rpc]` function `R` on this node. Other nodes can call only exposed functions.
    /// Exposing the same function again has no effect.
    ///
    /// # Panics
    /// Panics if two types that the function uses have the same wire name, or if another function with the wire name of
    /// `R` is already exposed. The wire name of a function is its name without the module; `#[rpc(name = "..")]` sets
    /// another.
    pub fn expose_rpc<R: Rpc>(&self) {
        let sink = rpc::sink::<R>(&self.shared().node_context.system);
        self.expose_type::<R>(R::NAME, sink);
    }

    fn expose_type<T: 'static>(&self, name: &str, sink: Result<ExportedSink, Clash>) {
        let sink = sink.unwrap_or_else(|clash| panic!("`{name}` cannot be exposed: {clash}"));
        let node_context = &self.shared().node_context;
        if let Err(other) = node_context.services.serve_type::<T>(tag(name), sink) {
            let own = type_name::<T>();
            panic!(
                "`{own}` cannot be exposed as `{name}`, which is the name of `{other}`: give it another name"
            );
        }
    }
}
