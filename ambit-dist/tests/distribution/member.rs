//! A member in memory that writes its own bytes.

use std::net::SocketAddr;

use ambit_dist::transport::{
    Connection, Dial, DialError, MemoryTransport, ReceiveHalf, SendHalf, Transport as _,
};
use ambit_dist::wire::{Frame, Limits, RawFrame, Splitter};

use crate::hostile::hello::Hello;
use crate::hostile::stranger::{bytes, raw};

/// One connection of a member, and its control stream.
pub(crate) struct Member {
    pub(crate) connection: Box<dyn Connection>,
    pub(crate) send: Box<dyn SendHalf>,
    receive: Box<dyn ReceiveHalf>,
    heard: Splitter,
}

/// Opens a connection that carries no data.
pub(crate) async fn silent(
    from: &MemoryTransport,
    to: SocketAddr,
) -> Result<Box<dyn Connection>, DialError> {
    let server_name = "any.ambit.ambit".to_owned();
    let dial = Dial {
        address: to,
        server_name,
    };
    from.dial(dial).await
}

impl Member {
    /// Sends a hello with this incarnation, and waits for the answer.
    pub(crate) async fn greet(
        from: &MemoryTransport,
        to: SocketAddr,
        name: &str,
        incarnation: u64,
    ) -> Self {
        let connection = silent(from, to).await.unwrap();
        let (mut send, receive) = connection.open_bi().await.unwrap();
        let mut hello = Hello::of(name);
        hello.incarnation = incarnation;
        let mut first = vec![1];
        first.extend_from_slice(&raw(0x40, 0, &hello.bytes()));
        send.write(first.into()).await.unwrap();
        let mut member = Self {
            connection,
            send,
            receive,
            heard: Splitter::new(&Limits::default()),
        };
        assert_eq!(member.hear().await.kind, 0x41, "an answer to the hello");
        member
    }

    /// Confirms the connection, and waits until the node uses it.
    pub(crate) async fn confirm(&mut self) {
        let ping = bytes(&[Frame::Ping { nonce: 7 }]);
        self.send.write(ping).await.unwrap();
        while self.hear().await.kind != 0x44 {}
    }

    async fn hear(&mut self) -> RawFrame {
        loop {
            if let Some(frame) = self.heard.pop().unwrap() {
                return frame;
            }
            self.heard.feed(self.receive.read().await.unwrap().unwrap());
        }
    }
}
