//! Messages that are under way when their sender leaves.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::transport::ReadRate;
use ambit_dist::{DownReason, Node, Timeouts};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};

use super::support::{Net, down, up};

/// The letters that one box has received, and the permits to receive more.
struct Tally {
    received: AtomicUsize,
    permits: Semaphore,
}

impl Tally {
    /// Waits until this many letters have been received.
    async fn reaches(&self, letters: usize) {
        let reached = timeout(Duration::from_secs(10), async {
            while self.received.load(Ordering::SeqCst) < letters {
                sleep(Duration::from_millis(1)).await;
            }
        });
        let received = || self.received.load(Ordering::SeqCst);
        assert!(reached.await.is_ok(), "{} of {letters}", received());
        assert_eq!(received(), letters);
    }
}

/// One for each box of these tests. They outlive the boxes.
static TALLIES: [Tally; 7] = [const {
    Tally {
        received: AtomicUsize::new(0),
        permits: Semaphore::const_new(0),
    }
}; 7];

/// Receives letters, one for each permit.
struct LetterBox(&'static Tally);

#[gen_server(remote = "test.letter-box", mailbox = 4)]
impl LetterBox {
    #[init]
    fn new(tally: usize) -> Self {
        Self(&TALLIES[tally])
    }

    #[cast]
    async fn letter(&mut self) {
        self.0.permits.acquire().await.unwrap().forget();
        self.0.received.fetch_add(1, Ordering::SeqCst);
    }
}

/// Starts a box on another node, and sends it letters.
async fn write(from: &Node, to: &str, tally: usize, letters: usize) {
    let letter_box = from.on(to).start::<LetterBox>((tally,)).await.unwrap();
    for _ in 0..letters {
        letter_box.letter().no_timeout().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_waits_for_a_full_mailbox_arrives_although_its_sender_leaves() {
    let net = Net::new();
    let (a, b) = net.pair().await;
    b.expose::<LetterBox>();
    write(&a, "b", 0, 20).await;
    let leaving = tokio::spawn(async move { a.leave().await });
    // The node has read all letters, and the box has received none.
    sleep(Duration::from_secs(2)).await;
    TALLIES[0].permits.add_permits(20);
    TALLIES[0].reaches(20).await;
    leaving.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn letters_arrive_although_both_nodes_leave_at_once() {
    for (letters, tallies) in [(30, [1, 2]), (400, [3, 4])] {
        let net = Net::new();
        let (a, b) = net.pair().await;
        for node in [&a, &b] {
            node.expose::<LetterBox>();
        }
        for tally in tallies {
            TALLIES[tally].permits.add_permits(letters);
        }
        tokio::join!(
            write(&a, "b", tallies[0], letters),
            write(&b, "a", tallies[1], letters),
        );
        let began = Instant::now();
        tokio::join!(a.leave(), b.leave());
        assert!(began.elapsed() < net.at_once(), "{:?}", began.elapsed());
        for tally in tallies {
            TALLIES[tally].reaches(letters).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn letters_arrive_although_their_reader_gets_nothing_for_more_than_a_second() {
    let net = Net::in_memory();
    let patient = Timeouts::default().leave(Duration::from_secs(60));
    let a = net.builder("a").timeouts(patient).start().await.unwrap();
    let b = net.node("b").await;
    a.connect(b.local_addr()).await.unwrap();
    b.expose::<LetterBox>();
    TALLIES[6].permits.add_permits(30);
    let letter_box = a.on("b").start::<LetterBox>((6,)).await.unwrap();
    let slow = ReadRate {
        bytes: 128,
        every: Duration::from_millis(1_500),
    };
    net.0.slow(b.local_addr(), Some(slow));
    for _ in 0..30 {
        letter_box.letter().now().unwrap();
    }
    let leaving = tokio::spawn(async move { a.leave().await });
    sleep(Duration::from_secs(1)).await;
    let received = TALLIES[6].received.load(Ordering::SeqCst);
    assert!(received < 30, "{received}");
    TALLIES[6].reaches(30).await;
    leaving.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_process_that_never_receives_does_not_keep_the_session_of_a_node_that_leaves() {
    let net = Net::in_memory();
    let patient = Timeouts::default().leave(Duration::from_secs(3_600));
    let a = net.builder("a").timeouts(patient).start().await.unwrap();
    let b = net.node("b").await;
    let mut events = b.events();
    a.connect(b.local_addr()).await.unwrap();
    up(&mut events).await;
    b.expose::<LetterBox>();
    write(&a, "b", 5, 20).await;
    let began = Instant::now();
    a.leave().await;
    assert_eq!(down(&mut events).await, DownReason::Left);
    assert!(began.elapsed() < Duration::from_secs(31));
    assert_eq!(TALLIES[5].received.load(Ordering::SeqCst), 0);
}
