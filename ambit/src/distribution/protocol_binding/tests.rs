//! Tests of protocols in the versions of two nodes.

use std::sync::Arc;

use super::{AgreedProtocol, MethodEncoding, PeerProtocol, ProtocolBinding};
use crate::message::{Form, tag};

/// Returns the binding of a protocol whose method `get` has this signature.
fn version(get: &str) -> Arc<ProtocolBinding> {
    let text = format!("ambit contract 1\nprotocol kv\n  call get{get}");
    Arc::new(ProtocolBinding::new("kv", text.parse().unwrap()))
}

#[test]
fn each_local_version_of_a_protocol_is_compared_with_that_of_a_peer() {
    let peer = version("(key: string) -> u64");
    let [extended, narrow] = [
        "(key: string, or?: option<u64>) -> u64",
        "(key: string) -> u32",
    ];
    let theirs = PeerProtocol::new(
        peer.name().to_owned(),
        peer.fingerprint(),
        peer.text().to_owned(),
    );
    let theirs = Arc::new(theirs);
    let agreed = |ours: &str| AgreedProtocol::new(version(ours), theirs.clone());
    let get = tag("get");
    for _ in 0..2 {
        let framed = MethodEncoding::Form(Form::Framed);
        assert_eq!(agreed(extended).terms(get), framed);
        assert_eq!(agreed(narrow).terms(get), MethodEncoding::Incompatible);
        let differs = agreed(narrow).differs(get, ["theirs", "ours"]);
        assert!(differs.contains("u32"), "{differs}");
    }
    assert_eq!(theirs.compared.lock().len(), 2);
}
