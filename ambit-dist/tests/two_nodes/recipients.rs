//! Recipients inside of messages: they accept one type of message for a process of another node.

use ambit::error::CastError;
use ambit::prelude::*;
use ambit::process::ExitReason;

use crate::two_nodes::pair::{Pair, pair};

/// A report sent through a recipient.
#[derive(Clone, Debug, Message, PartialEq)]
#[message(name = "test.report")]
pub(crate) struct Report {
    from: String,
    number: u64,
}

/// The recipients of reports and numbers.
#[derive(Clone, Debug, Message)]
#[message(name = "test.order")]
pub(crate) struct Order {
    to: Recipient<Report>,
    more: Vec<Recipient<u64>>,
}

/// Keeps recipients, sends to them, and returns them.
pub(crate) struct Reporter {
    name: String,
    to: Vec<Recipient<Report>>,
}

#[gen_server(remote = "test.reporter")]
impl Reporter {
    #[init]
    fn new(name: String) -> Self {
        let to = Vec::new();
        Self { name, to }
    }

    #[call]
    async fn subscribe(&mut self, to: Recipient<Report>) -> Result<(), String> {
        let from = self.name.clone();
        let report = Report { from, number: 0 };
        self.to.push(to.clone());
        to.send(report).await.map_err(|error| error.to_string())
    }

    #[call]
    async fn order(&mut self, order: Order) -> bool {
        let mut sent = true;
        for (to, number) in order.more.iter().zip(1..) {
            sent &= to.send(number).await.is_ok();
        }
        self.to.push(order.to);
        sent
    }

    #[call]
    fn subscribers(&self) -> Vec<Recipient<Report>> {
        self.to.clone()
    }

    #[call]
    async fn flood(&self, count: u64) -> Result<(), String> {
        for number in 1..=count {
            let report = Report {
                from: self.name.clone(),
                number,
            };
            let sent = self.to[0].send(report).await;
            sent.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// Collects messages through infos only; its mailbox holds two.
#[derive(Default)]
pub(crate) struct Collector {
    reports: Vec<Report>,
    numbers: Vec<u64>,
    waiting: Option<(usize, ReplyTo<()>)>,
}

#[gen_server(remote = "test.collector", mailbox = 2)]
impl Collector {
    #[init]
    fn new() -> Self {
        Self::default()
    }

    #[info]
    async fn on_report(&mut self, report: Report) {
        tokio::task::yield_now().await;
        self.reports.push(report);
        self.look();
    }

    #[info]
    fn on_number(&mut self, number: u64) {
        self.numbers.push(number);
        self.look();
    }

    /// Answers once this many messages of both types have arrived.
    #[call(deferred)]
    fn has(&mut self, least: usize, reply: ReplyTo<()>) {
        self.waiting = Some((least, reply));
        self.look();
    }

    fn look(&mut self) {
        let count = self.reports.len() + self.numbers.len();
        if let Some((_, reply)) = self.waiting.take_if(|(least, _)| *least <= count) {
            reply.send(());
        }
    }

    #[call]
    fn reports(&self) -> Vec<Report> {
        self.reports.clone()
    }

    #[call]
    fn numbers(&self) -> Vec<u64> {
        self.numbers.clone()
    }

    /// Returns a recipient of its own.
    #[call]
    fn mine(&self, ctx: &Context<Self>) -> Recipient<u64> {
        ctx.recipient()
    }
}

async fn reporter(pair: &Pair) -> ReporterSubject {
    pair.far.expose::<Reporter>();
    let far = pair.near.on("far");
    far.start::<Reporter>(("far".to_owned(),)).await.unwrap()
}

#[ambit::test(real_time)]
async fn a_recipient_is_written_to_from_another_node() {
    let pair = pair().await;
    let reporter = reporter(&pair).await;
    let collector = Collector::start().await.unwrap();
    assert_eq!(reporter.subscribe(collector.recipient()).await, Ok(Ok(())));
    let order = Order {
        to: collector.recipient(),
        more: vec![collector.recipient(), collector.recipient()],
    };
    assert_eq!(reporter.order(order).await, Ok(true));
    collector.has(3).await.unwrap();
    let from = "far".to_owned();
    let first = Report {
        from: from.clone(),
        number: 0,
    };
    assert_eq!(collector.reports().await, Ok(vec![first]));
    assert_eq!(collector.numbers().await, Ok(vec![1, 2]));
    // Back on its node it is equal to the original.
    let back = reporter.subscribers().await.unwrap();
    assert_eq!(back.len(), 2);
    for back in back {
        assert_eq!(back.pid(), collector.pid());
        back.send(Report {
            from: "home".to_owned(),
            number: 9,
        })
        .await
        .unwrap();
    }
    assert_eq!(collector.reports().await.unwrap().len(), 3);
}

#[ambit::test(real_time)]
async fn messages_to_a_recipient_wait_for_capacity_and_keep_their_order() {
    let pair = pair().await;
    let reporter = reporter(&pair).await;
    let collector = Collector::start().await.unwrap();
    reporter
        .subscribe(collector.recipient())
        .await
        .unwrap()
        .unwrap();
    let flooded = reporter.flood(5_000).no_timeout().await;
    assert_eq!(flooded, Ok(Ok(())));
    collector.has(5_001).no_timeout().await.unwrap();
    let reports = collector.reports().await.unwrap();
    let numbers = reports.iter().map(|report| report.number);
    assert!(numbers.eq(0..=5_000));
}

#[ambit::test(real_time)]
async fn a_recipient_of_a_plain_process_delivers_and_fails_after_its_exit() {
    let pair = pair().await;
    let reporter = reporter(&pair).await;
    let plain = ambit::spawn(|mut inbox: Inbox<Report>| async move {
        let first = inbox.recv().await.map(|report| report.number);
        assert_eq!(first, Some(0));
    });
    reporter
        .subscribe(plain.recipient())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(plain.closed().await, ExitReason::Normal);
    // The process has ended: a sender receives an error, at once or at the next message.
    let error = loop {
        match reporter.flood(1).await.unwrap() {
            Ok(()) => tokio::task::yield_now().await,
            Err(error) => break error,
        }
    };
    assert_eq!(error, CastError::NoProcess.to_string());
}

#[ambit::test(real_time)]
async fn a_recipient_of_another_node_is_watched_and_never_waits_with_now() {
    let pair = pair().await;
    pair.far.expose::<Collector>();
    let far = pair.near.on("far");
    let collector = far.start::<Collector>(()).await.unwrap();
    let numbers = collector.mine().await.unwrap();
    numbers.send(1).now().unwrap();
    numbers.send(2).await.unwrap();
    collector.has(2).await.unwrap();
    assert_eq!(collector.numbers().await, Ok(vec![1, 2]));
    let monitor = numbers.process().monitor();
    collector.stop().await.unwrap();
    assert_eq!(monitor.await.reason, ExitReason::Normal);
    let gone = numbers.send(3).now();
    assert_eq!(gone, Err(CastError::NoProcess));
}

#[ambit::test(real_time)]
async fn a_recipient_travels_by_way_of_a_second_node_to_a_third() {
    let pair = pair().await;
    let third = pair.third("third").await;
    pair.far.connect(third.local_addr()).await.unwrap();
    third.expose::<Reporter>();
    let there = pair.near.on("third");
    let there = there.start::<Reporter>(("third".to_owned(),)).await;
    let (reporter, there) = (reporter(&pair).await, there.unwrap());
    let here = Collector::start().await.unwrap();
    let subscribed = reporter.subscribe(here.recipient()).await;
    assert_eq!(subscribed, Ok(Ok(())));
    // A recipient of this node that returns from the second and goes to the third.
    let own = reporter.subscribers().await.unwrap().remove(0);
    assert_eq!(there.subscribe(own).await, Ok(Ok(())));
    here.has(2).await.unwrap();
    let froms = here.reports().await.unwrap();
    let mut froms: Vec<_> = froms.iter().map(|report| report.from.as_str()).collect();
    froms.sort_unstable();
    assert_eq!(froms, ["far", "third"]);
    // A recipient of the second node, which this one passes on to the third.
    pair.far.expose::<Collector>();
    let far = pair.near.on("far");
    let collector = far.start::<Collector>(()).await.unwrap();
    let to = here.recipient();
    let more = vec![collector.mine().await.unwrap()];
    assert_eq!(there.order(Order { to, more }).await, Ok(true));
    collector.has(1).await.unwrap();
}
