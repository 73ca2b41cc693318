//! Two versions of arguments: of methods, of starts and of functions.

use std::collections::BTreeMap;
use std::fmt;

use ambit::message::{Agreement, Contract, Interface, Remote, Rpc, Types, compatible};

use crate::contract::pair::fits;

mod old {
    pub(super) struct Store;

    #[ambit::gen_server(remote = "shop.store")]
    impl Store {
        #[cast]
        fn put(&mut self, key: u64, _ttl: Option<u64>) {
            let _ = key;
        }
    }

    #[ambit::rpc(name = "shop.area")]
    pub(super) async fn area(w: u64, h: u64, unit: Option<u64>) -> u64 {
        w * h * unit.unwrap_or(1)
    }
}

mod new {
    pub(super) struct Store;

    #[ambit::gen_server(remote = "shop.store")]
    impl Store {
        #[cast]
        fn put(&mut self, _key: u64, ttl: Option<u64>) {
            let _ = ttl;
        }
    }

    #[ambit::rpc(name = "shop.area")]
    pub(super) async fn area(h: u64, w: u64, scale: Option<u64>) -> u64 {
        w * h * scale.unwrap_or(1)
    }
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

#[test]
fn an_argument_may_become_used_or_unused() {
    let [old, new] =
        [old::Store::interface, new::Store::interface].map(|of_store| of("shop.store", of_store));
    assert_eq!(compatible(&old, &new), []);
    assert_eq!(compatible(&new, &old), []);
    assert_eq!(new.agreement(&old, "shop.store", "put"), Agreement::Compact);
}

#[test]
fn a_function_identifies_its_arguments_by_their_positions() {
    let of_rpc = |method: fn(&mut Types) -> _| {
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

/// `#[rpc]` derives no traits for a request.
macro_rules! compared {
    ($($request:ty)*) => {$(
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
    )*};
}

compared!(old::area new::area);

#[test]
fn a_request_as_a_value_identifies_its_arguments_by_their_names() {
    fits::<old::area, new::area>()
        .same(&old::area(2, 3, None), &new::area(3, 2, None))
        .read(&old::area(2, 3, Some(7)), |read| {
            read.is_ok_and(|read| read.scale.is_none())
        });
}
