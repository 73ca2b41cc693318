//! Calls in a cycle, and calls to a full mailbox.

use super::*;

struct Node {
    next: Option<NodeSubject>,
}

#[gen_server]
impl Node {
    #[cast]
    fn point_to(&mut self, next: NodeSubject) {
        self.next = Some(next);
    }

    #[call]
    async fn around(&mut self) -> Result<u64, CallError> {
        match self.next.clone() {
            Some(next) => next.around().await?,
            None => Ok(0),
        }
    }

    /// Sends the call first and waits later.
    #[call]
    async fn around_later(&mut self) -> Result<u64, CallError> {
        match self.next.clone() {
            Some(next) => next.around_later().send().await?,
            None => Ok(0),
        }
    }
}

async fn ring(length: usize) -> Vec<NodeSubject> {
    let mut nodes = Vec::new();
    for _ in 0..length {
        nodes.push(Node { next: None }.start().await.unwrap());
    }
    for (n, node) in nodes.iter().enumerate() {
        let next = nodes[(n + 1) % length].clone();
        node.point_to(next).await.unwrap();
    }
    nodes
}

pub(super) async fn a_call_to_oneself() {
    let alone = &ring(1).await[0];
    let clock = AtOnce::begin();
    assert_eq!(alone.around().await, Ok(Err(CallError::CallsItself)));
    assert_eq!(alone.around_later().await, Ok(Err(CallError::CallsItself)));
    clock.check("a call to oneself");
    assert!(alone.is_alive());
}

pub(super) async fn a_cycle_of_three() {
    let nodes = ring(3).await;
    let pids: Vec<_> = nodes.iter().map(|node| node.pid()).collect();
    let circle = vec![pids[2], pids[0], pids[1], pids[2]];
    for later in [false, true] {
        let clock = AtOnce::begin();
        let outcome = if later {
            nodes[0].around_later().await
        } else {
            nodes[0].around().await
        };
        clock.check("a cycle of three");
        let pids = circle.clone();
        assert_eq!(outcome, Ok(Err(CallError::Cycle { pids })));
    }
    let chain = Node { next: None }.start().await.unwrap();
    nodes[2].point_to(chain).await.unwrap();
    assert_eq!(nodes[0].around().await, Ok(Ok(0)), "all of them live on");
}

#[derive(Debug)]
struct Tight {
    gate: Option<oneshot::Receiver<()>>,
}

#[gen_server(mailbox = 1, overflow = reject)]
impl Tight {
    #[call]
    fn get(&self) -> u64 {
        1
    }

    #[cast]
    async fn wait(&mut self) {
        if let Some(gate) = self.gate.take() {
            gate.await.ok();
        }
    }

    #[cast]
    fn nothing(&self) {}
}

pub(super) async fn a_full_mailbox() {
    let (open, gate) = oneshot::channel();
    let tight = Tight { gate: Some(gate) }.start().await.unwrap();
    tight.wait().await.unwrap();
    while ambit::process_info(&tight).unwrap().queued > 0 {
        tokio::task::yield_now().await;
    }
    tight.nothing().await.unwrap();
    let clock = AtOnce::begin();
    assert_eq!(tight.get().await, Err(CallError::Full));
    assert_eq!(tight.get().send().await, Err(CallError::Full));
    assert_eq!(tight.get().now().err(), Some(CallError::Full));
    assert_eq!(tight.nothing().await, Err(CastError::Full));
    assert_eq!(tight.nothing().now(), Err(CastError::Full));
    clock.check("a full mailbox that rejects");
    drop(open);

    let script = Script::start(&Log::new()).mailbox(1).await.unwrap();
    let gate = block(&script).await;
    script.send(now(|_, _| Flow::Continue)).await.unwrap();
    let clock = AtOnce::begin();
    assert_eq!(add(&script, 1).now().err(), Some(CallError::Full));
    assert_eq!(
        script.send(now(|_, _| Flow::Continue)).now(),
        Err(CastError::Full)
    );
    clock.check("a full mailbox and a caller that does not wait");

    // A caller that waits is limited by its deadline, and its message is withdrawn.
    let began = Instant::now();
    assert_eq!(
        add(&script, 1).timeout(ms(30)).await,
        Err(CallError::Timeout)
    );
    about(ms(30), began.elapsed());
    gate.open();
    assert_eq!(value_of(&script).await, Ok(0), "it was not executed");
}
