//! Two versions of a server, with a pair of methods for each case.

use ambit::error::CallError;
use ambit::message::BreakReason::{
    ArgumentAdded, ArgumentMoved, ArgumentRemoved, ArgumentRenamed, KindChanged, MethodRemoved,
    ProtocolRemoved,
};
use ambit::message::{
    Agreement, BreakReason, Codec, Contract, DecodeError, Form, Remote, compatible,
    compatible_method, contract, listed, tag,
};
use ambit_dist::{Bincode, Postcard};

use crate::contract::bridge::{Version, bridge};
use crate::contract::messages;
use crate::contract::pair::changed;

/// The old version.
pub(crate) mod old {
    use super::*;

    messages! {
        #[message(name = "shop.receipt")]
        pub(crate) struct Receipt { pub(crate) total: u64 }
    }

    #[derive(Default)]
    pub(crate) struct Shop {
        seen: Vec<u64>,
    }

    #[ambit::gen_server(remote = "shop")]
    impl Shop {
        #[call]
        pub(crate) fn seen(&self) -> Vec<u64> {
            self.seen.clone()
        }
        #[call]
        pub(crate) fn removed(&self) -> u64 {
            1
        }
        #[call]
        pub(crate) fn tagged(&self, by: u64) -> u64 {
            by + 1
        }
        #[call]
        pub(crate) fn renamed(&self) -> u64 {
            1
        }
        #[call]
        pub(crate) fn call_to_cast(&mut self) -> u64 {
            1
        }
        #[cast]
        pub(crate) fn cast_to_call(&mut self) {}
        #[cast]
        pub(crate) fn argument_changed(&mut self, a: u64) {
            self.seen.push(a);
        }
        #[cast]
        pub(crate) fn argument_added(&mut self, a: u64) {
            self.seen.push(a);
        }
        #[cast]
        pub(crate) fn option_added(&mut self, a: u64) {
            self.seen.push(a);
        }
        #[cast]
        pub(crate) fn argument_removed(&mut self, a: u64, b: u64) {
            self.seen.extend([a, b]);
        }
        #[cast]
        pub(crate) fn option_removed(&mut self, a: u64, b: Option<u64>) {
            self.seen.push(a);
            self.seen.extend(b);
        }
        #[cast]
        pub(crate) fn argument_renamed(&mut self, a: u64) {
            self.seen.push(a);
        }
        #[cast]
        pub(crate) fn option_exchanged(&mut self, a: u64, ttl: Option<u64>) {
            self.seen.push(a);
            self.seen.extend(ttl);
        }
        #[cast]
        pub(crate) fn option_renamed(&mut self, a: u64, ttl: Option<u64>) {
            self.seen.push(a);
            self.seen.extend(ttl);
        }
        #[cast]
        pub(crate) fn arguments_exchanged(&mut self, from: u64, to: u64) {
            self.seen.extend([from, to]);
        }
        #[call]
        pub(crate) fn reply_changed(&self) -> u64 {
            1
        }
        #[call]
        pub(crate) fn reply_has_more(&self) -> Receipt {
            Receipt { total: 1 }
        }
        #[call]
        pub(crate) fn error_changed(&self, good: bool) -> Result<u64, String> {
            if good { Ok(1) } else { Err("old".to_owned()) }
        }
    }

    impl Version for Shop {
        type Other = new::Shop;
    }
}

/// The new version.
pub(crate) mod new {
    use super::*;

    messages! {
        #[message(name = "shop.receipt")]
        pub(crate) struct Receipt { pub(crate) tip: Option<u8>, pub(crate) total: u64 }
    }

    #[derive(Default)]
    pub(crate) struct Shop {
        seen: Vec<u64>,
    }

    #[ambit::gen_server(remote = "shop")]
    impl Shop {
        #[call]
        pub(crate) fn seen(&self) -> Vec<u64> {
            self.seen.clone()
        }
        #[call]
        pub(crate) fn added(&self) -> u64 {
            2
        }
        #[call(tag = "tagged")]
        pub(crate) fn named_anew(&self, by: u64) -> u64 {
            by + 2
        }
        #[call]
        pub(crate) fn renamed_without_a_tag(&self) -> u64 {
            2
        }
        #[cast]
        pub(crate) fn call_to_cast(&mut self) {}
        #[call]
        pub(crate) fn cast_to_call(&mut self) -> u64 {
            2
        }
        #[cast]
        pub(crate) fn argument_changed(&mut self, a: String) {
            self.seen.push(a.len() as u64);
        }
        #[cast]
        pub(crate) fn argument_added(&mut self, a: u64, b: u64) {
            self.seen.extend([a, b]);
        }
        #[cast]
        pub(crate) fn option_added(&mut self, a: u64, b: Option<u64>) {
            self.seen.push(a);
            self.seen.extend(b);
        }
        #[cast]
        pub(crate) fn argument_removed(&mut self, a: u64) {
            self.seen.push(a);
        }
        #[cast]
        pub(crate) fn option_removed(&mut self, a: u64) {
            self.seen.push(a);
        }
        #[cast]
        pub(crate) fn argument_renamed(&mut self, b: u64) {
            self.seen.push(b);
        }
        #[cast]
        pub(crate) fn option_exchanged(&mut self, a: u64, version: Option<u64>) {
            self.seen.push(a);
            self.seen.extend(version);
        }
        #[cast]
        pub(crate) fn option_renamed(
            &mut self,
            a: u64,
            #[message(rename = "ttl")] keep_for: Option<u64>,
        ) {
            self.seen.push(a);
            self.seen.extend(keep_for);
        }
        #[cast]
        pub(crate) fn arguments_exchanged(&mut self, to: u64, from: u64) {
            self.seen.extend([from, to]);
        }
        #[call]
        pub(crate) fn reply_changed(&self) -> String {
            "two".to_owned()
        }
        #[call]
        pub(crate) fn reply_has_more(&self) -> Receipt {
            Receipt {
                tip: Some(1),
                total: 2,
            }
        }
        #[call]
        pub(crate) fn error_changed(&self, good: bool) -> Result<u64, u8> {
            if good { Ok(2) } else { Err(2) }
        }
    }

    impl Version for Shop {
        type Other = old::Shop;
    }
}

fn of<P: Remote>() -> Contract {
    contract([listed::<P>()]).unwrap()
}

fn contracts() -> [Contract; 2] {
    [of::<old::Shop>(), of::<new::Shop>()]
}

fn gone(name: &str) -> BreakReason {
    MethodRemoved {
        kind: "call",
        name: name.to_owned(),
    }
}

/// Returns all breaking changes: method, path, reason.
fn expected() -> Vec<(&'static str, &'static str, BreakReason)> {
    vec![
        ("argument_added", "argument `b`", ArgumentAdded),
        ("argument_changed", "argument `a`", changed("u64", "string")),
        ("argument_removed", "argument `b`", ArgumentRemoved),
        (
            "arguments_exchanged",
            "argument `to`",
            ArgumentMoved { old: 2, new: 1 },
        ),
        (
            "arguments_exchanged",
            "argument `from`",
            ArgumentMoved { old: 1, new: 2 },
        ),
        (
            "call_to_cast",
            "",
            KindChanged {
                old: "call",
                new: "cast",
            },
        ),
        (
            "cast_to_call",
            "",
            KindChanged {
                old: "cast",
                new: "call",
            },
        ),
        ("error_changed", "reply, error", changed("string", "u8")),
        (
            "option_exchanged",
            "argument `version`",
            ArgumentRenamed {
                old: "ttl".to_owned(),
            },
        ),
        ("removed", "", gone("removed")),
        ("renamed", "", gone("renamed")),
        ("reply_changed", "reply", changed("u64", "string")),
    ]
}

#[test]
fn a_contract_round_trips_through_its_text() {
    for contract in contracts() {
        assert_eq!(contract.to_string().parse(), Ok(contract));
    }
}

#[test]
fn breaking_changes_are_reported_with_their_method() {
    let [old, new] = contracts();
    let found = compatible(&old, &new).into_iter();
    let found: Vec<_> = found
        .map(|found| {
            assert_eq!(found.protocol, "shop");
            (found.method.unwrap(), found.path, found.reason)
        })
        .collect();
    let expected = expected().into_iter();
    let expected: Vec<_> = expected
        .map(|(method, path, reason)| (method.to_owned(), path.to_owned(), reason))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn nodes_agree_method_by_method() {
    let [old, new] = contracts();
    let (mut compact, mut framed, mut none) = (Vec::new(), Vec::new(), Vec::new());
    let names = old.protocols["shop"]
        .methods
        .iter()
        .map(|method| method.name.as_str());
    for name in names.chain(["added", "never"]) {
        match new.agreement(&old, "shop", name) {
            Agreement::Compact => compact.push(name),
            Agreement::Framed => framed.push(name),
            Agreement::NoMethod => none.push(name),
            Agreement::Refused(breaks) => {
                assert_eq!(breaks, compatible_method(&old, &new, "shop", name));
                assert!(
                    expected().iter().any(|(method, ..)| *method == name),
                    "{name}"
                );
            }
        }
    }
    assert_eq!(compact, ["option_renamed", "seen", "tagged"]);
    assert_eq!(
        framed,
        [
            "argument_renamed",
            "option_added",
            "option_removed",
            "reply_has_more"
        ]
    );
    assert_eq!(none, ["removed", "renamed", "added", "never"]);
}

#[test]
fn a_protocol_may_be_added_and_not_removed() {
    let [old, _] = contracts();
    let nothing = Contract::default();
    assert_eq!(compatible(&nothing, &old), []);
    let breaks = compatible(&old, &nothing);
    assert_eq!(breaks.len(), 1);
    assert_eq!(
        (breaks[0].protocol.as_str(), &breaks[0].reason),
        ("shop", &ProtocolRemoved)
    );
}

/// Calls the compatible methods from an old handle on a new server, and the other way round.
async fn both_ways<C: Codec>() {
    let new = new::Shop::default().start().await.unwrap();
    let old = old::Shop::default().start().await.unwrap();
    let (to_new, unread_by_new) = bridge::<old::Shop, C>(&new, Form::Framed).await;
    let (to_old, unread_by_old) = bridge::<new::Shop, C>(&old, Form::Framed).await;

    assert_eq!(to_new.tagged(1).await, Ok(3));
    assert_eq!(to_old.named_anew(1).await, Ok(2));
    assert_eq!(to_new.reply_has_more().await, Ok(old::Receipt { total: 2 }));
    let receipt = new::Receipt {
        tip: None,
        total: 1,
    };
    assert_eq!(to_old.reply_has_more().await, Ok(receipt));

    to_new.option_added(1).await.unwrap();
    to_new.option_removed(2, Some(3)).await.unwrap();
    to_new.argument_renamed(4).await.unwrap();
    to_new.option_renamed(9, Some(10)).await.unwrap();
    assert_eq!(to_new.seen().await, Ok(vec![1, 2, 4, 9, 10]));
    to_old.option_added(5, Some(6)).await.unwrap();
    to_old.option_removed(7).await.unwrap();
    to_old.argument_renamed(8).await.unwrap();
    assert_eq!(to_old.seen().await, Ok(vec![5, 7, 8]));

    assert_eq!(unread_by_new.take(), []);
    assert_eq!(unread_by_old.take(), []);
}

#[ambit::test]
async fn compatible_methods_work_in_both_directions() {
    both_ways::<Bincode>().await;
    both_ways::<Postcard>().await;
}

/// Calls methods with equal fingerprints, in the compact form.
async fn compact<C: Codec>() {
    let new = new::Shop::default().start().await.unwrap();
    let old = old::Shop::default().start().await.unwrap();
    let (to_new, _) = bridge::<old::Shop, C>(&new, Form::Compact).await;
    let (to_old, _) = bridge::<new::Shop, C>(&old, Form::Compact).await;
    assert_eq!(to_new.tagged(1).await, Ok(3));
    assert_eq!(to_new.seen().await, Ok(vec![]));
    assert_eq!(to_old.named_anew(1).await, Ok(2));
    assert_eq!(to_old.seen().await, Ok(vec![]));
}

#[ambit::test]
async fn equal_methods_work_in_the_compact_form() {
    compact::<Bincode>().await;
    compact::<Postcard>().await;
}

fn unknown(method: &str) -> DecodeError {
    let tag = tag(method);
    DecodeError::UnknownMethod { of: "shop", tag }
}

/// Calls incompatible methods from an old handle on a new server, which nodes would refuse.
async fn forward<C: Codec>() {
    let new = new::Shop::default().start().await.unwrap();
    let (shop, unread) = bridge::<old::Shop, C>(&new, Form::Framed).await;
    let nothing = Err(CallError::NoReply);

    assert_eq!(shop.removed().await, nothing);
    assert_eq!(shop.renamed().await, nothing);
    assert_eq!(shop.call_to_cast().await, nothing);
    shop.cast_to_call().await.unwrap();
    let missing = |field| DecodeError::MissingField { field };
    shop.argument_added(1).await.unwrap();
    assert_eq!(shop.reply_changed().await, nothing);
    let unknown = ["removed", "renamed", "call_to_cast", "cast_to_call"].map(unknown);
    let said = unread.take();
    assert_eq!(said[..4], unknown);
    assert_eq!(said[4], missing("b"));
    assert!(
        matches!(said[5], DecodeError::TrailingBytes { .. }),
        "{said:?}"
    );

    assert_eq!(shop.error_changed(true).await, Ok(Ok(2)));
    assert_eq!(shop.error_changed(false).await, Err(CallError::NoReply));
    assert_eq!(unread.take(), [DecodeError::Truncated]);

    shop.argument_changed(1).await.unwrap();
    shop.argument_removed(2, 3).await.unwrap();
    // The exchange would go unnoticed without the argument names in the contract.
    shop.arguments_exchanged(4, 5).await.unwrap();
    shop.option_exchanged(6, Some(7)).await.unwrap();
    assert_eq!(shop.seen().await, Ok(vec![2, 5, 4, 6, 7]));
    assert_eq!(unread.take().len(), 1);
}

/// Calls incompatible methods from a new handle on an old server.
async fn backward<C: Codec>() {
    let old = old::Shop::default().start().await.unwrap();
    let (shop, unread) = bridge::<new::Shop, C>(&old, Form::Framed).await;
    let nothing = Err(CallError::NoReply);

    assert_eq!(shop.added().await, nothing);
    assert_eq!(shop.renamed_without_a_tag().await, nothing);
    shop.call_to_cast().await.unwrap();
    assert_eq!(shop.cast_to_call().await, nothing);
    shop.argument_removed(1).await.unwrap();
    assert_eq!(shop.seen().await, Ok(vec![]));
    let said = unread.take();
    let names = [
        "added",
        "renamed_without_a_tag",
        "call_to_cast",
        "cast_to_call",
    ];
    assert_eq!(said[..4], names.map(unknown));
    assert_eq!(said[4..], [DecodeError::MissingField { field: "b" }]);

    assert_eq!(shop.reply_changed().await, Err(CallError::NoReply));
    assert_eq!(shop.error_changed(true).await, Ok(Ok(1)));
    assert_eq!(shop.error_changed(false).await, Err(CallError::NoReply));
    shop.argument_changed("four".to_owned()).await.unwrap();
    shop.argument_added(2, 3).await.unwrap();
    shop.arguments_exchanged(4, 5).await.unwrap();
    assert_eq!(shop.seen().await, Ok(vec![2, 4, 5]));
    assert_eq!(unread.take().len(), 3);
}

#[ambit::test]
async fn rejected_changes_would_not_be_decodable() {
    forward::<Bincode>().await;
    forward::<Postcard>().await;
    backward::<Bincode>().await;
    backward::<Postcard>().await;
}
