//! Protocols with the name of a protocol in an outer scope.

mod outer {
    use ambit::prelude::*;

    #[protocol]
    trait Kv {
        #[call]
        fn get(&self, key: u64) -> u64;
    }

    struct Store;

    #[gen_server(protocol = Kv)]
    impl Store {
        #[call]
        fn get(&self, key: u64) -> u64 {
            key
        }
    }

    mod inner {
        use super::*;

        #[protocol(remote = "inner.kv")]
        trait Kv {
            #[call]
            fn get(&self, key: u64) -> u64;
            #[cast]
            fn set(&self, key: u64);
        }

        struct Store(u64);

        #[gen_server(protocol = Kv, remote = "inner.store")]
        impl Store {
            #[init]
            fn new(key: u64) -> Self {
                Self(key)
            }

            #[call]
            fn get(&self, key: u64) -> u64 {
                self.0 + key
            }

            #[cast]
            fn set(&mut self, key: u64) {
                self.0 = key;
            }
        }

        #[ambit::test]
        async fn the_protocol_of_the_inner_module_is_meant() {
            let store = Store::start(1).await.unwrap();
            store.set(4).await.unwrap();
            assert_eq!(store.get(1).await, Ok(5));
        }
    }

    #[ambit::test]
    async fn the_protocol_of_the_function_is_meant() {
        #[protocol]
        trait Kv {
            #[call]
            fn count(&self) -> u64;
        }

        struct Counter;

        #[gen_server(protocol = Kv)]
        impl Counter {
            #[call]
            fn count(&self) -> u64 {
                3
            }
        }

        assert_eq!(Counter.start().await.unwrap().count().await, Ok(3));
        assert_eq!(Store.start().await.unwrap().get(1).await, Ok(1));
    }
}
