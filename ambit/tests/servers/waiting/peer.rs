//! The server of these tests.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::oneshot;

use super::*;
use crate::support::lazily::lazily;

/// Blocks a handler until it receives a signal.
pub(super) struct Blocker(pub(super) Mutex<mpsc::Receiver<()>>);

/// Replies to some calls on request, and calls another peer.
#[derive(Default)]
pub(super) struct Peer {
    other: Option<PeerSubject>,
    stored: Option<Pending<u64>>,
    asked: Option<Pending<Answer>>,
    replies: Vec<ReplyTo<u64>>,
    heard: Option<Result<u64, CallError>>,
}

pub(super) type Answer = Result<u64, CallError>;

#[gen_server]
impl Peer {
    #[call]
    pub(super) fn meet(&mut self, other: PeerSubject) {
        self.other = Some(other);
    }

    /// Async, so that it never runs inline: each call of it is a wait.
    #[call]
    pub(super) async fn value(&mut self) -> u64 {
        7
    }

    #[call(deferred)]
    pub(super) fn later(&mut self, reply: ReplyTo<u64>) {
        self.replies.push(reply);
    }

    /// Returns the number of calls that are not answered yet.
    #[call]
    pub(super) fn unanswered(&mut self) -> usize {
        self.replies.len()
    }

    #[call]
    pub(super) async fn send_back(&mut self) -> Answer {
        self.other.clone().unwrap().value().send().await
    }

    #[call]
    pub(super) fn answer(&mut self) {
        for reply in self.replies.drain(..) {
            reply.send(1);
        }
    }

    #[call]
    pub(super) async fn ask_back(&mut self) -> Answer {
        self.other.clone().unwrap().value().await
    }

    #[call]
    pub(super) async fn ask_by_name(&mut self) -> Answer {
        PeerSubject::named("peer").value().await
    }

    #[call]
    pub(super) async fn ask_when_available(&mut self) -> Answer {
        let peer = PeerSubject::named("peer").when_available();
        peer.value().await
    }

    #[call(deferred)]
    pub(super) async fn answer_and_ask_back(&mut self, reply: ReplyTo<u64>) {
        reply.send(1);
        self.heard = Some(self.other.clone().unwrap().value().await);
    }

    #[call]
    pub(super) fn heard(&mut self) -> Option<Answer> {
        self.heard.take()
    }

    #[call]
    pub(super) async fn ask_for_answer(&mut self) -> Answer {
        self.other.clone().unwrap().answer_and_ask_back().await
    }

    #[call]
    pub(super) async fn poll_once_and_store(&mut self) {
        let mut pending = self.other.clone().unwrap().later().send();
        assert_eq!(poll_once(&mut pending).await, None);
        self.stored = Some(pending);
    }

    /// Its later polls do not poll the stored call.
    #[call]
    pub(super) async fn give_up_for_now_and_sleep(&mut self) {
        let mut pending = self.other.clone().unwrap().later().send();
        tokio::select! {
            biased;
            _ = &mut pending => unreachable!("it is answered later"),
            () = tokio::time::sleep(ms(10)) => {}
        }
        self.stored = Some(pending);
        tokio::time::sleep(ms(100)).await;
    }

    /// Its wait ends with the time, and with it the handler.
    #[call]
    pub(super) async fn give_up_for_now(&mut self) {
        let mut pending = self.other.clone().unwrap().later().send();
        timeout(ms(10), &mut pending).await.unwrap_err();
        self.stored = Some(pending);
    }

    /// It gives up after 10 ms, or if the channel is closed, and then awaits the answer all the same.
    #[call]
    pub(super) async fn wait_beside(&mut self, stop: Option<oneshot::Receiver<()>>) -> Answer {
        let other = self.other.clone().unwrap();
        let mut pending = other.ask_back_after(ms(5)).send();
        let stopped = async {
            match stop {
                Some(stop) => drop(stop.await),
                None => tokio::time::sleep(ms(10)).await,
            }
        };
        tokio::select! {
            biased;
            answer = &mut pending => return answer.unwrap(),
            () = stopped => {}
        }
        pending.await.unwrap_or_else(Err)
    }

    #[call]
    pub(super) async fn value_after(&mut self, time: Duration) -> u64 {
        tokio::time::sleep(time).await;
        7
    }

    /// Awaits the first answer of two peers; the first of them waits for this process. It wakes up after the time of the
    /// tick, and goes on waiting.
    #[call]
    pub(super) async fn ask_both(
        &mut self,
        third: PeerSubject,
        is_sent: bool,
        tick: Option<Duration>,
    ) -> Answer {
        let other = self.other.clone().unwrap();
        let ticks = async {
            if let Some(tick) = tick {
                tokio::time::sleep(tick).await;
            }
            std::future::pending().await
        };
        let asked = async {
            match is_sent {
                true => other.value().send().await,
                false => other.value().await,
            }
        };
        tokio::select! {
            biased;
            answer = asked => answer,
            answer = third.value_after(ms(20)) => answer,
            answer = ticks => answer,
        }
    }

    /// Awaits a process that asks this one and another one.
    #[call]
    pub(super) async fn ask_to_ask_both(
        &mut self,
        third: PeerSubject,
        is_sent: bool,
        tick: Option<Duration>,
    ) -> Answer {
        let other = self.other.clone().unwrap();
        other.ask_both(third, is_sent, tick).await?
    }

    /// Awaits two answers of a peer that waits for this process, and that of a third one.
    #[call]
    pub(super) async fn ask_three(&mut self, third: PeerSubject) -> [Answer; 3] {
        let other = self.other.clone().unwrap();
        let calls = (
            other.value().send(),
            other.value(),
            third.value_after(ms(20)),
        );
        tokio::join!(calls.0, calls.1, calls.2).into()
    }

    /// Awaits two calls of a peer that waits for this process, one of them only until so many polls after a while.
    #[call]
    pub(super) async fn give_one_of_two_up(&mut self, polls: usize) -> Answer {
        let other = self.other.clone().unwrap();
        let (mut kept, mut pending) = (other.value().send(), Some(other.value().send()));
        let (mut time, mut left) = (Box::pin(tokio::time::sleep(ms(10))), polls);
        poll_fn(|cx| {
            if let Some(pending) = &mut pending {
                assert_eq!(Pin::new(pending).poll(cx), Poll::Pending);
            }
            let answer = Pin::new(&mut kept).poll(cx);
            if time.is_elapsed() || time.as_mut().poll(cx).is_ready() {
                pending.take_if(|_| left == 0);
                left = left.saturating_sub(1);
            }
            answer
        })
        .await
    }

    #[call]
    pub(super) async fn ask_to_give_up(&mut self, polls: usize) -> Answer {
        let other = self.other.clone().unwrap();
        other.give_one_of_two_up(polls).await?
    }

    #[call]
    pub(super) async fn ask_to_ask_three(
        &mut self,
        third: PeerSubject,
    ) -> Result<[Answer; 3], CallError> {
        self.other.clone().unwrap().ask_three(third).await
    }

    /// Gives up a process that asks this one twice, and a third one, after this time; returns its number of polls.
    #[call]
    pub(super) async fn count_polls_of_three(
        &mut self,
        third: PeerSubject,
        time: Duration,
    ) -> usize {
        let other = self.other.clone().unwrap();
        let mut polls = 0;
        let mut pending = other.ask_three(third).send();
        let counted = poll_fn(|cx| {
            polls += 1;
            Pin::new(&mut pending).poll(cx)
        });
        timeout(time, counted).await.unwrap_err();
        polls
    }

    /// Awaits a process that asks this one beside a ticker, and goes on.
    #[call]
    pub(super) async fn ask_to_wait(&mut self) -> Result<(), CallError> {
        self.other.clone().unwrap().wait_for_ticks().await
    }

    #[call]
    pub(super) async fn wait_for_ticks(&mut self) {
        let mut pending = self.other.clone().unwrap().value().send();
        for _ in 0..5 {
            timeout(ms(4), &mut pending).await.unwrap_err();
        }
        self.stored = Some(pending);
    }

    /// Gives the call up after this time; returns true if it failed before.
    #[call]
    pub(super) async fn count_polls(&mut self, polls: Arc<AtomicUsize>, time: Duration) -> bool {
        let mut pending = self.other.clone().unwrap().value().send();
        let counted = poll_fn(|cx| {
            polls.fetch_add(1, Ordering::Relaxed);
            Pin::new(&mut pending).poll(cx)
        });
        matches!(timeout(time, counted).await, Ok(Err(_)))
    }

    /// It wakes up now and then while it waits, and goes on without the answer in the end.
    #[call]
    pub(super) async fn wait_with_ticks(&mut self) {
        let other = self.other.clone().unwrap();
        let mut pending = other.ask_back_after(ms(5)).send();
        for _ in 0..5 {
            timeout(ms(4), &mut pending).await.unwrap_err();
        }
        self.asked = Some(pending);
    }

    #[call]
    pub(super) async fn await_asked(&mut self) -> Answer {
        self.asked.take().unwrap().await.unwrap_or_else(Err)
    }

    /// It wakes itself in each poll, and goes on without the answer in the end.
    #[call]
    pub(super) async fn wait_and_wake_itself(&mut self) {
        let other = self.other.clone().unwrap();
        let mut pending = other.ask_back().send();
        let mut polls = 0;
        poll_fn(|cx| {
            polls += 1;
            assert_eq!(Pin::new(&mut pending).poll(cx), Poll::Pending);
            cx.waker().wake_by_ref();
            match polls {
                0..200 => Poll::Pending,
                _ => Poll::Ready(()),
            }
        })
        .await;
        self.asked = Some(pending);
    }

    /// Its wait is over with its next poll.
    #[call]
    pub(super) async fn poll_once_and_yield(&mut self) {
        let mut pending = self.other.clone().unwrap().value().send();
        poll_once(&mut pending).await;
        tokio::task::yield_now().await;
    }

    #[call]
    pub(super) async fn poll_the_stored_and_sleep(&mut self) {
        let pending = self.stored.as_mut().unwrap();
        assert_eq!(poll_once(pending).await, None);
        tokio::time::sleep(ms(100)).await;
    }

    /// It gives the call up in the poll that begins it.
    #[call]
    pub(super) async fn give_up_at_once_and_sleep(&mut self) {
        let mut pending = self.other.clone().unwrap().later().send();
        tokio::select! {
            biased;
            _ = &mut pending => unreachable!("it is answered later"),
            () = std::future::ready(()) => {}
        }
        tokio::time::sleep(ms(100)).await;
        self.stored = Some(pending);
    }

    /// The set that holds the call is not polled again.
    #[call]
    pub(super) async fn give_up_a_set_and_sleep(&mut self) {
        let mut set = lazily(self.other.clone().unwrap().later().send());
        timeout(ms(10), &mut set).await.unwrap_err();
        tokio::time::sleep(ms(100)).await;
        drop(set);
    }

    /// Like [`give_up_a_set_and_sleep`](Self::give_up_a_set_and_sleep), and then awaits the set.
    #[call]
    pub(super) async fn give_up_a_set_and_await_it(&mut self) -> Answer {
        let mut set = lazily(self.other.clone().unwrap().later().send());
        timeout(ms(10), &mut set).await.unwrap_err();
        tokio::time::sleep(ms(100)).await;
        set.await
    }

    #[call]
    pub(super) async fn await_with_fresh_wakers(&mut self) -> Answer {
        with_fresh_wakers(self.other.clone().unwrap().later().send()).await
    }

    #[call]
    pub(super) async fn ask_back_with_fresh_wakers(&mut self) -> Answer {
        let other = self.other.clone().unwrap();
        with_fresh_wakers(Box::pin(other.value())).await
    }

    #[call]
    pub(super) async fn give_up_and_block(&mut self, blocker: Blocker) {
        let mut pending = self.other.clone().unwrap().later().send();
        assert_eq!(poll_once(&mut pending).await, None);
        let blocked = tokio::task::block_in_place(|| blocker.0.lock().unwrap().recv());
        blocked.unwrap();
        self.stored = Some(pending);
    }

    #[call]
    pub(super) async fn ask_back_within(&mut self, time: Duration) -> Answer {
        self.other.clone().unwrap().value().timeout(time).await
    }

    #[call]
    pub(super) async fn leave_it_to_a_task_and_sleep(&mut self) {
        let mut pending = self.other.clone().unwrap().later().send();
        assert_eq!(poll_once(&mut lazily(&mut pending)).await, None);
        tokio::spawn(pending);
        tokio::time::sleep(ms(100)).await;
    }

    /// Looks at the answer, as `now_or_never` of `futures` does.
    #[call]
    pub(super) async fn look_and_sleep(&mut self) {
        let mut pending = self.other.clone().unwrap().later().send();
        let looked = Pin::new(&mut pending).poll(&mut Cx::from_waker(Waker::noop()));
        assert_eq!(looked, Poll::Pending);
        self.stored = Some(pending);
        tokio::time::sleep(ms(100)).await;
    }

    #[call]
    pub(super) async fn await_stored(&mut self) -> Answer {
        self.stored.as_mut().unwrap().await
    }

    #[call]
    pub(super) async fn await_lazily(&mut self) -> Answer {
        lazily(self.other.clone().unwrap().later().send()).await
    }

    /// Polls the wait outside the set, or in another one, before it awaits it in the set.
    #[call]
    pub(super) async fn await_in_a_set(&mut self, was_in_set: bool) -> Answer {
        let mut pending = self.other.clone().unwrap().later().send();
        let early = match was_in_set {
            true => poll_once(&mut lazily(&mut pending)).await,
            false => poll_once(&mut pending).await,
        };
        assert_eq!(early, None);
        lazily(pending).await
    }

    #[call]
    pub(super) async fn await_both(&mut self, third: PeerSubject) -> (Answer, Answer) {
        let other = self.other.clone().unwrap();
        tokio::join!(other.later(), third.later())
    }

    #[call]
    pub(super) async fn ask_back_after(&mut self, time: Duration) -> Answer {
        tokio::time::sleep(time).await;
        self.other.clone().unwrap().value().await
    }

    /// The other peer calls this one back; with `is_sent`, it waits after it has sent the call. Each poll goes on for a
    /// while after it has polled the call.
    #[call]
    pub(super) async fn ask_to_be_asked(
        &mut self,
        poll: Duration,
        is_sent: bool,
    ) -> Result<Answer, CallError> {
        let other = self.other.as_ref().unwrap();
        let asked = async {
            match is_sent {
                true => other.send_back().await,
                false => other.ask_back().await,
            }
        };
        let slow = poll_fn(|_| {
            std::thread::sleep(poll);
            Poll::<()>::Pending
        });
        tokio::select! {
            biased;
            answer = asked => answer,
            () = slow => unreachable!("it is never ready"),
        }
    }

    #[call]
    pub(super) async fn block_for_answer(&mut self) -> Answer {
        let other = self.other.clone().unwrap();
        tokio::task::block_in_place(|| other.later().blocking())
    }

    /// The poll that has blocked its thread is not the last one.
    #[call]
    pub(super) async fn block_for_answer_and_sleep(&mut self) -> Answer {
        let other = self.other.clone().unwrap();
        let runtime = tokio::runtime::Handle::current();
        let answer = tokio::task::block_in_place(|| runtime.block_on(other.later()));
        tokio::time::sleep(ms(1)).await;
        answer
    }

    /// The answer ends both waits.
    #[call]
    pub(super) async fn block_beside_another_wait(&mut self) -> Answer {
        let other = self.other.clone().unwrap();
        let (one, two) = tokio::join!(other.later(), async {
            tokio::task::block_in_place(|| other.later().blocking())
        });
        one.and(two)
    }

    /// Waits for the answer of a third peer too.
    #[call]
    pub(super) async fn block_for_both(&mut self, third: PeerSubject) -> Answer {
        let other = self.other.clone().unwrap();
        let both = async { tokio::join!(third.later(), other.value()).1 };
        let runtime = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| runtime.block_on(both))
    }

    #[call]
    pub(super) async fn block_and_ask_back(&mut self) -> Answer {
        let other = self.other.clone().unwrap();
        tokio::task::block_in_place(|| other.value().timeout(ms(20_000)).blocking())
    }
}
