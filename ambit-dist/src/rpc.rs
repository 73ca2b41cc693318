//! Functions that other nodes may call.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use ambit::distribution::ProtocolBinding;
use ambit::message::{
    AnswerAs, AnswerError, Answering, Clash, Contract, DecodeError, In, Interface, Rpc, Types,
};
use ambit::system::System;

use crate::codecs::any::AnyCodec;
use crate::remote_processes::exports::ExportedSink;
use crate::remote_processes::request_task::RequestTask;
use crate::remote_processes::service::{self, NodeMethod};

/// The protocol of function calls to a node.
pub(crate) const RPC: &str = "ambit.rpc";

/// Returns the protocol binding with the function as its only method.
pub(crate) fn binding<R: Rpc>() -> Result<ProtocolBinding, Clash> {
    let mut types = Types::default();
    let interface = Interface {
        methods: vec![R::method(&mut types)],
    };
    let contract = Contract {
        protocols: BTreeMap::from([(RPC.to_owned(), interface)]),
        types: types.into_definitions()?,
    };
    Ok(ProtocolBinding::new(RPC, contract))
}

/// Calls `R` for other nodes. Each call runs in its own process, which ends when the caller stops waiting.
struct Function<R> {
    system: System,
    function: PhantomData<fn(R)>,
}

/// Returns the sink for calls of a function.
pub(crate) fn sink<R: Rpc>(system: &System) -> Result<ExportedSink, Clash> {
    let function = Function::<R> {
        system: system.clone(),
        function: PhantomData,
    };
    Ok(service::sink(binding::<R>()?, function))
}

impl<R: Rpc> NodeMethod for Function<R> {
    const PROTOCOL: &'static str = RPC;

    fn ask(
        &self,
        mut input: In<'_, AnyCodec>,
        answer: AnswerAs<AnyCodec>,
    ) -> Result<Answering, DecodeError> {
        let codec = input.codec();
        let request = R::take_arguments(&mut input)?;
        input.finish()?;
        let running = RequestTask::begin(&self.system, RPC, R::NAME, request.run());
        Ok(Answering::of(async move {
            let value = running.end().await.map_err(AnswerError::Call)?;
            Ok(answer.write(codec, &value)?)
        }))
    }
}
