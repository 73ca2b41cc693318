//! The servers and functions of the nodes.

use std::time::Duration;

use ambit::prelude::*;
use ambit::rpc;
use ambit_dist::Node;

/// Exposes all servers and functions of this module.
pub(crate) fn expose(node: &Node) {
    node.expose::<Log>();
    node.expose::<Brief>();
    node.expose::<Slow>();
    node.expose_rpc::<area>();
    node.expose_rpc::<fails>();
    node.expose_rpc::<waits>();
    node.expose_rpc::<tells_who>();
    node.expose_rpc::<double_after>();
    node.expose_rpc::<nested>();
}

/// Records the numbers that it receives.
pub(crate) struct Log {
    heard: Vec<u64>,
    kept: Vec<ReplyTo<u64>>,
    known: Vec<LogSubject>,
    met: Vec<Pid>,
}

#[gen_server(remote = "cases.log")]
impl Log {
    #[init]
    pub(crate) fn new() -> Self {
        Self {
            heard: Vec::new(),
            kept: Vec::new(),
            known: Vec::new(),
            met: Vec::new(),
        }
    }

    #[call]
    pub(crate) fn ping(&self) -> u64 {
        7
    }

    #[cast]
    pub(crate) fn note(&mut self, number: u64) {
        self.heard.push(number);
    }

    #[call]
    pub(crate) fn ask(&mut self, number: u64) -> u64 {
        self.heard.push(number);
        number
    }

    #[call]
    pub(crate) fn heard(&self) -> Vec<u64> {
        self.heard.clone()
    }

    /// Answers on request.
    #[call(deferred)]
    pub(crate) fn keep(&mut self, reply: ReplyTo<u64>) {
        self.kept.push(reply);
    }

    /// Returns the number of pending calls, and how many of their callers no longer wait.
    #[call]
    pub(crate) fn kept(&self) -> (usize, usize) {
        let gone = self.kept.iter().filter(|reply| reply.is_closed());
        (self.kept.len(), gone.count())
    }

    #[cast]
    pub(crate) fn answer_all(&mut self) {
        self.kept.drain(..).for_each(|reply| {
            reply.send(1);
        });
    }

    /// Returns the length of its argument.
    #[call]
    pub(crate) fn weigh(&self, bytes: Vec<u8>) -> usize {
        bytes.len()
    }

    #[cast]
    pub(crate) fn swallow(&self, bytes: Vec<u8>) {
        drop(bytes);
    }

    #[call]
    pub(crate) fn crash(&self) -> u64 {
        panic!("asked to")
    }

    #[cast]
    pub(crate) fn end(&mut self, ctx: &mut Context<Self>) {
        ctx.stop(ExitReason::shutdown_with("asked to"));
    }

    #[cast]
    pub(crate) fn meet(&mut self, pid: Pid) {
        self.met.push(pid);
    }

    #[call]
    pub(crate) fn met(&self) -> Vec<Pid> {
        self.met.clone()
    }

    #[call]
    pub(crate) fn own_pid(&self, ctx: &Context<Self>) -> Pid {
        ctx.pid()
    }

    /// Returns its arguments.
    #[call]
    pub(crate) fn back(&self, pid: Pid, monitor: MonitorRef) -> (Pid, MonitorRef) {
        (pid, monitor)
    }

    #[call]
    pub(crate) fn know(&mut self, other: LogSubject) -> bool {
        let is_new = !self.known.contains(&other);
        self.known.push(other);
        is_new
    }

    #[call]
    pub(crate) fn known(&self) -> Vec<LogSubject> {
        self.known.clone()
    }
}

/// Succeeds in its init and stops with this reason before it handles a message.
pub(crate) struct Brief;

#[gen_server(remote = "cases.brief")]
impl Brief {
    #[init]
    pub(crate) fn new(ctx: &mut Context<Self>, reason: ExitReason) -> Self {
        ctx.continue_with(BriefContinue::End { reason });
        Self
    }

    #[continue_with]
    fn end(&mut self, ctx: &mut Context<Self>, reason: ExitReason) {
        ctx.stop(reason);
    }

    #[call]
    pub(crate) fn ping(&self) -> u64 {
        7
    }
}

/// Spends this time in its init.
pub(crate) struct Slow;

#[gen_server(remote = "cases.slow")]
impl Slow {
    #[init]
    pub(crate) async fn new(millis: u64) -> Self {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        Self
    }

    #[call]
    pub(crate) fn ping(&self) -> u64 {
        7
    }
}

#[rpc(name = "cases.area")]
pub(crate) async fn area(w: u64, h: u64) -> Result<u64, String> {
    w.checked_mul(h).ok_or_else(|| "too large".to_owned())
}

#[rpc(name = "cases.fails")]
pub(crate) async fn fails(text: String) -> u64 {
    panic!("{text}")
}

/// Never returns.
#[rpc(name = "cases.waits")]
pub(crate) async fn waits() -> u64 {
    std::future::pending().await
}

/// Reports its process to a server, and never returns.
#[rpc(name = "cases.tells_who")]
pub(crate) async fn tells_who(to: LogSubject) -> ExitReason {
    let own = ambit::self_pid().unwrap();
    let told = to.meet(own).await;
    drop(told);
    std::future::pending().await
}

/// Returns twice the number after this many milliseconds.
#[rpc(name = "cases.double_after")]
pub(crate) async fn double_after(number: u64, millis: u64) -> u64 {
    tokio::time::sleep(Duration::from_millis(millis)).await;
    number * 2
}

/// Returns the server's answer to a call from this node.
#[rpc(name = "cases.nested")]
pub(crate) async fn nested(to: LogSubject, crash: bool) -> Result<u64, CallError> {
    match crash {
        true => to.crash().await,
        false => to.ping().await,
    }
}
