//! Waits in sets that are polled again in the poll that has begun them.

use super::*;
use crate::support::lazily::lazily;

#[derive(Default)]
struct Member {
    other: Option<MemberSubject>,
    replies: Vec<ReplyTo<u64>>,
}

#[gen_server]
impl Member {
    #[call]
    fn meet(&mut self, other: MemberSubject) {
        self.other = Some(other);
    }

    /// Async, so that it never runs inline.
    #[call]
    async fn value(&mut self) -> u64 {
        7
    }

    #[call(deferred)]
    fn later(&mut self, reply: ReplyTo<u64>) {
        self.replies.push(reply);
    }

    #[call]
    fn answer(&mut self) {
        for reply in self.replies.drain(..) {
            reply.send(1);
        }
    }

    #[call]
    async fn ask_back(&mut self) -> Answer {
        self.other.clone().unwrap().value().await
    }

    /// Polls the wait outside the set, or in another one, before it awaits it in the set.
    #[call]
    async fn await_in_a_set(&mut self, was_in_set: bool) -> Answer {
        let mut pending = self.other.clone().unwrap().later().send();
        let early = match was_in_set {
            true => poll_once(&mut lazily(&mut pending)).await,
            false => poll_once(&mut pending).await,
        };
        assert_eq!(early, None);
        lazily(pending).await
    }

    #[call]
    async fn block_for_answer(&mut self) -> Answer {
        let other = self.other.clone().unwrap();
        tokio::task::block_in_place(|| other.later().blocking())
    }

    #[call]
    async fn block_for_both(&mut self, third: MemberSubject) -> Answer {
        let other = self.other.clone().unwrap();
        let both = async { tokio::join!(third.later(), other.value()).1 };
        let runtime = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| runtime.block_on(both))
    }
}

async fn members() -> (MemberSubject, MemberSubject) {
    let (one, two) = (Member::default().start(), Member::default().start());
    let (one, two) = (one.await.unwrap(), two.await.unwrap());
    one.meet(two.clone()).await.unwrap();
    two.meet(one.clone()).await.unwrap();
    (one, two)
}

async fn until_it_waits_for(process: &MemberSubject, count: usize) {
    while ambit::process_info(process).unwrap().waits_for.len() < count {
        tokio::task::yield_now().await;
    }
}

#[ambit::test]
async fn a_wait_that_enters_a_set_in_the_poll_that_begins_it_closes_a_cycle() {
    for was_in_set in [false, true] {
        let (one, two) = members().await;
        let waits = one.await_in_a_set(was_in_set).send();
        settle().await;
        let began = Instant::now();
        let pids = [two.pid(), one.pid(), two.pid()];
        assert_eq!(two.ask_back().await, cycle(&pids));
        assert_eq!(began.elapsed(), Duration::ZERO);
        two.answer().await.unwrap();
        assert_eq!(waits.await, Ok(Ok(1)));
    }
}

/// The second process also waits for a third one at first.
#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cycle_that_closes_between_two_blocked_threads_is_found() {
    let (one, two) = members().await;
    let third = Member::default().start().await.unwrap();
    let first = one.block_for_answer().into_owned().send();
    until_it_waits_for(&one, 1).await;
    let second = two.block_for_both(third.clone()).into_owned().send();
    until_it_waits_for(&two, 2).await;
    third.answer().await.unwrap();
    let second = second.await.unwrap();
    two.answer().await.unwrap();
    let answers = [first.await.unwrap(), second];
    let is_cycle = |answer: &&Answer| matches!(answer, Err(CallError::Cycle { .. }));
    assert_eq!(answers.iter().filter(is_cycle).count(), 1, "{answers:?}");
}
