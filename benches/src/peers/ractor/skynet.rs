//! Skynet with ractor.

use ractor::{Actor, ActorProcessingErr, ActorRef};
use tokio::sync::oneshot;

use super::Ractor;
use crate::peers::Skynet;
use crate::workload::TEN;

/// The recipient of a sum.
pub(crate) enum Parent {
    Node(ActorRef<Sum>),
    Root(Option<oneshot::Sender<u64>>),
}

#[cfg_attr(feature = "ractor-cluster", derive(ractor_cluster::RactorMessage))]
pub(crate) enum Sum {
    Grow { first: u64, size: u64 },
    Part(u64),
}

struct Sky;

struct SkyState {
    parent: Parent,
    missing: u64,
    sum: u64,
}

impl Actor for Sky {
    type Msg = Sum;
    type State = SkyState;
    type Arguments = (Parent, u64, u64);

    async fn pre_start(
        &self,
        own: ActorRef<Sum>,
        (parent, first, size): Self::Arguments,
    ) -> Result<SkyState, ActorProcessingErr> {
        own.cast(Sum::Grow { first, size })?;
        Ok(SkyState {
            parent,
            missing: TEN,
            sum: 0,
        })
    }
    async fn handle(
        &self,
        own: ActorRef<Sum>,
        message: Sum,
        state: &mut SkyState,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Sum::Grow { first, size: 1 } => (state.sum, state.missing) = (first, 0),
            Sum::Grow { first, size } => {
                for child in 0..TEN {
                    let parent = Parent::Node(own.clone());
                    let size = size / TEN;
                    Actor::spawn(None, Self, (parent, first + child * size, size)).await?;
                }
            }
            Sum::Part(part) => {
                state.sum += part;
                state.missing -= 1;
            }
        }
        if state.missing == 0 {
            match &mut state.parent {
                Parent::Node(parent) => parent.cast(Sum::Part(state.sum))?,
                Parent::Root(sender) => {
                    let sender = sender.take().expect("there is one sum");
                    let _ = sender.send(state.sum);
                }
            }
            own.stop(None);
        }
        Ok(())
    }
}

impl Skynet for Ractor {
    async fn skynet(leaves: u64) -> u64 {
        let (sender, sum) = oneshot::channel();
        let root = Parent::Root(Some(sender));
        let started = Actor::spawn(None, Sky, (root, 0, leaves)).await;
        started.expect("it starts");
        sum.await.expect("the sum comes")
    }
}
