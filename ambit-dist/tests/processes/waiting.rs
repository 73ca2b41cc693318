//! Messages from another node that wait in the full mailbox of their process.

use std::sync::Arc;
use std::time::Duration;

use ambit::error::Executed;
use ambit::message::{
    AnswerAs, AnswerError, Answering, DeliverError, DeliveryEnd, Exposed, Form, In, Out,
    WaitingDelivery, Wire, tag,
};
use ambit::prelude::*;
use ambit_dist::Bincode;
use tokio::sync::Semaphore;

/// Handles a message as soon as it gets a permit, and records its number.
struct Gate {
    permits: Arc<Semaphore>,
    handled: Vec<u64>,
}

/// The number that the end of a monitored process is recorded as.
const DOWN: u64 = 1_000;

#[gen_server(remote = "processes.gate", mailbox = 1)]
impl Gate {
    #[call]
    fn watch(&self, ctx: &mut Context<Self>, process: Pid) {
        ctx.monitor(process);
    }

    #[cast]
    async fn take(&mut self, number: u64) {
        self.handle(number).await;
    }

    #[call]
    async fn ask(&mut self, number: u64) -> u64 {
        self.handle(number).await;
        number
    }

    #[cast]
    fn blow(&self, _bomb: Bomb) {}

    #[call]
    fn blow_up(&self, _bomb: Bomb) {}

    #[call]
    fn handled(&self) -> Vec<u64> {
        self.handled.clone()
    }

    #[info]
    fn on_down(&mut self, _: Down) {
        self.handled.push(DOWN);
    }
}

impl Gate {
    async fn handle(&mut self, number: u64) {
        self.permits.acquire().await.unwrap().forget();
        self.handled.push(number);
    }
}

/// A gate as another node sees it.
struct Far {
    gate: GateSubject,
    exposed: Arc<dyn Exposed<Bincode>>,
    permits: Arc<Semaphore>,
}

impl Far {
    async fn start() -> Self {
        let permits = Arc::new(Semaphore::new(0));
        let gate = Gate {
            permits: permits.clone(),
            handled: Vec::new(),
        };
        let gate = gate.start().await.unwrap();
        let subject: &Subject<Gate> = gate.as_ref();
        let exposed = Arc::new(subject.clone());
        Self {
            gate,
            exposed,
            permits,
        }
    }

    /// Sends the cast 1, which the gate is handling when this returns, and the cast 2, which fills the mailbox.
    async fn fill(&self) {
        assert!(self.cast(1).is_none());
        // There is capacity once the first one is being handled.
        drop(self.subject().reserve().await.unwrap());
        assert!(self.cast(2).is_none());
    }

    fn subject(&self) -> &Subject<Gate> {
        self.gate.as_ref()
    }

    fn cast(&self, number: u64) -> Option<WaitingDelivery> {
        let bytes = encode(number);
        let input = In::new(&bytes, Form::Compact);
        self.exposed.cast(tag("take"), input).unwrap()
    }

    fn waiting_cast(&self, number: u64) -> WaitingDelivery {
        self.cast(number).expect("the mailbox is full")
    }

    /// Sends a call, and returns its answer and its wait.
    fn call(&self, number: u64, timeout: Duration) -> (Answering, WaitingDelivery) {
        let bytes = encode(number);
        let input = In::new(&bytes, Form::Compact);
        let answer = AnswerAs::form(Form::Compact).timeout(timeout);
        let mut answering = self.exposed.call(tag("ask"), input, answer).unwrap();
        let waiting = answering.take_waiting().expect("the mailbox is full");
        assert!(answering.take_waiting().is_none());
        (answering, waiting)
    }

    /// Lets the gate handle everything, and returns the numbers in order.
    async fn handled(&self) -> Vec<u64> {
        self.permits.add_permits(100);
        self.gate.handled().await.unwrap()
    }
}

const MINUTE: Duration = Duration::from_secs(60);

fn encode(number: u64) -> Vec<u8> {
    let mut out = Out::<Bincode>::new(Form::Compact);
    number.put(&mut out).unwrap();
    out.into_bytes()
}

#[ambit::test]
async fn dist_15_messages_and_signals_wait_for_capacity_in_arrival_order() {
    let far = Far::start().await;
    let watched = ambit::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.recv().await;
    });
    far.gate.watch(watched.pid()).await.unwrap();
    far.fill().await;
    let (third, (answer, fourth)) = (far.waiting_cast(3), far.call(4, MINUTE));
    ambit::exit(&watched, ExitReason::Shutdown);
    watched.closed().await;
    let fifth = far.waiting_cast(5);
    far.permits.add_permits(2);
    assert_eq!(third.await, DeliveryEnd::Queued);
    far.permits.add_permits(2);
    assert_eq!(answer.await.unwrap(), encode(4));
    assert_eq!(fourth.await, DeliveryEnd::Queued);
    assert_eq!(fifth.await, DeliveryEnd::Queued);
    assert_eq!(far.handled().await, [1, 2, 3, 4, DOWN, 5]);
}

#[ambit::test]
async fn a_waiting_cast_is_withdrawn_when_its_wait_is_dropped() {
    let far = Far::start().await;
    far.fill().await;
    drop(far.waiting_cast(3));
    let fourth = far.waiting_cast(4);
    assert_eq!(far.handled().await, [1, 2, 4]);
    assert_eq!(fourth.await, DeliveryEnd::Queued);
}

#[ambit::test]
async fn a_waiting_call_is_withdrawn_with_its_answer_and_at_its_deadline() {
    let far = Far::start().await;
    far.fill().await;
    let (answer, waiting) = far.call(3, MINUTE);
    drop(answer);
    assert_eq!(waiting.await, DeliveryEnd::Withdrawn);
    let (answer, waiting) = far.call(4, Duration::from_millis(20));
    assert_eq!(answer.await, Err(AnswerError::Call(CallError::Timeout)));
    assert_eq!(waiting.await, DeliveryEnd::Withdrawn);
    let (answer, waiting) = far.call(5, MINUTE);
    drop(waiting);
    assert_eq!(far.handled().await, [1, 2, 5]);
    assert_eq!(answer.await, Ok(encode(5)));
}

/// Panics when it is dropped.
#[derive(Message)]
#[message(name = "processes.bomb")]
struct Bomb(u64);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("as the test asks");
    }
}

#[ambit::test]
async fn a_panic_in_the_drop_of_a_withdrawn_message_does_not_reach_the_session() {
    let far = Far::start().await;
    far.fill().await;
    let bytes = encode(3);
    let input = || In::new(&bytes, Form::Compact);
    let cast = far.exposed.cast(tag("blow"), input()).unwrap();
    drop(cast.expect("the mailbox is full"));
    let answer = AnswerAs::form(Form::Compact);
    let answering = far.exposed.call(tag("blow_up"), input(), answer);
    drop(answering.unwrap());
    assert_eq!(far.handled().await, [1, 2]);
}

#[tokio::test]
async fn the_end_of_a_process_ends_the_waits_of_its_messages() {
    let far = Far::start().await;
    far.fill().await;
    let (third, (answer, fourth)) = (far.waiting_cast(3), far.call(4, MINUTE));
    ambit::exit(&far.gate, ExitReason::Kill);
    assert_eq!(third.await, DeliveryEnd::Ended);
    assert_eq!(fourth.await, DeliveryEnd::Ended);
    let error = CallError::Exited {
        reason: ExitReason::Killed,
        executed: Executed::No,
    };
    assert_eq!(answer.await, Err(AnswerError::Call(error)));
}

/// Refuses messages while its mailbox is full.
struct Busy(Arc<Semaphore>);

#[gen_server(remote = "processes.busy", mailbox = 1, overflow = reject)]
impl Busy {
    #[cast]
    async fn take(&self, _number: u64) {
        self.0.acquire().await.unwrap().forget();
    }

    #[call]
    fn ask(&self, number: u64) -> u64 {
        number
    }
}

#[ambit::test]
async fn messages_for_a_full_mailbox_that_rejects_do_not_wait() {
    let busy = Busy(Arc::new(Semaphore::new(0))).start().await.unwrap();
    let subject: &Subject<Busy> = busy.as_ref();
    let exposed: Arc<dyn Exposed<Bincode>> = Arc::new(subject.clone());
    let bytes = encode(1);
    let input = || In::new(&bytes, Form::Compact);
    let cast = || exposed.cast(tag("take"), input());
    assert!(cast().unwrap().is_none());
    drop(subject.reserve().await.unwrap());
    assert!(cast().unwrap().is_none());
    assert_eq!(cast().unwrap_err(), DeliverError::Cast(CastError::Full));
    let answer = AnswerAs::form(Form::Compact);
    let mut answering = exposed.call(tag("ask"), input(), answer).unwrap();
    assert!(answering.take_waiting().is_none());
    assert_eq!(answering.await, Err(AnswerError::Call(CallError::Full)));
}
