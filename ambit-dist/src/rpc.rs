//! Functions that other nodes may call.

use std::any::Any;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use ambit::System;
use ambit::message::{
    AnswerAs, AnswerError, Answering, Clash, Contract, DecodeError, DeliverError, Exposed, In,
    Interface, Place, Rpc, Types,
};
use ambit::node::{Spoken, Theirs};

use crate::codec::any::AnyCodec;
use crate::remote::exports::Door;
use crate::remote::running::Running;
use crate::transport::BoxFuture;

/// The protocol by which a node is asked to call a function.
pub(crate) const RPC: &str = "ambit.rpc";

/// The function, as a method of the node.
pub(crate) fn spoken<R: Rpc>() -> Result<Spoken, Clash> {
    let mut types = Types::default();
    let interface = Interface {
        methods: vec![R::method(&mut types)],
    };
    let contract = Contract {
        protocols: BTreeMap::from([(RPC.to_owned(), interface)]),
        types: types.into_definitions()?,
    };
    Ok(Spoken::new(RPC, contract))
}

/// Calls `R` for other nodes: each call in a process of its own, which ends when nobody waits for it.
pub(crate) struct Function<R> {
    system: System,
    spoken: Arc<Spoken>,
    function: PhantomData<fn(R)>,
}

impl<R: Rpc> Function<R> {
    pub(crate) fn new(system: &System) -> Result<Self, Clash> {
        Ok(Self {
            system: system.clone(),
            spoken: Arc::new(spoken::<R>()?),
            function: PhantomData,
        })
    }

    pub(crate) fn door(self) -> Door {
        let spoken = self.spoken.clone();
        Door {
            exposed: Arc::new(self),
            spoken,
        }
    }
}

impl<R: Rpc> Exposed<AnyCodec> for Function<R> {
    fn as_any(&self) -> &dyn Any {
        &self.spoken
    }

    fn remote(&self) -> &'static str {
        RPC
    }

    fn interface(&self, types: &mut Types) -> Interface {
        Interface {
            methods: vec![R::method(types)],
        }
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
        let request = R::take(&mut input)?;
        input.finish()?;
        let running = Running::begin(&self.system, request.run());
        Ok(Answering::of(async move {
            let value = running.end().await.map_err(AnswerError::Call)?;
            Ok(answer.write(codec, &value)?)
        }))
    }

    fn cast(&self, method: u32, _: In<'_, AnyCodec>) -> Result<(), DeliverError> {
        Err(DeliverError::Decode(DecodeError::UnknownMethod {
            of: RPC,
            tag: method,
        }))
    }
}
