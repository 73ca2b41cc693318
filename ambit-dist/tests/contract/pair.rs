//! Two versions of a type, as the argument of a cast: `cast put(value: T)` of the protocol `shop`.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::marker::PhantomData;

use ambit::message::{
    Agreement, BreakReason, Codec, Contract, DecodeError, EncodeError, Field, Form, In, Interface,
    Method, Out, Types, Wire, compatible, tag,
};
use ambit_dist::{Bincode, Postcard};

/// Returns the contract of a program that accepts values of a type.
pub(crate) fn takes<T: Wire>() -> Contract {
    let mut types = Types::default();
    let value = Field {
        name: "value".to_owned(),
        shape: T::shape(&mut types),
        optional: T::missing().is_some(),
    };
    let put = Method {
        name: "put".to_owned(),
        args: vec![value],
        reply: None,
    };
    let interface = Interface { methods: vec![put] };
    let contract = Contract {
        protocols: BTreeMap::from([("shop".to_owned(), interface)]),
        types: types.into_definitions().unwrap(),
    };
    // A peer parses it from its text.
    contract.to_string().parse().unwrap()
}

/// Encodes a value for a peer, as the only argument.
fn put<C: Codec, T: Wire>(value: &T, form: Form, peer: &Contract) -> Result<Vec<u8>, EncodeError> {
    let mut out = Out::<C>::new(form).for_peer(peer);
    out.record(1)?;
    out.field(tag("0"), value)?;
    Ok(out.into_bytes())
}

fn take<C: Codec, T: Wire>(bytes: &[u8], form: Form) -> Result<T, DecodeError> {
    let mut input = In::<C>::new(bytes, form);
    let mut arguments = input.record()?;
    let value = arguments.field("value", tag("0"))?;
    arguments.end();
    input.finish()?;
    Ok(value)
}

/// Decodes a value of one version as the other version.
fn cross<From: Wire, To: Wire>(
    value: &From,
    form: Form,
    peer: &Contract,
) -> [Result<Result<To, DecodeError>, EncodeError>; 2] {
    [
        put::<Bincode, _>(value, form, peer).map(|bytes| take::<Bincode, _>(&bytes, form)),
        put::<Postcard, _>(value, form, peer).map(|bytes| take::<Postcard, _>(&bytes, form)),
    ]
}

/// An old version of a type and a new one.
pub(crate) struct Pair<Old, New> {
    forms: &'static [Form],
    types: PhantomData<(Old, New)>,
}

/// Checks that the contract considers both equal: they do not differ on the wire.
#[track_caller]
pub(crate) fn equal<Old: Wire, New: Wire>() -> Pair<Old, New> {
    let (old, new) = (takes::<Old>(), takes::<New>());
    assert_eq!(compatible(&old, &new), []);
    assert_eq!(compatible(&new, &old), []);
    assert_eq!(new.agreement(&old, "shop", "put"), Agreement::Compact);
    assert_eq!(old.agreement(&new, "shop", "put"), Agreement::Compact);
    Pair {
        forms: &[Form::Compact, Form::Framed],
        types: PhantomData,
    }
}

/// Checks that they differ, and that the new one may replace the old one.
#[track_caller]
pub(crate) fn fits<Old: Wire, New: Wire>() -> Pair<Old, New> {
    let (old, new) = (takes::<Old>(), takes::<New>());
    assert_eq!(compatible(&old, &new), []);
    assert_eq!(new.agreement(&old, "shop", "put"), Agreement::Framed);
    assert_eq!(old.agreement(&new, "shop", "put"), Agreement::Framed);
    Pair {
        forms: &[Form::Framed],
        types: PhantomData,
    }
}

/// Checks that they are incompatible in both directions, with the path after "argument `value`" and the reason. Nodes
/// refuse the method.
#[track_caller]
pub(crate) fn breaks<Old: Wire, New: Wire>(expected: &[(&str, BreakReason)]) -> Pair<Old, New> {
    let pair = steps_back(expected);
    let (old, new) = (takes::<Old>(), takes::<New>());
    for agreed in [
        new.agreement(&old, "shop", "put"),
        old.agreement(&new, "shop", "put"),
    ] {
        assert!(matches!(agreed, Agreement::Refused(_)), "{agreed:?}");
    }
    pair
}

/// Checks that no release may go from one to the other, with the reasons. Nodes may still understand each other.
#[track_caller]
pub(crate) fn steps_back<Old: Wire, New: Wire>(expected: &[(&str, BreakReason)]) -> Pair<Old, New> {
    let found = compatible(&takes::<Old>(), &takes::<New>());
    let named = found
        .iter()
        .all(|found| found.protocol == "shop" && found.method.as_deref() == Some("put"));
    assert!(named, "{found:?}");
    let found: Vec<_> = found
        .into_iter()
        .map(|found| (found.path, found.reason))
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(way, reason)| {
            let comma = if way.is_empty() { "" } else { ", " };
            (format!("argument `value`{comma}{way}"), reason.clone())
        })
        .collect();
    assert_eq!(found, expected);
    Pair {
        forms: &[Form::Framed],
        types: PhantomData,
    }
}

impl<Old: Wire + Debug + PartialEq, New: Wire + Debug + PartialEq> Pair<Old, New> {
    /// Checks that both versions decode the value of the other to this one.
    #[track_caller]
    pub(crate) fn same(self, old: &Old, new: &New) -> Self {
        self.read(old, |read| read == Ok(new))
            .back(new, |read| read == Ok(old))
    }

    /// Checks how the new program decodes an old value.
    #[track_caller]
    pub(crate) fn read(self, old: &Old, is: impl Fn(Result<&New, &DecodeError>) -> bool) -> Self {
        let peer = takes::<New>();
        self.each(|form| all::<New>(cross(old, form, &peer), &is));
        self
    }

    /// Checks how the old program decodes a new value.
    #[track_caller]
    pub(crate) fn back(self, new: &New, is: impl Fn(Result<&Old, &DecodeError>) -> bool) -> Self {
        let peer = takes::<Old>();
        self.each(|form| all::<Old>(cross(new, form, &peer), &is));
        self
    }

    /// Checks that the new program refuses to send this value to the old one.
    #[track_caller]
    pub(crate) fn kept_back(self, new: &New) -> Self {
        let peer = takes::<Old>();
        self.each(|form| {
            for sent in cross::<New, Old>(new, form, &peer) {
                assert!(matches!(sent, Err(EncodeError::Newer { .. })), "{sent:?}");
            }
        });
        self
    }

    #[track_caller]
    fn each(&self, check: impl Fn(Form)) {
        self.forms.iter().copied().for_each(check);
    }
}

#[track_caller]
fn all<To: Debug>(
    read: [Result<Result<To, DecodeError>, EncodeError>; 2],
    is: impl Fn(Result<&To, &DecodeError>) -> bool,
) {
    for read in read {
        let read = read.unwrap();
        assert!(is(read.as_ref()), "{read:?}");
    }
}

/// Returns whether the bytes are not a value of the type.
pub(crate) fn garbage<T>(read: Result<&T, &DecodeError>) -> bool {
    matches!(
        read,
        Err(DecodeError::Truncated | DecodeError::TrailingBytes { .. } | DecodeError::Invalid(_))
    )
}

/// Returns whether this field is missing.
pub(crate) fn lacks<T>(name: &'static str) -> impl Fn(Result<&T, &DecodeError>) -> bool {
    move |read| matches!(read, Err(DecodeError::MissingField { field }) if *field == name)
}

/// Returns whether the variant is unknown.
pub(crate) fn unknown<T>(read: Result<&T, &DecodeError>) -> bool {
    matches!(read, Err(DecodeError::UnknownTag { .. }))
}

/// Builds the reason for a changed type.
pub(crate) fn changed(old: &str, new: &str) -> BreakReason {
    BreakReason::TypeChanged {
        old: shape(old),
        new: shape(new),
    }
}

/// Parses a shape.
fn shape(text: &str) -> ambit::message::Shape {
    let lines = format!("ambit contract 1\nprotocol p\n  call m() -> {text}\n");
    let names = ["shop.a", "shop.b", "shop.page<u64>", "shop.page<u32>"];
    let types = names.map(|name| format!("opaque {name} version 1\n"));
    let contract: Contract = (lines + &types.concat()).parse().unwrap();
    contract.method("p", "m").unwrap().reply.clone().unwrap()
}
