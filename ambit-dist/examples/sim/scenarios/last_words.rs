//! The end of a process arrives after its last message.

use std::time::Duration;

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
) -> (Process, mpsc::UnboundedReceiver<InboxEvent<u64>>) {
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
    (Process::clone(&process), received)
}

/// The same as [`listener`], with a small mailbox, in which the words wait.
struct SlowListener {
    forward: mpsc::UnboundedSender<InboxEvent<u64>>,
}

#[gen_server(mailbox = 4)]
impl SlowListener {
    #[cast]
    async fn listen(&mut self, ctx: &mut Context<Self>, journal: JournalSubject, words: u64) {
        ctx.trap_exits(true);
        ctx.monitor(&journal);
        ctx.link(&journal).ok();
        let asked = journal.say(words, ctx.recipient()).await;
        always!(
            asked.is_ok(),
            "a quiet network accepts every cast",
            "{asked:?}"
        );
    }

    #[info]
    async fn on_word(&mut self, word: u64) {
        tokio::time::sleep(Duration::from_millis(5)).await;
        self.forward.send(InboxEvent::Message(word)).ok();
    }

    #[info]
    fn on_exit(&mut self, exit: Exit) {
        self.forward.send(InboxEvent::Exit(exit)).ok();
    }

    #[info]
    fn on_down(&mut self, down: Down) {
        self.forward.send(InboxEvent::Down(down)).ok();
    }
}

async fn slow_listener(
    journal: JournalSubject,
    words: u64,
) -> (Process, mpsc::UnboundedReceiver<InboxEvent<u64>>) {
    let (forward, received) = mpsc::unbounded_channel();
    let listener = SlowListener { forward }.start().await.unwrap();
    listener.listen(journal, words).await.unwrap();
    (Process::clone(&listener), received)
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
                for round in 0..20 {
                    let journal = node.on("s").start::<Journal>(()).await.unwrap();
                    let words = rng.below(40);
                    let outside = journal.monitor();
                    let (process, mut received) = match round % 2 {
                        0 => listener(journal, words),
                        _ => slow_listener(journal, words).await,
                    };
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
