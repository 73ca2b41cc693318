//! A server that takes snapshots at regular intervals, and reports their findings.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::exit_reason::ExitReason;
use crate::handle::protocol::{Message, Protocol};
use crate::handle::recipient::Recipient;
use crate::handle::subject::Subject;
use crate::inspect::finding::{Finding, Lint};
use crate::inspect::measuring::Measuring;
use crate::inspect::snapshot;
use crate::pid::Pid;
use crate::process::measure::SAMPLE;
use crate::process::system_inner::SystemInner;
use crate::server::context::Context;
use crate::server::gen_server::{Flow, GenServer, Incoming};
use crate::server::info_bounds::Handles;
use crate::server::start::{Start, start};
use crate::supervisor::spec::ChildSpec;

/// A message from a [`Watcher`] to its recipient: a finding has appeared or disappeared.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::inspect::{self, FindingChange, Lag, Lint, Watcher};
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<FindingChange>) {
///     let pid = inbox.pid();
///     let source = move || vec![Lag { source: "prices".into(), pid, behind: 2_000 }];
///     let _guard = inspect::add_lag_source(source).unwrap();
///     let _watcher = Watcher::builder().tell(inbox.recipient()).start().await.unwrap();
///     let Some(FindingChange::Found(finding)) = inbox.recv().await else { panic!("a finding was expected") };
///     assert_eq!(finding.lint, Lint::SubscriberLag);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindingChange {
    /// The finding exists, and the recipient has not been notified of it yet.
    Found(Finding),
    /// The finding no longer exists. It has the values that were sent with [`Found`](Self::Found).
    Over(Finding),
}

impl Message for FindingChange {}

/// A server that measures its system, takes snapshots of it at regular intervals, and reports changes of the findings.
/// New findings are logged with `warn!`, findings that have disappeared with `info!`; both are also sent to a recipient
/// if one is [set](WatcherBuilder::tell).
///
/// ```
/// use ambit::inspect::{FindingChange, Watcher};
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let alarms = ambit::spawn(|mut inbox: Inbox<FindingChange>| async move {
///         while let Some(change) = inbox.recv().await { println!("{change:?}"); }
///     });
///     let watcher = Watcher::builder().tell(alarms.recipient());
///     let app = Supervisor::builder().child(watcher.child_spec());
///     app.start().await.unwrap();
/// }
/// ```
pub struct Watcher {
    system: Arc<SystemInner>,
    tell: Option<Recipient<FindingChange>>,
    known: BTreeMap<Key, Finding>,
    /// The findings that the recipient was notified of. Differences from `known` are sent after a later snapshot.
    sent: BTreeMap<Key, Finding>,
    /// The last delivery failed, and the failure was logged.
    is_behind: bool,
    _measuring: Measuring,
}

/// The identity of a finding.
type Key = (Lint, Vec<Pid>, String);

/// A builder for a [`Watcher`], from [`Watcher::builder`].
///
/// ```
/// use ambit::inspect::{self, Watcher};
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main() {
///     let watcher = Watcher::builder().every(Duration::from_secs(10)).sample(1);
///     let _watcher = watcher.start().await.unwrap();
///     assert!(inspect::snapshot().measured, "it measures while it runs");
/// }
/// ```
#[derive(Clone)]
#[must_use = "a builder builds nothing by itself"]
pub struct WatcherBuilder {
    every: Duration,
    sample: u32,
    tell: Option<Recipient<FindingChange>>,
}

impl Watcher {
    /// Returns a builder for a watcher. By default, the watcher takes a snapshot every second, times one message in 64,
    /// and only logs its findings.
    pub fn builder() -> WatcherBuilder {
        WatcherBuilder {
            every: Duration::from_secs(1),
            sample: SAMPLE,
            tell: None,
        }
    }
}

impl WatcherBuilder {
    /// Sets the interval between snapshots: 1 s by default, at least 1 ms. Each snapshot reads all processes.
    pub fn every(mut self, every: Duration) -> Self {
        self.every = every;
        self
    }

    /// Sets the sampling rate: the watcher times one message in `sample`, as [`measure_every`](super::measure_every)
    /// does; 64 by default.
    pub fn sample(mut self, sample: u32) -> Self {
        self.sample = sample;
        self
    }

    /// Sends a [`FindingChange`] to `recipient` when a finding appears or disappears, in addition to logging it. If the
    /// recipient's mailbox is full, the watcher does not wait, but sends the change after a later snapshot, unless the
    /// finding has disappeared by then. By default, findings are only logged.
    pub fn tell(mut self, recipient: Recipient<FindingChange>) -> Self {
        self.tell = Some(recipient);
        self
    }

    /// Starts the watcher, which takes its first snapshot at once.
    ///
    /// # Errors
    /// Awaiting the returned future fails with the errors of every [`Start`], such as `NoRuntime` outside a tokio
    /// runtime.
    pub fn start(self) -> Start<Watcher> {
        start(self)
    }

    /// Returns the child spec of the watcher, for use under a supervisor.
    pub fn child_spec(self) -> ChildSpec<Watcher> {
        ChildSpec::from_fn(move || self.clone().start())
    }
}

/// The timer message that makes a watcher take a snapshot.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Tick;

impl Protocol for Watcher {
    type Call = Infallible;
    type Cast = Infallible;
    type Subject = Subject<Self>;
    const NAME: &'static str = "Watcher";
}

#[diagnostic::do_not_recommend]
impl Handles<Tick> for Watcher {
    fn into_info(tick: Tick) -> Tick {
        tick
    }
}

impl GenServer for Watcher {
    type Protocol = Self;
    type Args = WatcherBuilder;
    type Info = Tick;
    type Continue = Infallible;

    const TERMINATES: bool = false;

    async fn init(args: WatcherBuilder, ctx: &mut Context<Self>) -> Result<Self, ExitReason> {
        let system = ctx.cell().core.system.clone();
        ctx.send_every(args.every, Tick);
        let mut watcher = Self {
            _measuring: Measuring::begin(system.clone(), args.sample),
            system,
            tell: args.tell,
            known: BTreeMap::new(),
            sent: BTreeMap::new(),
            is_behind: false,
        };
        watcher.look();
        Ok(watcher)
    }

    fn handle_now(
        &mut self,
        message: Incoming<Self>,
        _: &mut Context<Self>,
    ) -> Result<Flow, Incoming<Self>> {
        match message {
            Incoming::Info(Tick) => self.look(),
            Incoming::Call(never) | Incoming::Cast(never) | Incoming::Continue(never) => {
                match never {}
            }
        }
        Ok(Flow::Continue)
    }

    fn method_of(_: &Incoming<Self>) -> &'static str {
        "look"
    }
}

impl Watcher {
    fn look(&mut self) {
        let (_, found) = snapshot::look(&self.system);
        let mut before = std::mem::take(&mut self.known);
        for finding in found {
            let key = (finding.lint, finding.pids.clone(), finding.who.clone());
            if before.remove(&key).is_none() {
                tracing::warn!(lint = %finding.lint, since = ?finding.since, "{finding}");
            }
            self.known.insert(key, finding);
        }
        for finding in before.into_values() {
            tracing::info!(lint = %finding.lint, who = finding.who, "it is over");
        }
        self.tell();
    }

    /// Sends the differences between `known` and `sent`, until the recipient has no capacity.
    fn tell(&mut self) {
        let Some(recipient) = &self.tell else { return };
        let found = self
            .known
            .iter()
            .filter(|(key, _)| !self.sent.contains_key(*key));
        let over = self
            .sent
            .iter()
            .filter(|(key, _)| !self.known.contains_key(*key));
        let found = found.map(|(key, finding)| (key, FindingChange::Found(finding.clone())));
        let over = over.map(|(key, finding)| (key, FindingChange::Over(finding.clone())));
        let news: Vec<_> = found
            .chain(over)
            .map(|(key, news)| (key.clone(), news))
            .collect();
        for (key, news) in news {
            let sent = recipient.send(news.clone()).now();
            if let Err(error) = sent {
                if !std::mem::replace(&mut self.is_behind, true) {
                    tracing::warn!(to = %recipient.pid(), %error, "the findings could not be sent yet");
                }
                return;
            }
            self.is_behind = false;
            match news {
                FindingChange::Found(finding) => drop(self.sent.insert(key, finding)),
                FindingChange::Over(_) => drop(self.sent.remove(&key)),
            }
        }
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher")
            .field("known", &self.known.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for WatcherBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatcherBuilder")
            .field("every", &self.every)
            .field("sample", &self.sample)
            .finish_non_exhaustive()
    }
}
