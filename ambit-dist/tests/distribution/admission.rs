//! Nodes that are no longer admitted, over QUIC: all nodes disconnect them within five seconds, and accept them again
//! once they are admitted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ambit_dist::wire::CloseCode;
use ambit_dist::{
    Admission, Auth, ConnectError, Cookie, CookieAuth, DownReason, Node, NodeBuilder, NodeEvent,
    NodeEvents, Pki, Reconnect,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
};
use time::OffsetDateTime;

use crate::distribution::support::{Net, next, up};
use crate::membership::support::complete;
use crate::names::support::until;

/// The maximum time until a node is disconnected.
const SOON: Duration = Duration::from_secs(5);

/// An operator's certificate authority.
struct Ca {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate, its key and its serial number.
struct Issued {
    certificate: String,
    key: String,
    serial: SerialNumber,
}

impl Ca {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let pem = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Self { pem, issuer }
    }

    fn issue(&self, node: &str, until: OffsetDateTime) -> Issued {
        let names = vec![format!("{node}.ambit.ambit"), "any.ambit.ambit".to_owned()];
        let mut params = CertificateParams::new(names).unwrap();
        let serial = SerialNumber::from_slice(node.as_bytes());
        params.not_after = until;
        params.serial_number = Some(serial.clone());
        let key = KeyPair::generate().unwrap();
        Issued {
            certificate: params.signed_by(&key, &self.issuer).unwrap().pem(),
            key: key.serialize_pem(),
            serial,
        }
    }

    fn pki(&self, issued: &Issued) -> Pki {
        Pki::from_pem(&self.pem, &issued.certificate, &issued.key).unwrap()
    }

    /// Returns the authority and its revocation list.
    fn revoking(&self, issued: &Issued) -> String {
        let revoked = RevokedCertParams {
            serial_number: issued.serial.clone(),
            revocation_time: at(Duration::ZERO),
            reason_code: None,
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: at(Duration::ZERO),
            next_update: at(Duration::from_secs(3_600)),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: vec![revoked],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&self.issuer).unwrap().pem().unwrap();
        format!("{}{list}", self.pem)
    }
}

/// Returns the point in time this long from now.
fn at(later: Duration) -> OffsetDateTime {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seconds = (now + later).as_secs();
    OffsetDateTime::from_unix_timestamp(seconds.try_into().unwrap()).unwrap()
}

const HOUR: Duration = Duration::from_secs(3_600);

/// Three fully connected nodes, of which `c` will be expelled.
struct Three {
    nodes: [Node; 3],
    events: [NodeEvents; 3],
}

async fn three(builders: [NodeBuilder; 3]) -> Three {
    let mut nodes = Vec::new();
    for builder in builders {
        let builder = builder.reconnect(Reconnect::Never);
        nodes.push(builder.start().await.unwrap());
    }
    let nodes: [Node; 3] = nodes.try_into().unwrap();
    let mut events = nodes.each_ref().map(Node::events);
    let [a, b, c] = &nodes;
    // `c` dials one node and is dialled by the other, to cover both checks.
    c.connect(a.local_addr()).await.unwrap();
    b.connect(c.local_addr()).await.unwrap();
    a.connect(b.local_addr()).await.unwrap();
    for events in &mut events {
        up(events).await;
        up(events).await;
    }
    Three { nodes, events }
}

impl Three {
    /// Checks that both others disconnect `c` in time and stay connected, and that `c` receives the reason.
    async fn c_is_out(&mut self, word: &str) {
        let [a, b, c] = &mut self.events;
        let all = async {
            for events in [a, b] {
                assert_refused(next(events).await, "c", word);
            }
            for _ in 0..2 {
                match next(c).await {
                    NodeEvent::Down { reason, .. } => assert_quarantined(&reason, word),
                    other => panic!("{other:?}"),
                }
            }
        };
        let out = tokio::time::timeout(SOON, all).await;
        out.expect("out in time");
        let [a, b, c] = &self.nodes;
        assert_eq!(
            (a.peers().len(), b.peers().len(), c.peers().len()),
            (1, 1, 0)
        );
        a.ping("b").await.unwrap();
    }
}

fn assert_refused(event: NodeEvent, name: &str, word: &str) {
    let NodeEvent::Down { node, reason } = event else {
        panic!("{event:?}");
    };
    assert_eq!(node.name.as_str(), name);
    assert_quarantined(&reason, word);
}

fn assert_quarantined(reason: &DownReason, word: &str) {
    let DownReason::Refused { code, text } = reason else {
        panic!("{reason:?}");
    };
    assert_eq!(*code, CloseCode::Quarantined);
    assert!(text.contains(word), "{text}");
}

fn by_pki(name: &str, pki: &Pki) -> NodeBuilder {
    Node::builder(name).auth(Auth::pki(pki.clone()))
}

#[tokio::test]
async fn a_refused_node_is_out_everywhere_until_it_is_readmitted() {
    let auth: Auth = Auth::cookie(Cookie::generate().unwrap()).into();
    let node = |name| Node::builder(name).auth(auth.clone());
    let mut three = three(["a", "b", "c"].map(node)).await;
    let [a, b, c] = three.nodes.clone();
    assert!(a.refuse("c").await);
    assert!(b.refuse("c").await);
    three.c_is_out("refuses `c`").await;
    for node in [&a, &b] {
        let address = node.local_addr();
        let refused = c.connect(address).await.unwrap_err();
        assert!(
            matches!(&refused, ConnectError::Quarantined { address: at, .. } if *at == address),
            "{refused:?}"
        );
        let refused = node.connect(c.local_addr()).await.unwrap_err();
        assert!(
            matches!(&refused, ConnectError::NotAdmitted { node, .. } if node.as_str() == "c"),
            "{refused:?}"
        );
        assert!(!node.refuse("c").await, "it is not connected");
    }
    assert!(a.readmit("c").await);
    assert!(!a.readmit("c").await);
    assert_eq!(c.connect(a.local_addr()).await.as_ref(), Ok(a.id()));
}

#[tokio::test]
async fn a_revoked_node_is_out_everywhere_after_a_reload() {
    let ca = Ca::new();
    let issued = ["a", "b", "c"].map(|name| ca.issue(name, at(HOUR)));
    let pkis = issued.each_ref().map(|issued| ca.pki(issued));
    let [a, b, c] = ["a", "b", "c"];
    let builders = [
        by_pki(a, &pkis[0]),
        by_pki(b, &pkis[1]),
        by_pki(c, &pkis[2]),
    ];
    let mut three = three(builders).await;
    let revoking = ca.revoking(&issued[2]);
    for (pki, issued) in pkis.iter().zip(&issued).take(2) {
        pki.replace_pem(&revoking, &issued.certificate, &issued.key)
            .unwrap();
    }
    three.c_is_out("certificate is not accepted").await;
    // TLS now refuses it, and so would the revocation list.
    let refused = three.nodes[2].connect(three.nodes[0].local_addr()).await;
    assert!(
        matches!(refused, Err(ConnectError::Untrusted { .. })),
        "{refused:?}"
    );
    let own = pkis[2].replace_pem(&revoking, &issued[2].certificate, &issued[2].key);
    assert!(own.unwrap_err().to_string().contains("Revoked"));
}

#[tokio::test]
async fn an_authority_that_is_trusted_no_more_takes_its_nodes_along() {
    let (one, two) = (Ca::new(), Ca::new());
    let both = format!("{}{}", one.pem, two.pem);
    let issued = [
        one.issue("a", at(HOUR)),
        one.issue("b", at(HOUR)),
        two.issue("c", at(HOUR)),
    ];
    let pkis = issued
        .each_ref()
        .map(|issued| Pki::from_pem(&both, &issued.certificate, &issued.key).unwrap());
    let builders = [
        by_pki("a", &pkis[0]),
        by_pki("b", &pkis[1]),
        by_pki("c", &pkis[2]),
    ];
    let mut three = three(builders).await;
    for (pki, issued) in pkis.iter().zip(&issued).take(2) {
        pki.replace_pem(&one.pem, &issued.certificate, &issued.key)
            .unwrap();
    }
    three.c_is_out("certificate is not accepted").await;
}

/// A connection from before the second round shows the old cookie, so the third round closes it; the redial uses the
/// new one.
#[tokio::test]
async fn a_cookie_is_replaced_in_three_rounds_and_nodes_stay_together() {
    let (old, new) = (Cookie::generate().unwrap(), Cookie::generate().unwrap());
    let auths = [(); 3].map(|()| Auth::cookie(old.clone()));
    let node = |(name, auth): (&str, &CookieAuth)| Node::builder(name).auth(auth.clone());
    let [a, b, c] = auths.each_ref();
    let mut three = three([("a", a), ("b", b), ("c", c)].map(node)).await;
    let rounds = [
        Auth::cookie(old.clone()).and_accept(new.clone()),
        Auth::cookie(new.clone()).and_accept(old),
    ];
    for round in &rounds {
        for auth in &auths {
            auth.replace(round).unwrap();
        }
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(three.nodes.iter().all(|node| node.peers().len() == 2));
    // `c` keeps only the old cookie.
    let [a, b, c] = &auths;
    for auth in [a, b] {
        auth.replace(&Auth::cookie(new.clone())).unwrap();
    }
    let [in_a, in_b, _] = &mut three.events;
    for events in [in_a, in_b] {
        for _ in 0..2 {
            assert!(matches!(next(events).await, NodeEvent::Down { .. }));
        }
    }
    let [a, b, c_node] = &three.nodes;
    b.connect(a.local_addr()).await.unwrap();
    // In the second round `c` also receives the new cookie.
    c_node.connect(a.local_addr()).await.unwrap();
    c.replace(&Auth::cookie(new)).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(c_node.peer("a").is_some(), "both show the new one");
}

#[tokio::test]
async fn an_expired_node_is_out_everywhere() {
    let ca = Ca::new();
    // Long enough to connect.
    let soon = Duration::from_secs(8);
    let issued = [
        ca.issue("a", at(HOUR)),
        ca.issue("b", at(HOUR)),
        ca.issue("c", at(soon)),
    ];
    let pkis = issued.each_ref().map(|issued| ca.pki(issued));
    let builders = [
        by_pki("a", &pkis[0]),
        by_pki("b", &pkis[1]),
        by_pki("c", &pkis[2]),
    ];
    let began = tokio::time::Instant::now();
    let mut three = three(builders).await;
    tokio::time::sleep_until(began + soon - Duration::from_secs(1)).await;
    assert_eq!(three.nodes[2].peers().len(), 2, "not yet");
    tokio::time::sleep(Duration::from_secs(1)).await;
    three.c_is_out("expired").await;
}

#[tokio::test]
async fn a_node_that_the_hook_refuses_later_is_out_everywhere() {
    let auth: Auth = Auth::cookie(Cookie::generate().unwrap()).into();
    let is_quarantined = Arc::new(AtomicBool::new(false));
    let node = |name: &str| {
        let is_quarantined = is_quarantined.clone();
        let builder = Node::builder(name).auth(auth.clone());
        if name == "c" {
            return builder;
        }
        builder.admit(move |candidate| {
            assert!(candidate.certificate.is_some() && candidate.address.ip().is_loopback());
            let is_bad = is_quarantined.load(Ordering::Relaxed);
            match is_bad && candidate.node.name.as_str() == "c" {
                true => Admission::refuse("it was seen elsewhere"),
                false => Admission::Admit,
            }
        })
    };
    let mut three = three(["a", "b", "c"].map(node)).await;
    is_quarantined.store(true, Ordering::Relaxed);
    three.c_is_out("seen elsewhere").await;
    let [a, _, c] = &three.nodes;
    let refused = c.connect(a.local_addr()).await.unwrap_err();
    assert!(refused.to_string().contains("seen elsewhere"), "{refused}");
    let refused = a.connect(c.local_addr()).await.unwrap_err();
    assert!(
        matches!(refused, ConnectError::NotAdmitted { .. }),
        "{refused:?}"
    );
    is_quarantined.store(false, Ordering::Relaxed);
    a.connect(c.local_addr()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_panics_refuses() {
    let net = Net::new();
    let builder = net.builder("a").admit(|_| panic!("no inventory"));
    let a = builder.start().await.unwrap();
    let b = net.node("b").await;
    let refused = b.connect(a.local_addr()).await.unwrap_err();
    assert!(
        matches!(refused, ConnectError::Quarantined { .. }),
        "{refused:?}"
    );
    assert_eq!(a.peers().len(), 0);
}

/// A refused node is not dialled. It dials, at least once a minute, and is refused each time.
#[tokio::test(start_paused = true)]
async fn a_refused_node_is_back_after_it_is_admitted_again() {
    let net = Net::new();
    let (a, b) = net.pair().await;
    assert!(a.refuse("b").await);
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert_eq!((a.peers().len(), b.peers().len()), (0, 0));
    assert!(a.readmit("b").await);
    connected_within_a_minute(&a, &b).await;
}

/// Two nodes that only the membership connects.
#[tokio::test(start_paused = true)]
async fn members_that_are_admitted_again_are_connected_again_by_themselves() {
    let net = Net::new();
    let is_suspect = Arc::new(AtomicBool::new(false));
    let b_admits = is_suspect.clone();
    let a = net.node("a").await;
    let joining = |name| net.builder(name).seeds([a.local_addr()]);
    let b = joining("b").admit(move |candidate| {
        let is_refused = b_admits.load(Ordering::Relaxed) && candidate.node.name.as_str() == "c";
        match is_refused {
            true => Admission::refuse("it was seen elsewhere"),
            false => Admission::Admit,
        }
    });
    let (b, c) = (
        b.start().await.unwrap(),
        joining("c").start().await.unwrap(),
    );
    complete(&[&a, &b, &c]).await;
    is_suspect.store(true, Ordering::Relaxed);
    let is_apart = || b.peer("c").is_none() && c.peer("b").is_none();
    until("the refusal", is_apart).await;
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert!(is_apart() && a.peers().len() == 2);
    is_suspect.store(false, Ordering::Relaxed);
    connected_within_a_minute(&b, &c).await;
    // A name that one of them refuses and admits again, or both.
    for is_mutual in [false, true] {
        assert!(b.refuse("c").await);
        if is_mutual {
            c.refuse("b").await;
        }
        tokio::time::sleep(Duration::from_secs(300)).await;
        assert!(is_apart());
        assert!(b.readmit("c").await);
        assert_eq!(c.readmit("b").await, is_mutual);
        connected_within_a_minute(&b, &c).await;
    }
}

async fn connected_within_a_minute(one: &Node, other: &Node) {
    let connect = async {
        while one.peer(other.id().name.as_str()).is_none()
            || other.peer(one.id().name.as_str()).is_none()
        {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let within = tokio::time::timeout(Duration::from_secs(65), connect).await;
    within.expect("connected within a minute, and a handshake");
}
