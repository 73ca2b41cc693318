//! A third node holds handles that it received from another.

use ambit::prelude::*;
use ambit_dist::Node;
use ambit_dist::sim::{Host, Scenario, always, sometimes};

use super::board::{PORT, SECOND, connect, start};
use super::journal::{Journal, JournalSubject};
use super::service::with;

/// The host of the third node.
const THIRD: &str = "h";

/// Holds a handle that it received in a call.
pub(crate) struct Holder {
    held: Option<JournalSubject>,
    next: u64,
    ended: u64,
}

#[gen_server(remote = "sim.holder")]
impl Holder {
    #[init]
    fn new() -> Self {
        Self {
            held: None,
            next: 1,
            ended: 0,
        }
    }

    #[call]
    fn hold(&mut self, ctx: &mut Context<Self>, journal: JournalSubject) -> bool {
        ctx.monitor(&journal);
        self.held = Some(journal);
        true
    }

    /// Casts one note, and returns the last note of the journal after it.
    #[call]
    async fn note(&mut self) -> Option<u64> {
        let held = self.held.as_ref()?;
        held.note(self.next, vec![7; 100]).await.ok()?;
        self.next += 1;
        held.last().timeout(5 * SECOND).await.ok()
    }

    #[call]
    fn ended(&self) -> u64 {
        self.ended
    }

    #[info]
    fn down(&mut self, _down: Down) {
        self.ended += 1;
        self.held = None;
    }
}

/// Waits until the holder was notified of this many ends.
async fn ends(holder: &HolderSubject, expected: u64) {
    let mut ended = Ok(0);
    for _ in 0..50 {
        ended = holder.ended().timeout(5 * SECOND).await;
        if ended == Ok(expected) {
            break;
        }
        tokio::time::sleep(SECOND / 10).await;
    }
    // Another one would follow soon.
    tokio::time::sleep(2 * SECOND).await;
    let ended = match ended {
        Ok(_) => holder.ended().timeout(5 * SECOND).await,
        Err(error) => Err(error),
    };
    always!(
        ended == Ok(expected),
        "a third node is notified of an end once",
        "{ended:?}"
    );
}

async fn third(host: Host, node: Node) {
    let mut rng = host.rng("third");
    connect(&host, &node, THIRD).await;
    for _ in 0..3 {
        connect(&host, &node, "s").await;
        let journal = node.on("s").start::<Journal>(()).await.unwrap();
        // After an answer the server outlives the connection.
        let last = journal.last().timeout(10 * SECOND).await;
        always!(last == Ok(0), "a quiet network answers", "{last:?}");
        let holder = loop {
            match node.on(THIRD).start::<Holder>(()).await {
                Ok(holder) => break holder,
                Err(_) => tokio::time::sleep(SECOND / 4).await,
            }
        };
        let held = holder.hold(journal.clone()).timeout(10 * SECOND).await;
        always!(held == Ok(true), "a handle can be passed on", "{held:?}");
        let alone = rng.below(2) == 0;
        if alone {
            always!(node.disconnect("s").await, "a connection can be ended");
            sometimes!(true, "the node that passed the handle on is disconnected");
        }
        for number in 1..=10 {
            let last = holder.note().timeout(10 * SECOND).await;
            always!(
                last == Ok(Some(number)),
                "a third node uses the handle that it received",
                "{last:?} instead of {number}"
            );
        }
        connect(&host, &node, "s").await;
        ambit::exit(&journal, ExitReason::Kill);
        ends(&holder, 1).await;
        // The third node monitors a stopped process.
        let held = holder.hold(journal).timeout(10 * SECOND).await;
        always!(held == Ok(true), "a handle can be passed on", "{held:?}");
        ends(&holder, 2).await;
        ambit::exit(&holder, ExitReason::Kill);
    }
}

pub(crate) const THIRD_NODE: Scenario = Scenario {
    name: "third-node",
    about: "a third node holds handles that it received: they work without the node that passed them on, and their ends arrive",
    build: |sim| {
        let board = with(sim, |node| node.expose::<Journal>(), third);
        sim.host(THIRD, move |host| {
            let board = board.clone();
            async move {
                let node = start(&host, &board).await;
                while node.connect(host.address_of("s", PORT)).await.is_err() {
                    tokio::time::sleep(SECOND / 4).await;
                }
                // From now on a holder can reach the server.
                node.expose::<Holder>();
                std::future::pending::<()>().await;
                drop(node);
            }
        });
        sim.loss(0.01);
    },
};
