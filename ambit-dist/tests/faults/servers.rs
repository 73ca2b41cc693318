//! The servers of these tests.

use std::time::Duration;

use ambit::prelude::*;
use tokio::time::{Instant, timeout_at};

use crate::held;

/// Receives numbers, and checks that they arrive in order and once.
pub(crate) struct Log {
    heard: u64,
    next: u64,
    in_order: bool,
    held: Vec<ReplyTo<u64>>,
}

#[gen_server(remote = "faults.log")]
impl Log {
    #[init]
    pub(crate) fn new() -> Self {
        Self {
            heard: 0,
            next: 0,
            in_order: true,
            held: Vec::new(),
        }
    }

    #[cast]
    pub(crate) fn note(&mut self, number: u64) {
        self.hear(number);
    }

    #[call]
    pub(crate) fn ask(&mut self, number: u64) -> u64 {
        self.hear(number);
        number
    }

    #[cast]
    pub(crate) fn keep(&mut self, number: u64, bytes: Vec<u8>) {
        // Only the size of the bytes matters.
        drop(bytes);
        self.hear(number);
    }

    /// Never answers.
    #[call(deferred)]
    pub(crate) fn hold(&mut self, reply: ReplyTo<u64>) {
        self.held.push(reply);
    }

    /// Returns the memory of this node, in bytes.
    #[call]
    pub(crate) fn held_here(&self) -> u64 {
        held()
    }

    /// Returns how many numbers arrived, the next expected one, and whether each was greater than those before.
    #[call]
    pub(crate) fn seen(&self) -> (u64, u64, bool) {
        (self.heard, self.next, self.in_order)
    }
}

impl Log {
    fn hear(&mut self, number: u64) {
        self.heard += 1;
        self.in_order &= number >= self.next;
        self.next = number + 1;
    }
}

/// Sends numbers to a log of another node.
pub(crate) struct Sender;

#[gen_server(remote = "faults.sender")]
impl Sender {
    #[init]
    pub(crate) fn new() -> Self {
        Self
    }

    /// Sends the numbers below `end`, every tenth as a call.
    #[call]
    pub(crate) async fn count(&mut self, to: LogSubject, end: u64) -> Result<(), String> {
        for number in 0..end {
            if number % 10 < 9 {
                to.note(number).await.map_err(|error| error.to_string())?;
                continue;
            }
            let answer = to.ask(number).no_timeout().await;
            if answer != Ok(number) {
                return Err(format!("{answer:?} to {number}"));
            }
        }
        Ok(())
    }

    /// Sends as many messages of this size as are accepted within this many milliseconds. Returns their number, and the
    /// maximum memory of this node in bytes during that time.
    #[call]
    pub(crate) async fn flood(
        &mut self,
        to: LogSubject,
        size: u64,
        millis: u64,
    ) -> Result<(u64, u64), String> {
        let mut most = 0;
        let end = Instant::now() + Duration::from_millis(millis);
        let bytes = vec![7; usize::try_from(size).map_err(|error| error.to_string())?];
        for number in 0.. {
            let cast = to.keep(number, bytes.clone()).no_timeout();
            most = most.max(held());
            match timeout_at(end, cast).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(error.to_string()),
                Err(_) => return Ok((number, most)),
            }
        }
        Ok((0, most))
    }
}
