//! Tests for any transport.

use std::net::SocketAddr;
use std::time::Duration;

use ambit_dist::transport::{
    Closed, Connection, Dial, DialError, ReadError, ReceiveHalf, Transport, WriteError,
};
use ambit_dist::wire::CloseCode;
use bytes::{Bytes, BytesMut};

/// A network of transports.
pub(crate) trait Network {
    /// Creates another transport, which the others can dial.
    fn transport(&mut self) -> Box<dyn Transport>;

    fn new() -> Self;
}

/// The two ends of a connection, and their transports.
pub(crate) struct Pair {
    pub(crate) dialler: Box<dyn Transport>,
    pub(crate) acceptor: Box<dyn Transport>,
    pub(crate) dialled: Box<dyn Connection>,
    pub(crate) accepted: Box<dyn Connection>,
}

pub(crate) fn dial_of(address: SocketAddr) -> Dial {
    Dial {
        address,
        server_name: "any.test.ambit".to_owned(),
    }
}

pub(crate) async fn connect(
    from: &dyn Transport,
    to: &dyn Transport,
) -> (Box<dyn Connection>, Box<dyn Connection>) {
    let (dialled, accepted) = tokio::join!(from.dial(dial_of(to.local_addr())), async {
        to.accept().await.expect("open").finish().await
    });
    let (dialled, accepted) = (dialled.expect("dialled"), accepted.expect("accepted"));
    dialled.begin_session();
    accepted.begin_session();
    (dialled, accepted)
}

pub(crate) async fn pair<N: Network>() -> Pair {
    let mut network = N::new();
    let (dialler, acceptor) = (network.transport(), network.transport());
    let (dialled, accepted) = connect(&*dialler, &*acceptor).await;
    Pair {
        dialler,
        acceptor,
        dialled,
        accepted,
    }
}

/// Reads all bytes until the end of a stream.
pub(crate) async fn read_all(stream: &mut dyn ReceiveHalf) -> Result<Bytes, ReadError> {
    let mut all = BytesMut::new();
    while let Some(chunk) = stream.read().await? {
        assert!(!chunk.is_empty() && chunk.len() <= ambit_dist::transport::MAX_CHUNK);
        all.extend_from_slice(&chunk);
    }
    Ok(all.freeze())
}

/// Returns this many bytes, whose values depend on their positions.
pub(crate) fn pattern(len: usize) -> Bytes {
    (0..len).map(|at| (at * 31 % 251) as u8).collect()
}

pub(crate) async fn bytes_of_a_stream_arrive_in_order_and_end_with_its_finish<N: Network>() {
    let pair = pair::<N>().await;
    let all = pattern(3_000_000);
    let mut stream = pair.dialled.open_uni().await.unwrap();
    let writing = async {
        let (mut rest, mut size) = (all.clone(), 1);
        while !rest.is_empty() {
            stream
                .write(rest.split_to(size.min(rest.len())))
                .await
                .unwrap();
            size = (size * 3) % 200_003;
        }
        stream.finish();
    };
    let reading = async {
        let mut stream = pair.accepted.accept_uni().await.unwrap();
        read_all(&mut *stream).await.unwrap()
    };
    let ((), read) = tokio::join!(writing, reading);
    assert!(read == all, "other bytes arrived than were written");
}

pub(crate) async fn streams_do_not_wait_for_each_other<N: Network>() {
    let pair = pair::<N>().await;
    let mut slow = pair.dialled.open_uni().await.unwrap();
    slow.write("unread".into()).await.unwrap();
    let _unread = pair.accepted.accept_uni().await.unwrap();
    let mut full = Bytes::from(vec![0; 16 << 20]);
    let short = Duration::from_millis(200);
    while let Ok(written) = tokio::time::timeout(short, slow.write_some(&mut full)).await {
        written.unwrap();
    }
    assert!(!full.is_empty(), "the first stream is full");

    let mut fast = pair.dialled.open_uni().await.unwrap();
    fast.write("past it".into()).await.unwrap();
    let mut arrived = pair.accepted.accept_uni().await.unwrap();
    assert_eq!(arrived.read().await.unwrap().unwrap(), "past it");
}

pub(crate) async fn both_sides_write_on_a_stream_of_both<N: Network>() {
    let pair = pair::<N>().await;
    let (mut send, mut receive) = pair.dialled.open_bi().await.unwrap();
    send.write("ping".into()).await.unwrap();
    let (mut back, mut there) = pair.accepted.accept_bi().await.unwrap();
    assert_eq!(there.read().await.unwrap().unwrap(), "ping");
    back.write("pong".into()).await.unwrap();
    assert_eq!(receive.read().await.unwrap().unwrap(), "pong");
}

pub(crate) async fn one_side_of_a_stream_may_end_before_the_other<N: Network>() {
    let pair = pair::<N>().await;
    let (mut send, mut receive) = pair.dialled.open_bi().await.unwrap();
    send.write("all I say".into()).await.unwrap();
    send.finish();
    let (mut back, mut there) = pair.accepted.accept_bi().await.unwrap();
    assert_eq!(read_all(&mut *there).await.unwrap(), "all I say");
    assert_eq!(there.read().await, Ok(None), "the end stays the end");
    back.write("then I do".into()).await.unwrap();
    drop(back);
    assert_eq!(read_all(&mut *receive).await.unwrap(), "then I do");
    assert_eq!(send.write("more".into()).await, Err(WriteError::Finished));
}

pub(crate) async fn a_writer_waits_while_nobody_reads_and_goes_on_when_somebody_does<N: Network>() {
    const MOST: usize = 8 << 20;
    let pair = pair::<N>().await;
    let mut stream = pair.dialled.open_uni().await.unwrap();
    let total = pattern(4 * MOST);
    let mut rest = total.clone();
    stream.write_some(&mut rest).await.unwrap();
    let mut reader = pair.accepted.accept_uni().await.unwrap();
    let short = Duration::from_millis(300);
    while let Ok(written) = tokio::time::timeout(short, stream.write_some(&mut rest)).await {
        written.unwrap();
    }
    let taken = total.len() - rest.len();
    assert!(
        taken <= MOST,
        "{taken} bytes were accepted without a reader"
    );

    let writing = async {
        stream.write(rest).await.unwrap();
        stream.finish();
    };
    let ((), read) = tokio::join!(writing, read_all(&mut *reader));
    assert!(
        read.unwrap() == total,
        "other bytes arrived than were written"
    );
}

pub(crate) async fn a_write_that_is_dropped_has_written_nothing<N: Network>() {
    let pair = pair::<N>().await;
    let mut stream = pair.dialled.open_uni().await.unwrap();
    let mut sent = 0_usize;
    let mut rest = pattern(64 << 20);
    let short = Duration::from_millis(200);
    loop {
        let before = rest.len();
        let written = tokio::time::timeout(short, stream.write_some(&mut rest)).await;
        sent += before - rest.len();
        let Ok(written) = written else {
            assert_eq!(before, rest.len(), "a dropped write took bytes");
            break;
        };
        written.unwrap();
        assert!(!rest.is_empty(), "the stream took everything");
    }
    stream.finish();
    let mut reader = pair.accepted.accept_uni().await.unwrap();
    assert_eq!(read_all(&mut *reader).await.unwrap().len(), sent);
}

pub(crate) async fn a_close_arrives_with_its_code_and_text<N: Network>() {
    for (code, text) in [
        (CloseCode::Duplicate, "there is another"),
        (CloseCode::Other(12_345), ""),
    ] {
        let pair = pair::<N>().await;
        pair.accepted.close(code, text);
        pair.accepted.close(CloseCode::Internal, "too late");
        let expected = Closed::by_peer(code, text.as_bytes());
        assert_eq!(pair.dialled.closed().await, expected);
        assert_eq!(pair.dialled.closed().await, expected, "as often as asked");
        assert_eq!(pair.accepted.closed().await, Closed::Local);
    }
}

pub(crate) async fn what_was_read_after_a_close_says_how_it_was_closed<N: Network>() {
    let pair = pair::<N>().await;
    let mut stream = pair.dialled.open_uni().await.unwrap();
    stream.write("one".into()).await.unwrap();
    let mut reader = pair.accepted.accept_uni().await.unwrap();
    assert_eq!(reader.read().await.unwrap().unwrap(), "one");
    pair.dialled.close(CloseCode::GoAway, "bye");
    let closed = Closed::by_peer(CloseCode::GoAway, b"bye");
    assert_eq!(reader.read().await, Err(ReadError::Closed(closed.clone())));
    assert_eq!(pair.accepted.accept_uni().await.unwrap_err(), closed);
    assert_eq!(pair.accepted.open_uni().await.unwrap_err(), closed);
    assert_eq!(pair.accepted.accept_bi().await.unwrap_err(), closed);
    assert_eq!(pair.accepted.open_bi().await.unwrap_err(), closed);
    assert_eq!(
        stream.write("two".into()).await,
        Err(WriteError::Closed(Closed::Local))
    );
}

pub(crate) async fn a_connection_closes_when_all_of_it_is_dropped<N: Network>() {
    let pair = pair::<N>().await;
    drop(pair.dialled);
    let expected = Closed::by_peer(CloseCode::Normal, b"");
    assert_eq!(pair.accepted.closed().await, expected);
}

pub(crate) async fn a_stream_outlives_the_handle_of_its_connection<N: Network>() {
    let pair = pair::<N>().await;
    let mut stream = pair.dialled.open_uni().await.unwrap();
    drop(pair.dialled);
    stream.write("still here".into()).await.unwrap();
    let mut reader = pair.accepted.accept_uni().await.unwrap();
    assert_eq!(reader.read().await.unwrap().unwrap(), "still here");
}

pub(crate) async fn a_reset_arrives_with_its_code<N: Network>() {
    let pair = pair::<N>().await;
    let mut stream = pair.dialled.open_uni().await.unwrap();
    stream.write("lost".into()).await.unwrap();
    let mut reader = pair.accepted.accept_uni().await.unwrap();
    stream.reset(CloseCode::Overloaded);
    let end = loop {
        match reader.read().await {
            Ok(Some(_)) => {}
            end => break end,
        }
    };
    assert_eq!(end, Err(ReadError::Reset(CloseCode::Overloaded)));
}

pub(crate) async fn a_stop_arrives_with_its_code<N: Network>() {
    let pair = pair::<N>().await;
    let mut stream = pair.dialled.open_uni().await.unwrap();
    stream.write("one".into()).await.unwrap();
    let mut reader = pair.accepted.accept_uni().await.unwrap();
    reader.stop(CloseCode::TooLarge);
    assert_eq!(reader.read().await, Err(ReadError::Stopped));
    let end = loop {
        match stream.write("more".into()).await {
            Ok(()) => tokio::task::yield_now().await,
            Err(end) => break end,
        }
    };
    assert_eq!(end, WriteError::Stopped(CloseCode::TooLarge));
}

pub(crate) async fn priorities_may_be_set_at_any_time<N: Network>() {
    let pair = pair::<N>().await;
    let mut stream = pair.dialled.open_uni().await.unwrap();
    stream.set_priority(100);
    stream.write("urgent".into()).await.unwrap();
    stream.set_priority(-10);
    stream.finish();
    let mut reader = pair.accepted.accept_uni().await.unwrap();
    assert_eq!(read_all(&mut *reader).await.unwrap(), "urgent");
    stream.set_priority(0);
}

pub(crate) async fn a_limit_of_open_streams_holds_and_makes_room_again<N: Network>() {
    let pair = pair::<N>().await;
    let mut open = Vec::new();
    let short = Duration::from_millis(300);
    while let Ok(stream) = tokio::time::timeout(short, pair.dialled.open_uni()).await {
        let mut stream = stream.unwrap();
        stream.write("x".into()).await.unwrap();
        open.push(stream);
    }
    assert_eq!(open.len(), 64);
    drop(open);
    for _ in 0..64 {
        let mut reader = pair.accepted.accept_uni().await.unwrap();
        assert_eq!(read_all(&mut *reader).await.unwrap(), "x");
    }
    let mut again = pair.dialled.open_uni().await.unwrap();
    again.write("room".into()).await.unwrap();
    let mut reader = pair.accepted.accept_uni().await.unwrap();
    assert_eq!(reader.read().await.unwrap().unwrap(), "room");
}

pub(crate) async fn two_who_dial_each_other_at_once_get_two_connections<N: Network>() {
    let mut network = N::new();
    let (one, two) = (network.transport(), network.transport());
    let (first, second) = tokio::join!(connect(&*one, &*two), connect(&*two, &*one));
    for (dialled, accepted) in [first, second] {
        let mut stream = dialled.open_uni().await.unwrap();
        stream.write("mine".into()).await.unwrap();
        let mut reader = accepted.accept_uni().await.unwrap();
        assert_eq!(reader.read().await.unwrap().unwrap(), "mine");
    }
}

pub(crate) async fn nobody_is_accepted_after_close<N: Network>() {
    let pair = pair::<N>().await;
    let (closing, waiting) = (pair.acceptor.close(), pair.acceptor.accept());
    let ((), waiting) = tokio::join!(closing, waiting);
    assert!(waiting.is_none());
    assert!(pair.acceptor.accept().await.is_none());
    assert_eq!(pair.accepted.closed().await, Closed::Local);
    let told = Closed::by_peer(CloseCode::GoAway, b"");
    assert_eq!(pair.dialled.closed().await, told);

    let address = pair.acceptor.local_addr();
    pair.dialler
        .dial(dial_of(address))
        .await
        .expect_err("closed");
    let mine = pair.acceptor.dial(dial_of(pair.dialler.local_addr())).await;
    assert!(matches!(mine, Err(DialError::Local { .. })), "{mine:?}");
}

pub(crate) async fn what_is_refused_is_told_so<N: Network>() {
    let mut network = N::new();
    let (dialler, acceptor) = (network.transport(), network.transport());
    let address = acceptor.local_addr();
    let (refused, ()) = tokio::join!(dialler.dial(dial_of(address)), async {
        drop(acceptor.accept().await.expect("open"));
    });
    let Err(DialError::Closed { code, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(code, CloseCode::Overloaded);
}

pub(crate) async fn an_incoming_connection_that_does_not_go_on_holds_up_no_other<N: Network>() {
    let mut network = N::new();
    let (slow, fast, acceptor) = (
        network.transport(),
        network.transport(),
        network.transport(),
    );
    let waiting = tokio::spawn(slow.dial(dial_of(acceptor.local_addr())));
    let unfinished = acceptor.accept().await.unwrap();
    assert_eq!(unfinished.remote_addr(), slow.local_addr());
    let (_dialled, accepted) = connect(&*fast, &*acceptor).await;
    assert_eq!(accepted.remote_addr(), fast.local_addr());
    unfinished.finish().await.unwrap();
    waiting.await.unwrap().unwrap();
}

pub(crate) async fn a_stream_that_is_waited_for_in_vain_ends_with_the_connection<N: Network>() {
    let pair = pair::<N>().await;
    let waiting = pair.dialled.accept_uni();
    pair.accepted.close(CloseCode::Internal, "");
    let expected = Closed::by_peer(CloseCode::Internal, b"");
    assert_eq!(waiting.await.unwrap_err(), expected);
}

pub(crate) async fn bytes_are_counted<N: Network>() {
    let pair = pair::<N>().await;
    let mut stream = pair.dialled.open_uni().await.unwrap();
    stream.write(pattern(100_000)).await.unwrap();
    stream.finish();
    let mut reader = pair.accepted.accept_uni().await.unwrap();
    read_all(&mut *reader).await.unwrap();
    assert!(pair.dialled.stats().bytes_sent >= 100_000);
    assert!(pair.accepted.stats().bytes_received >= 100_000);
}

pub(crate) async fn the_peer_is_who_it_is_and_where_it_is<N: Network>() {
    let pair = pair::<N>().await;
    assert_eq!(pair.dialled.remote_addr(), pair.acceptor.local_addr());
    assert_eq!(pair.accepted.remote_addr(), pair.dialler.local_addr());
    for end in [&pair.dialled, &pair.accepted] {
        assert_ne!(end.peer_certificate().is_some(), end.is_trusted());
    }
}
