//! A member of a room, which receives messages; some members are slow.

use std::time::{Duration, Instant};

use ambit::prelude::*;

/// The time a slow member needs for a message.
const SLOW: Duration = Duration::from_millis(5);

/// A member with a longer average time per message is reported.
const TOO_SLOW: Duration = Duration::from_millis(2);

pub(crate) struct Member {
    is_slow: bool,
    heard: u32,
    busy: Duration,
    deepest: usize,
}

/// The result of a member.
pub(crate) struct Report {
    /// The number of messages that arrived in order, without a gap.
    pub(crate) heard: u32,
    pub(crate) is_slow: bool,
    /// The maximum length of its queue, measured by slow members only.
    pub(crate) deepest: usize,
}

#[gen_server(mailbox = 16)]
impl Member {
    #[init]
    pub(crate) fn new(is_slow: bool) -> Self {
        Self {
            is_slow,
            heard: 0,
            busy: Duration::ZERO,
            deepest: 0,
        }
    }

    #[cast]
    pub(crate) async fn hear(&mut self, #[ctx] ctx: &mut Context<Self>, number: u32) {
        let begun = Instant::now();
        if number == self.heard {
            self.heard += 1;
        }
        if self.is_slow {
            let waiting = ambit::process_info(ctx.pid()).map_or(0, |info| info.queued);
            self.deepest = self.deepest.max(waiting);
            tokio::time::sleep(SLOW).await;
        }
        self.busy += begun.elapsed();
    }

    #[call]
    pub(crate) fn report(&self) -> Report {
        Report {
            heard: self.heard,
            is_slow: self.busy > TOO_SLOW * self.heard,
            deepest: self.deepest,
        }
    }
}
