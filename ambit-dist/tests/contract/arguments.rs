//! Two versions of arguments: of methods, of starts and of functions.

use std::collections::BTreeMap;
use std::fmt;

use ambit::message::{
    Agreement, ArgsOf, BreakReason, Contract, Form, In, Interface, Method, Out, Remote, Rpc,
    StartArgs, Types, compatible,
};
use ambit::server::GenServer;
use ambit_dist::Bincode;

use crate::contract::pair::fits;

/// `#[rpc]` derives no traits for a request.
macro_rules! compared {
    ($request:ty) => {
        impl PartialEq for $request {
            fn eq(&self, other: &Self) -> bool {
                (self.w, self.h) == (other.w, other.h)
            }
        }

        impl fmt::Debug for $request {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{} by {}", self.w, self.h)
            }
        }
    };
}

mod old {
    use super::*;

    pub(super) struct Store;

    #[ambit::gen_server(remote = "shop.store")]
    impl Store {
        #[init]
        fn new(_key: u64, _ttl: Option<u64>) -> Self {
            Self
        }

        #[cast]
        fn put(&mut self, key: u64, _ttl: Option<u64>) {
            let _ = key;
        }
    }

    pub(super) struct Till;

    #[ambit::gen_server(remote = "shop.till")]
    impl Till {
        #[init]
        fn new(_from: u64) -> Self {
            Self
        }
    }

    pub(super) fn read(args: &TillArgs) -> u64 {
        args._from
    }

    #[ambit::rpc(name = "shop.area")]
    pub(super) async fn area(w: u64, h: u64, unit: Option<u64>) -> u64 {
        w * h * unit.unwrap_or(1)
    }

    compared!(area);
}

mod new {
    use super::*;

    pub(super) struct Store;

    #[ambit::gen_server(remote = "shop.store")]
    impl Store {
        #[init]
        fn new(_key: u64, _version: Option<u64>) -> Self {
            Self
        }

        #[cast]
        fn put(&mut self, _key: u64, ttl: Option<u64>) {
            let _ = ttl;
        }
    }

    pub(super) struct Till;

    #[ambit::gen_server(remote = "shop.till")]
    impl Till {
        #[init]
        fn new(#[message(rename = "from")] start: u64, limit: Option<u64>) -> Self {
            let _ = (start, limit);
            Self
        }
    }

    pub(super) fn read(args: &TillArgs) -> (u64, Option<u64>) {
        (args.start, args.limit)
    }

    #[ambit::rpc(name = "shop.area")]
    pub(super) async fn area(h: u64, w: u64, scale: Option<u64>) -> u64 {
        w * h * scale.unwrap_or(1)
    }

    compared!(area);
}

/// Returns the contract of a protocol.
fn of(protocol: &str, interface: impl FnOnce(&mut Types) -> Interface) -> Contract {
    let mut types = Types::default();
    let interface = interface(&mut types);
    let contract = Contract {
        protocols: BTreeMap::from([(protocol.to_owned(), interface)]),
        types: types.into_definitions().unwrap(),
    };
    // A peer parses it from its text.
    contract.to_string().parse().unwrap()
}

/// Returns the contract of the start of a server, as `expose` builds it.
fn start_of<S: GenServer<Args: StartArgs>>() -> Contract {
    of("ambit.start", |types| Interface {
        methods: vec![Method {
            name: "shop".to_owned(),
            args: S::Args::fields(types),
            reply: None,
        }],
    })
}

#[test]
fn an_argument_may_become_used_or_unused() {
    let [old, new] =
        [old::Store::interface, new::Store::interface].map(|store| of("shop.store", store));
    assert_eq!(compatible(&old, &new), []);
    assert_eq!(compatible(&new, &old), []);
    assert_eq!(new.agreement(&old, "shop.store", "put"), Agreement::Compact);
}

#[test]
fn an_optional_argument_of_a_start_may_not_be_replaced() {
    let (old, new) = (start_of::<old::Store>(), start_of::<new::Store>());
    let agreed = new.agreement(&old, "ambit.start", "shop");
    let Agreement::Refused(breaks) = agreed else {
        panic!("{agreed:?}");
    };
    assert_eq!(breaks.len(), 1);
    assert_eq!(breaks[0].path, "argument `version`");
    let old = "ttl".to_owned();
    assert_eq!(breaks[0].reason, BreakReason::ArgumentRenamed { old });
}

/// Encodes the arguments of a start, and decodes them as those of another version.
fn cross<From: StartArgs, To: StartArgs>(args: From) -> To {
    let mut out = Out::<Bincode>::new(Form::Framed);
    args.put(&mut out).unwrap();
    let bytes = out.into_bytes();
    let mut input = In::<Bincode>::new(&bytes, Form::Framed);
    let args = To::take(&mut input).unwrap();
    input.finish().unwrap();
    args
}

#[test]
fn an_optional_argument_may_be_added_to_a_start() {
    let (old, new) = (start_of::<old::Till>(), start_of::<new::Till>());
    for agreed in [
        new.agreement(&old, "ambit.start", "shop"),
        old.agreement(&new, "ambit.start", "shop"),
    ] {
        assert_eq!(agreed, Agreement::Framed);
    }
    let sent = ArgsOf::<old::Till, old::TillArgs>::into_args((7,));
    assert_eq!(new::read(&cross(sent)), (7, None));
    let sent = ArgsOf::<new::Till, new::TillArgs>::into_args((7, Some(9)));
    assert_eq!(old::read(&cross(sent)), 7);
}

#[test]
fn a_function_identifies_its_arguments_by_their_positions() {
    let of_rpc = |method: fn(&mut Types) -> Method| {
        of("ambit.rpc", |types| Interface {
            methods: vec![method(types)],
        })
    };
    let (old, new) = (
        of_rpc(<old::area as Rpc>::method),
        of_rpc(<new::area as Rpc>::method),
    );
    let agreed = new.agreement(&old, "ambit.rpc", "shop.area");
    assert!(matches!(agreed, Agreement::Refused(_)), "{agreed:?}");
}

#[test]
fn a_request_as_a_value_identifies_its_arguments_by_their_names() {
    fits::<old::area, new::area>()
        .same(&old::area(2, 3, None), &new::area(3, 2, None))
        .read(&old::area(2, 3, Some(7)), |read| {
            read == Ok(&new::area(3, 2, None))
        });
}
