//! Casts to all members of a group.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use super::Group;
use crate::handle::cast::Cast;
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::rt;

impl<P: Protocol + ?Sized> Group<P>
where
    P::Cast: Clone,
{
    /// Sends `cast` to every member of the group `name` without waiting, in join order, and returns the number of casts
    /// that were queued. A member whose mailbox is full is skipped and not counted; use
    /// [`broadcast_within`](Self::broadcast_within) to wait for capacity. A process that is a member twice receives the
    /// cast twice.
    ///
    /// The cast is cloned for each member: wrap large payloads in an [`Arc`](std::sync::Arc). The casts of a
    /// `#[gen_server]` are `Clone` if all their arguments are.
    pub fn broadcast(&self, name: &str, cast: P::Cast) -> usize {
        let members = self.row(name);
        let members = members.iter().flat_map(|row| row.iter());
        let sent = members.filter(|member| member.send(cast.clone()).now().is_ok());
        sent.count()
    }

    /// Sends `cast` to every member like [`broadcast`](Self::broadcast), but waits up to `time` for capacity in full
    /// mailboxes. Returns the number of casts that were queued. The waits run concurrently, so a full member does not
    /// delay the others, and the whole call waits no longer than `time`, counted from the first poll.
    ///
    /// A member that stays full or has ended is not counted. A member whose overflow policy is not `Wait` handles a full
    /// mailbox by that policy, without a wait.
    ///
    /// A process never waits for capacity in its own mailbox: if the calling process is a member and its mailbox is
    /// full, that member is skipped at once and not counted.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll sends nothing. Dropping it later withdraws the casts that are still
    /// waiting for capacity; the others are sent.
    ///
    /// ```
    /// use ambit::group::Group;
    /// use ambit::prelude::*;
    /// use std::time::Duration;
    /// #[ambit::main]
    /// async fn main() {
    ///     let rooms: Group<String> = Group::new();
    ///     let reader = ambit::spawn(|mut inbox: Inbox<String>| async move { inbox.recv().await; });
    ///     rooms.join("lobby", &reader).unwrap();
    ///     let time = Duration::from_secs(1);
    ///     assert_eq!(rooms.broadcast_within("lobby", "hello".into(), time).await, 1);
    /// }
    /// ```
    pub async fn broadcast_within(&self, name: &str, cast: P::Cast, time: Duration) -> usize {
        let sent = self.send_within(name, cast, time).await;
        // Without full members, it has not waited: a loop of broadcasts lets other tasks run.
        rt::consume_budget().await;
        sent
    }

    async fn send_within(&self, name: &str, cast: P::Cast, time: Duration) -> usize {
        let Some(members) = self.row(name) else {
            return 0;
        };
        let (mut sent, waiting) = begin(&members, cast, time).await;
        for cast in waiting {
            sent += usize::from(cast.await.is_ok());
        }
        sent
    }
}

/// Sends the cast to members with capacity, which are counted, and queues it in the wait lists of the others.
/// All of them get it in one poll, whatever the coop budget.
async fn begin<P>(
    members: &[Subject<P>],
    cast: P::Cast,
    time: Duration,
) -> (usize, Vec<Cast<'_, P>>)
where
    P: Protocol<Cast: Clone> + ?Sized,
{
    let mut sent = 0;
    let mut waiting = Vec::new();
    poll_fn(move |cx| {
        for member in members {
            let mut cast = member.send(cast.clone()).timeout(time);
            match pin!(rt::unconstrained(&mut cast)).poll(cx) {
                Poll::Ready(outcome) => sent += usize::from(outcome.is_ok()),
                Poll::Pending => waiting.push(cast),
            }
        }
        Poll::Ready((sent, std::mem::take(&mut waiting)))
    })
    .await
}
