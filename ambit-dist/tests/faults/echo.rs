//! A QUIC echo server.

use std::net::SocketAddr;

use ambit_dist::transport::{Connection, Dial, DialError, Quic, QuicSettings, Transport};
use ambit_dist::{Auth, Cookie};
use bytes::{Bytes, BytesMut};

pub(crate) fn auth() -> Auth {
    Auth::cookie(Cookie::generate().unwrap()).into()
}

pub(crate) fn quic(auth: &Auth, address: SocketAddr, settings: QuicSettings) -> Quic {
    let credentials = auth.credentials(&"node".parse().unwrap(), &"test".parse().unwrap());
    Quic::bind(address, &credentials.unwrap(), settings).unwrap()
}

/// Echoes every stream of every connection.
pub(crate) async fn serve(quic: Quic) {
    while let Some(incoming) = quic.accept().await {
        tokio::spawn(async move {
            let Ok(connection) = incoming.finish().await else {
                return;
            };
            while let Ok((mut send, mut receive)) = connection.accept_bi().await {
                tokio::spawn(async move {
                    while let Ok(Some(chunk)) = receive.read().await {
                        if send.write(chunk).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
    }
}

pub(crate) async fn dial(
    quic: &Quic,
    address: SocketAddr,
) -> Result<Box<dyn Connection>, DialError> {
    let server_name = "any.test.ambit".to_owned();
    let dial = Dial {
        address,
        server_name,
    };
    quic.dial(dial).await
}

/// Sends this many bytes and checks that the same bytes return.
pub(crate) async fn exchange(connection: &dyn Connection, len: usize) {
    let all: Bytes = (0..len).map(|at| (at * 31 % 251) as u8).collect();
    let (mut send, mut receive) = connection.open_bi().await.unwrap();
    let there = async {
        send.write(all.clone()).await.unwrap();
        send.finish();
    };
    let back = async {
        let mut heard = BytesMut::new();
        while let Some(chunk) = receive.read().await.unwrap() {
            heard.extend_from_slice(&chunk);
        }
        heard
    };
    let ((), heard) = tokio::join!(there, back);
    assert!(heard == all, "other bytes came back than were sent");
}
