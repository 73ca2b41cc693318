//! Errors between honest nodes, with texts that name the remedy.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use ambit::prelude::*;
use ambit::system::System;
use ambit_dist::transport::{Quic, QuicSettings, Transport};
use ambit_dist::wire::CloseCode;
use ambit_dist::{Auth, Cookie, Limits, Node, NodeBuilder, Timeouts};

#[allow(
    dead_code,
    reason = "the two are compared, and not all of each is used"
)]
mod old {
    use super::*;

    pub(super) struct Shop;

    #[gen_server(remote = "words.shop")]
    impl Shop {
        #[init]
        fn new() -> Self {
            Self
        }

        #[call]
        pub(super) fn price(&self) -> u64 {
            7
        }

        #[call]
        pub(super) fn open(&self, _paper: Vec<u8>) -> bool {
            true
        }
    }
}

#[allow(
    dead_code,
    reason = "the two are compared, and not all of each is used"
)]
mod new {
    use super::*;

    pub(super) struct Shop;

    #[gen_server(remote = "words.shop")]
    impl Shop {
        #[init]
        fn new() -> Self {
            Self
        }

        #[call]
        fn price(&self) -> String {
            "seven".to_owned()
        }

        #[call]
        fn open(&self, _paper: Vec<u8>) -> bool {
            true
        }
    }
}

fn auth() -> Auth {
    Auth::cookie(Cookie::generate().unwrap()).into()
}

fn node(name: &str, auth: &Auth) -> NodeBuilder {
    let timeouts = Timeouts::default()
        .dial(Duration::from_millis(500))
        .handshake(Duration::from_millis(500));
    Node::builder(name).auth(auth.clone()).timeouts(timeouts)
}

/// Checks that the text contains all these words.
fn says(error: &impl Error, words: &[&str]) {
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "`{word}` is not in: {text}");
    }
}

#[ambit::test(real_time)]
async fn a_rejected_node_receives_the_cause_and_the_remedy() {
    let auth = auth();
    let limits = Limits::default().peers(1);
    let a = node("a", &auth).limits(limits).start().await.unwrap();
    let address = a.local_addr();
    let refused = async |builder: NodeBuilder| {
        let other = builder.start().await.unwrap();
        other.connect(address).await.unwrap_err()
    };
    let namesake = refused(node("a", &auth)).await;
    says(
        &namesake,
        &[
            "`a` is refused",
            "two nodes are called `a`",
            "a name of its own",
        ],
    );
    let stranger = refused(node("b", &self::auth())).await;
    says(&stranger, &["do not trust each other", "the same cookie"]);
    let elsewhere = refused(node("b", &auth).cluster("shop")).await;
    says(
        &elsewhere,
        &["do not trust each other", "the same `cluster(..)`"],
    );
    let (name, cluster) = ("b".parse().unwrap(), "ambit".parse().unwrap());
    let of_b = auth.credentials(&name, &cluster).unwrap();
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let of_b = Quic::bind(any, &of_b, QuicSettings::default()).unwrap();
    let liar = refused(Node::builder("c").transport(of_b)).await;
    says(
        &liar,
        &[
            "`c` is refused",
            "certificate is not for `c`",
            "a certificate for it",
        ],
    );
    let b = node("b", &auth).start().await.unwrap();
    let mut events = a.events();
    b.connect(address).await.unwrap();
    events.next().await.unwrap();
    let one_too_many = refused(node("c", &auth)).await;
    says(
        &one_too_many,
        &["accepts no more connections", "raise `limits(..)`"],
    );
    let itself = b.connect(b.local_addr()).await.unwrap_err();
    says(
        &itself,
        &["is this node itself", "connect to other nodes only"],
    );
}

#[ambit::test(real_time)]
async fn a_protocol_version_mismatch_advises_updating_the_older_node() {
    let auth = auth();
    let (name, cluster) = ("later".parse().unwrap(), "ambit".parse().unwrap());
    let later = auth.credentials(&name, &cluster).unwrap();
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let later = Quic::bind(any, &later, QuicSettings::default()).unwrap();
    let address = later.local_addr();
    let refusing = tokio::spawn(async move {
        let connection = later.accept().await.unwrap().finish().await.unwrap();
        connection.accept_bi().await.unwrap();
        let text = "one node speaks version 2 to 3 of ambit/1, the other 1";
        connection.close(CloseCode::Version, text);
        connection.closed().await;
        later.close().await;
    });
    let a = node("a", &auth).start().await.unwrap();
    let error = a.connect(address).await.unwrap_err();
    says(
        &error,
        &[
            "no protocol version in common",
            "2 to 3",
            "update the older node",
        ],
    );
    refusing.await.unwrap();
}

#[ambit::test(real_time)]
async fn a_port_in_use_and_an_unanswered_address_are_named_in_the_error() {
    let auth = auth();
    let a = node("a", &auth).start().await.unwrap();
    let taken = node("b", &auth).listen(a.local_addr()).start().await;
    says(&taken.unwrap_err(), &["is in use", "another port"]);
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let nobody = a.connect(silent.local_addr().unwrap()).await;
    says(
        &nobody.unwrap_err(),
        &["no node answers at 127.0.0.1", "check that it runs", "UDP"],
    );
    let nonsense = a.connect("nowhere").await.unwrap_err();
    says(&nonsense, &["`nowhere`"]);
}

#[ambit::test(real_time)]
async fn failed_remote_requests_are_reported_with_the_remedy() {
    let auth = auth();
    let system = System::builder().build().unwrap();
    let limits = Limits::default().max_message(64 << 10);
    let b = node("b", &auth).system(system).limits(limits);
    let b = b.start().await.unwrap();
    let a = node("a", &auth).start().await.unwrap();
    let far = a.on("b");
    let early = far.start::<old::Shop>(()).await.unwrap_err();
    says(&early, &["no connection", "`b`", "`connect`"]);
    a.connect(b.local_addr()).await.unwrap();
    let hidden = far.start::<old::Shop>(()).await.unwrap_err();
    says(&hidden, &["does not expose `words.shop`", "call `expose`"]);
    b.expose::<new::Shop>();
    let shop = far.start::<old::Shop>(()).await.unwrap();
    let changed = shop.price().await.unwrap_err();
    says(&changed, &["`words.shop::price`", "differently"]);
    assert_eq!(shop.open(vec![0; 1000]).await, Ok(true));
    let long = shop.open(vec![0; 100 << 10]).await.unwrap_err();
    says(&long, &["larger than", "send it in parts"]);
}
