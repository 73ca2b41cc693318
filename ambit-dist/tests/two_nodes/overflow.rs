//! Messages of another node for a full mailbox that does not let them wait.

use std::time::Duration;

use ambit::prelude::*;

use crate::two_nodes::pair::pair;

const SECOND: Duration = Duration::from_secs(1);

/// Handles one call at a time, and counts the messages that it has handled.
struct Rejecting(u64);

#[gen_server(remote = "test.rejecting", mailbox = 1, overflow = reject)]
impl Rejecting {
    #[init]
    fn new() -> Self {
        Self(0)
    }

    #[call]
    async fn serve(&mut self) {
        tokio::time::sleep(5 * SECOND).await;
        self.0 += 1;
    }

    #[cast]
    fn note(&mut self) {
        self.0 += 1;
    }

    #[call]
    fn handled(&self) -> u64 {
        self.0
    }
}

/// Like `Rejecting`, with another policy.
struct Dropping(u64);

#[gen_server(remote = "test.dropping", mailbox = 1, overflow = drop_newest)]
impl Dropping {
    #[init]
    fn new() -> Self {
        Self(0)
    }

    #[call]
    async fn serve(&mut self) {
        tokio::time::sleep(5 * SECOND).await;
        self.0 += 1;
    }

    #[cast]
    fn note(&mut self) {
        self.0 += 1;
    }

    #[call]
    fn handled(&self) -> u64 {
        self.0
    }
}

/// Fills the mailbox of a server, and sends it a call and a cast. Neither is accepted.
macro_rules! refuses {
    ($server:ident) => {
        let pair = pair().await;
        pair.far.expose::<$server>();
        let server = pair.near.on("far").start::<$server>(()).await.unwrap();
        let running = server.serve().no_timeout().send();
        tokio::time::sleep(SECOND).await;
        let queued = server.serve().no_timeout().send();
        tokio::time::sleep(SECOND).await;
        let refused = tokio::time::timeout(SECOND, server.serve().no_timeout()).await;
        assert_eq!(refused, Ok(Err(CallError::Full)));
        server.note().await.unwrap();
        assert_eq!((running.await, queued.await), (Ok(()), Ok(())));
        assert_eq!(server.handled().await, Ok(2));
    };
}

#[ambit::test]
async fn a_full_mailbox_rejects_messages_of_another_node() {
    refuses!(Rejecting);
}

#[ambit::test]
async fn a_full_mailbox_drops_the_newest_messages_of_another_node() {
    refuses!(Dropping);
}
