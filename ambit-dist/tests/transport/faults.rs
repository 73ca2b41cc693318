//! The fault switches of a network in memory.

use std::net::SocketAddr;
use std::time::Duration;

use ambit_dist::transport::{Closed, Connection, DialError, Memory, ReadRate, Transport};
use ambit_dist::wire::CloseCode;
use tokio::time::Instant;

use crate::transport::common::{Pair, connect, dial_of, pattern, read_all};
use crate::transport::in_memory::any;

const IDLE: Duration = Duration::from_secs(10);

async fn network() -> (Memory, Pair, [SocketAddr; 2]) {
    let network = Memory::new();
    let (dialler, acceptor) = (network.bind(any()).unwrap(), network.bind(any()).unwrap());
    let addresses = [dialler.local_addr(), acceptor.local_addr()];
    let (dialled, accepted) = connect(&dialler, &acceptor).await;
    let pair = Pair {
        dialler: Box::new(dialler),
        acceptor: Box::new(acceptor),
        dialled,
        accepted,
    };
    (network, pair, addresses)
}

/// Sends a text on its own stream.
async fn say(from: &dyn Connection, text: &'static str) {
    let mut stream = from.open_uni().await.unwrap();
    stream.write(text.into()).await.unwrap();
}

async fn hear(at: &dyn Connection) -> String {
    let mut stream = at.accept_uni().await.unwrap();
    let all = read_all(&mut *stream).await.unwrap();
    String::from_utf8(all.to_vec()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_cut_ends_connections_after_the_idle_time() {
    let (network, pair, [one, two]) = network().await;
    let begin = Instant::now();
    network.cut(one, two);
    say(&*pair.dialled, "unheard").await;
    assert_eq!(pair.dialled.closed().await, Closed::TimedOut);
    assert_eq!(pair.accepted.closed().await, Closed::TimedOut);
    assert_eq!(begin.elapsed(), IDLE);
    assert_eq!(
        pair.accepted.accept_uni().await.unwrap_err(),
        Closed::TimedOut
    );
}

#[tokio::test(start_paused = true)]
async fn a_cut_that_is_mended_in_time_loses_nothing() {
    let (network, pair, [one, two]) = network().await;
    network.cut(one, two);
    say(&*pair.dialled, "first").await;
    say(&*pair.dialled, "second").await;
    tokio::time::sleep(IDLE / 2).await;
    network.heal(two, one);
    assert_eq!(hear(&*pair.accepted).await, "first");
    assert_eq!(hear(&*pair.accepted).await, "second");
    tokio::time::sleep(IDLE).await;
    say(&*pair.accepted, "it lives").await;
    assert_eq!(hear(&*pair.dialled).await, "it lives");
}

#[tokio::test(start_paused = true)]
async fn a_second_cut_gives_the_whole_time_again() {
    let (network, pair, [one, two]) = network().await;
    network.cut(one, two);
    tokio::time::sleep(IDLE / 2).await;
    network.heal(one, two);
    network.cut(one, two);
    let begin = Instant::now();
    assert_eq!(pair.dialled.closed().await, Closed::TimedOut);
    assert_eq!(begin.elapsed(), IDLE);
}

#[tokio::test(start_paused = true)]
async fn a_cut_of_one_way_lets_the_other_way_through() {
    let (network, pair, [one, two]) = network().await;
    network.cut_one_way(one, two);
    say(&*pair.dialled, "unheard").await;
    say(&*pair.accepted, "heard").await;
    assert_eq!(hear(&*pair.dialled).await, "heard");
    assert_eq!(hear_by(&*pair.accepted, IDLE / 2).await, None);
    assert_eq!(pair.accepted.closed().await, Closed::TimedOut);
}

async fn hear_by(at: &dyn Connection, time: Duration) -> Option<String> {
    tokio::time::timeout(time, hear(at)).await.ok()
}

#[tokio::test(start_paused = true)]
async fn held_data_waits_indefinitely_and_arrives_in_order() {
    let (network, pair, [one, two]) = network().await;
    network.hold(one, two);
    let mut stream = pair.dialled.open_uni().await.unwrap();
    for part in ["a", "b", "c"] {
        stream.write(part.into()).await.unwrap();
    }
    stream.finish();
    assert_eq!(hear_by(&*pair.accepted, 100 * IDLE).await, None);
    network.heal(one, two);
    assert_eq!(hear(&*pair.accepted).await, "abc");
}

#[tokio::test(start_paused = true)]
async fn a_writer_stops_at_the_window_while_its_bytes_are_undelivered() {
    let (network, pair, [one, two]) = network().await;
    network.hold(one, two);
    let mut stream = pair.dialled.open_uni().await.unwrap();
    let all = pattern(1 << 20);
    let mut rest = all.clone();
    while let Ok(taken) = tokio::time::timeout(IDLE, stream.write_some(&mut rest)).await {
        taken.unwrap();
    }
    assert_eq!(all.len() - rest.len(), 256 * 1024);
    network.heal(one, two);
    let writing = async {
        stream.write(rest).await.unwrap();
        stream.finish();
    };
    let reading = async {
        let mut stream = pair.accepted.accept_uni().await.unwrap();
        read_all(&mut *stream).await.unwrap()
    };
    assert!(tokio::join!(writing, reading).1 == all);
}

#[tokio::test(start_paused = true)]
async fn a_held_close_arrives_after_the_data_sent_before_it() {
    let (network, pair, [one, two]) = network().await;
    network.hold(one, two);
    say(&*pair.dialled, "last words").await;
    pair.dialled.close(CloseCode::GoAway, "bye");
    network.heal(one, two);
    assert_eq!(hear(&*pair.accepted).await, "last words");
    let told = Closed::by_peer(CloseCode::GoAway, b"bye");
    assert_eq!(pair.accepted.closed().await, told);
}

#[tokio::test(start_paused = true)]
async fn a_dial_across_a_cut_is_unreachable() {
    let (network, pair, [one, two]) = network().await;
    network.cut_one_way(two, one);
    let begin = Instant::now();
    let nobody = pair.dialler.dial(dial_of(two)).await.unwrap_err();
    assert_eq!(nobody, DialError::Unreachable { address: two });
    assert_eq!(begin.elapsed(), IDLE);
}

#[tokio::test(start_paused = true)]
async fn a_dial_across_a_cut_continues_after_healing() {
    let (network, pair, [one, two]) = network().await;
    network.cut(one, two);
    let dialling = tokio::spawn(pair.dialler.dial(dial_of(two)));
    tokio::time::sleep(IDLE / 2).await;
    network.heal(one, two);
    pair.acceptor
        .accept()
        .await
        .unwrap()
        .finish()
        .await
        .unwrap();
    dialling.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn other_nodes_notice_nothing_of_a_cut() {
    let (network, pair, [one, two]) = network().await;
    let third = network.bind(any()).unwrap();
    let (from_third, accepted) = connect(&third, &*pair.acceptor).await;
    network.cut(one, two);
    assert_eq!(pair.dialled.closed().await, Closed::TimedOut);
    say(&*from_third, "still here").await;
    assert_eq!(hear(&*accepted).await, "still here");
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_takes_its_time() {
    let (network, pair, [_, two]) = network().await;
    let pace = ReadRate {
        bytes: 1000,
        every: Duration::from_secs(1),
    };
    network.slow(two, Some(pace));
    let mut stream = pair.dialled.open_uni().await.unwrap();
    stream.write(pattern(5000)).await.unwrap();
    stream.finish();
    let mut reader = pair.accepted.accept_uni().await.unwrap();
    let begin = Instant::now();
    for _ in 0..5 {
        assert_eq!(reader.read().await.unwrap().unwrap().len(), 1000);
    }
    assert_eq!(begin.elapsed(), Duration::from_secs(4));
    network.slow(two, None);
    assert_eq!(reader.read().await.unwrap(), None);
    assert_eq!(begin.elapsed(), Duration::from_secs(4));
}
