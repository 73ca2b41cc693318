//! No message is missing within a session.

use ambit::prelude::*;
use ambit_dist::sim::{Scenario, SimRng, always, sometimes};

use super::board::SECOND;
use super::service::with;

/// Takes notes, which must be numbered from 1 without a gap.
pub(crate) struct Journal {
    last: u64,
}

#[gen_server(remote = "sim.journal")]
impl Journal {
    #[init]
    fn new() -> Self {
        Self { last: 0 }
    }

    #[cast]
    pub(crate) fn note(&mut self, number: u64, _page: Vec<u8>) {
        let last = self.last;
        always!(
            number == last + 1,
            "no message is missing within a session",
            "{number} comes after {last}"
        );
        self.last = number;
    }

    #[call]
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Sends `words` words, numbered from 1, and ends at once.
    #[cast]
    pub(crate) async fn say(&mut self, ctx: &mut Context<Self>, words: u64, to: Recipient<u64>) {
        for word in 1..=words {
            to.send(word).await.ok();
        }
        ctx.stop(ExitReason::Shutdown);
    }
}

/// Mostly a few bytes, and sometimes so many that they are sent in pieces.
fn page(rng: &mut SimRng) -> Vec<u8> {
    let length = match rng.below(20) {
        0 => rng.below(200_000),
        1..4 => rng.below(5_000),
        _ => rng.below(20),
    };
    vec![7; length as usize]
}

async fn write(mut rng: SimRng, journal: JournalSubject) {
    let many = 100 + rng.below(100);
    for number in 1..=many {
        let noted = journal.note(number, page(&mut rng)).no_timeout().await;
        always!(
            noted.is_ok(),
            "a quiet network accepts every cast",
            "{noted:?}"
        );
        if rng.below(10) == 0 {
            let last = journal.last().timeout(60 * SECOND).await;
            always!(
                last == Ok(number),
                "a call arrives after the casts before it",
                "{last:?} after {number}"
            );
        }
    }
    let last = journal.last().timeout(60 * SECOND).await;
    always!(last == Ok(many), "nothing is lost", "{last:?} of {many}");
}

pub(crate) const NO_GAPS: Scenario = Scenario {
    name: "no-gaps",
    about: "no cast of one process to another is missing while the connection lasts, over a network that loses and duplicates datagrams",
    build: |sim| {
        let board = with(
            sim,
            |node| node.expose::<Journal>(),
            |host, node| async move {
                let mut writers = Vec::new();
                for number in 0..3 {
                    let journal = node.on("s").start::<Journal>(()).await.unwrap();
                    let rng = host.rng(&format!("writer {number}"));
                    writers.push(tokio::task::spawn_local(write(rng, journal)));
                }
                for writer in writers {
                    writer.await.unwrap();
                }
                sometimes!(host.lost() > 0, "datagrams are lost");
            },
        );
        sim.client("judge", move |host| async move {
            while host.now() < 5 * SECOND {
                always!(board.losses("c", "s") == 0, "a slow connection is not lost");
                tokio::time::sleep(SECOND / 4).await;
            }
        });
        sim.loss(0.02).duplicates(0.02);
    },
};
