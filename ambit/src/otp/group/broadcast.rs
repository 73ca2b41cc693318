//! One cast to all members of a group.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use super::Group;
use crate::handle::cast::Cast;
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;

impl<P: Protocol + ?Sized> Group<P>
where
    P::Cast: Clone,
{
    /// Sends a cast to every member without waiting, in the order in which they joined, and returns to how many it went.
    /// A member without room does not get it and is not counted; with [`broadcast_within`](Self::broadcast_within) it
    /// would be waited for. A process that is a member twice gets it twice.
    ///
    /// The cast is cloned for each member: put what is large into an [`Arc`](std::sync::Arc). The casts of a
    /// `#[gen_server]` are `Clone` if all their arguments are.
    pub fn broadcast(&self, name: &str, cast: P::Cast) -> usize {
        let members = self.row(name);
        let members = members.iter().flat_map(|row| row.iter());
        let sent = members.filter(|member| member.send(cast.clone()).now().is_ok());
        sent.count()
    }

    /// As [`broadcast`](Self::broadcast), but waits for room where there is none, at most `time`. The members that have
    /// no room are waited for side by side, and hold up nobody who has.
    ///
    /// The process that waits must not be a member itself, unless it can be sure to have room.
    ///
    /// # Cancel safety
    /// Dropped while it waits, the casts that still wait for room are withdrawn; the others are sent.
    ///
    /// ```
    /// use ambit::Group;
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

/// Sends where there is room, which is counted, and takes a place in the wait list where there is none.
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
            match Pin::new(&mut cast).poll(cx) {
                Poll::Ready(outcome) => sent += usize::from(outcome.is_ok()),
                Poll::Pending => waiting.push(cast),
            }
        }
        Poll::Ready((sent, std::mem::take(&mut waiting)))
    })
    .await
}
