//! A hand-written actor: a tokio task, an unbounded channel, a oneshot per call. ambit is compared with it.

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

enum Message {
    Get(oneshot::Sender<u64>),
    Add(u64),
}

/// A counter without any framework, and its only handle.
pub(crate) struct RawCounter {
    messages: mpsc::UnboundedSender<Message>,
    task: JoinHandle<()>,
}

impl RawCounter {
    pub(crate) fn start() -> Self {
        let (messages, mut inbox) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            let mut value = 0u64;
            while let Some(message) = inbox.recv().await {
                match message {
                    // A caller that dropped its receiver is ignored.
                    Message::Get(reply) => drop(reply.send(value)),
                    Message::Add(by) => value += by,
                }
            }
        });
        Self { messages, task }
    }

    pub(crate) async fn get(&self) -> u64 {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Get(reply));
        answer.await.expect("the task answers all it was asked")
    }

    pub(crate) fn add(&self, by: u64) {
        self.send(Message::Add(by));
    }

    /// Ends the task and waits for its end.
    pub(crate) async fn stop(self) {
        drop(self.messages);
        self.task.await.expect("the task does not panic");
    }

    fn send(&self, message: Message) {
        let sent = self.messages.send(message);
        assert!(sent.is_ok(), "the task runs as long as there is a handle");
    }
}
