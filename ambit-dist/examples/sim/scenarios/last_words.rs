//! The end of a process arrives after its last message.

use ambit::prelude::*;
use ambit::process::InboxEvent;
use ambit_dist::sim::{Scenario, always, sometimes};
use tokio::sync::mpsc;

use super::board::LONG;
use super::journal::{Journal, JournalSubject};
use super::service::with;

/// Spawns a process that monitors and links a journal, asks it for `words` words, and forwards all that it receives.
fn listener(
    journal: JournalSubject,
    words: u64,
) -> (Subject<u64>, mpsc::UnboundedReceiver<InboxEvent<u64>>) {
    let (forward, received) = mpsc::unbounded_channel();
    let process = ambit::spawn(move |mut inbox: Inbox<u64>| async move {
        inbox.trap_exits(true);
        inbox.monitor(&journal);
        inbox.link(&journal).ok();
        // This process sends all three, so they arrive in this order.
        let asked = journal.say(words, inbox.recipient()).await;
        always!(
            asked.is_ok(),
            "a quiet network accepts every cast",
            "{asked:?}"
        );
        drop(journal);
        loop {
            forward.send(inbox.next().await).ok();
        }
    });
    (process, received)
}

pub(crate) const LAST_WORDS: Scenario = Scenario {
    name: "last-words",
    about: "the end of a process arrives after its last message, over links and monitors alike",
    build: |sim| {
        with(
            sim,
            |node| node.expose::<Journal>(),
            |host, node| async move {
                let mut rng = host.rng("words");
                for _ in 0..20 {
                    let journal = node.on("s").start::<Journal>(()).await.unwrap();
                    let words = rng.below(40);
                    let outside = journal.monitor();
                    let (process, mut received) = listener(journal, words);
                    for word in 1..=words {
                        let next = tokio::time::timeout(LONG, received.recv()).await;
                        let is_right = next == Ok(Some(InboxEvent::Message(word)));
                        always!(
                            is_right,
                            "an end arrives after the last message",
                            "{next:?} instead of {word} of {words}"
                        );
                    }
                    for _ in 0..2 {
                        let next = tokio::time::timeout(LONG, received.recv()).await;
                        let reason = match next {
                            Ok(Some(InboxEvent::Down(down))) => Some(down.reason),
                            Ok(Some(InboxEvent::Exit(exit))) => Some(exit.reason),
                            _ => None,
                        };
                        always!(
                            reason == Some(ExitReason::Shutdown),
                            "links and monitors report an end with the right reason",
                            "{reason:?}"
                        );
                    }
                    let outside = tokio::time::timeout(LONG, outside).await;
                    let reason = outside.ok().map(|down| down.reason);
                    always!(
                        matches!(reason, Some(ExitReason::Shutdown | ExitReason::NoProcess)),
                        "a monitor outside of processes is notified too",
                        "{reason:?}"
                    );
                    ambit::exit(&process, ExitReason::Kill);
                }
                sometimes!(host.lost() > 0, "datagrams are lost");
            },
        );
        sim.loss(0.05);
    },
};
