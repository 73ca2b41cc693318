//! Two versions of arguments: of methods, of starts and of functions.

use std::collections::BTreeMap;

use ambit::message::{Agreement, Contract, Interface, Remote, Types, compatible};

mod old {
    pub(super) struct Store;

    #[ambit::gen_server(remote = "shop.store")]
    impl Store {
        #[cast]
        fn put(&mut self, key: u64, _ttl: Option<u64>) {
            let _ = key;
        }
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
