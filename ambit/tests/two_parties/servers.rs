//! A server with a wire name, with one method per way to reply or to end.

use ambit::prelude::*;

use super::log::Log;
use super::parties::there;
use super::stage::Stage;

pub(crate) struct Rig {
    log: Log,
    value: u64,
    kept: Vec<ReplyTo<u64>>,
}

#[gen_server(remote = "two.rig", mailbox = 8)]
impl Rig {
    #[call]
    pub(crate) fn get(&self) -> u64 {
        self.value
    }

    #[call]
    pub(crate) fn add(&mut self, by: u64) -> u64 {
        self.value += by;
        self.value
    }

    #[call]
    pub(crate) fn trace(&mut self, what: u64) -> u64 {
        self.log.add(format_args!("call {what}"));
        what
    }

    #[cast]
    pub(crate) fn note(&mut self, what: u64) {
        self.log.add(format_args!("cast {what}"));
    }

    #[cast]
    pub(crate) async fn note_slowly(&mut self, what: u64) {
        tokio::task::yield_now().await;
        self.log.add(format_args!("cast {what}"));
    }

    #[call(deferred)]
    pub(crate) fn keep(&mut self, reply: ReplyTo<u64>) {
        self.kept.push(reply);
    }

    /// Replies to all kept calls; returns how many callers were still waiting.
    #[call]
    pub(crate) fn answer_all(&mut self, value: u64) -> u64 {
        let kept = self.kept.drain(..);
        kept.filter_map(|reply| reply.send(value).then_some(1))
            .sum()
    }

    /// Returns the number of kept calls, and how many of them have no waiting caller.
    #[call]
    pub(crate) fn kept(&self) -> (u64, u64) {
        let closed = self.kept.iter().filter(|reply| reply.is_closed());
        (self.kept.len() as u64, closed.count() as u64)
    }

    #[call]
    pub(crate) async fn hang(&mut self) -> u64 {
        std::future::pending().await
    }

    #[call(deferred)]
    pub(crate) fn stop_silently(
        &mut self,
        ctx: &mut Context<Self>,
        reason: ExitReason,
        _reply: ReplyTo<u64>,
    ) {
        ctx.stop(reason);
    }

    #[call]
    pub(crate) fn stop_with_answer(&mut self, ctx: &mut Context<Self>, reason: ExitReason) -> u64 {
        ctx.stop(reason);
        self.value
    }

    #[call]
    pub(crate) async fn stop_slowly_with_answer(
        &mut self,
        ctx: &mut Context<Self>,
        reason: ExitReason,
    ) -> u64 {
        ctx.stop(reason);
        tokio::task::yield_now().await;
        self.value
    }

    #[cast]
    pub(crate) fn stop_by_cast(&mut self, reason: ExitReason) -> Flow {
        Flow::Stop(reason)
    }

    #[cast]
    pub(crate) async fn fail_by_cast(&mut self, reason: ExitReason) -> Result<(), ExitReason> {
        Err(reason)
    }

    #[call]
    pub(crate) fn explode(&mut self) -> u64 {
        self.value = 13;
        panic!("boom")
    }

    #[call]
    pub(crate) async fn explode_later(&mut self) -> u64 {
        self.value = 13;
        tokio::task::yield_now().await;
        panic!("boom")
    }

    #[terminate]
    async fn bye(&mut self, reason: &ExitReason) {
        tokio::task::yield_now().await;
        let value = self.value;
        self.log.add(format_args!("terminate({value}): {reason}"));
    }
}

/// Calls rigs on behalf of others.
pub(crate) struct Clerk;

#[gen_server(remote = "two.clerk")]
impl Clerk {
    /// Calls `add` of a rig, and returns the result.
    #[call]
    pub(crate) async fn add_to(&mut self, rig: RigSubject, by: u64) -> Result<u64, CallError> {
        rig.add(by).await
    }
}

/// Starts a local rig.
pub(crate) async fn rig_here() -> (RigSubject, Log) {
    let (log, value, kept) = (Log::new(), 7, Vec::new());
    let rig = Rig {
        log: log.clone(),
        value,
        kept,
    };
    (rig.start().await.unwrap(), log)
}

/// Starts a remote rig: returns its local handle, its handle on its own side, and its log.
pub(crate) async fn rig_there(stage: &Stage) -> (RigSubject, RigSubject, Log) {
    let (own, log) = there(stage, rig_here()).await;
    (stage.bring(own.clone()).await, own, log)
}
