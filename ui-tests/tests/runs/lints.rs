//! Lints that are off by default, and deprecated types.

#![deny(
    explicit_outlives_requirements,
    let_underscore_drop,
    macro_use_extern_crate,
    meta_variable_misuse,
    redundant_imports,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unsafe_op_in_unsafe_fn,
    unused_extern_crates,
    unused_import_braces,
    unused_lifetimes,
    unused_macro_rules,
    unused_results
)]
#![deny(clippy::pedantic, clippy::nursery, clippy::unwrap_used, clippy::panic)]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::shadow_unrelated
)]
#![deny(
    clippy::absolute_paths,
    clippy::missing_inline_in_public_items,
    clippy::impl_trait_in_params
)]

#[allow(clippy::needless_pass_by_ref_mut)]
mod strict {
    use std::future::ready;

    use ambit::prelude::*;

    pub(super) struct Cache<K, V> {
        last: Option<(K, V)>,
    }

    #[gen_server(vis = pub(super))]
    impl<K: PartialEq, V: Clone> Cache<K, V> {
        #[init]
        pub(super) fn new(last: Option<(K, V)>) -> Self {
            Self { last }
        }

        #[allow(clippy::too_many_arguments)]
        #[cast]
        pub(super) fn many(&mut self, _a: u8, _b: u8, _c: u8, _d: u8, _e: u8, _f: u8, _g: u8) {}

        #[call]
        pub(super) fn get(&self, key: K) -> Option<V> {
            let (last, value) = self.last.as_ref()?;
            (*last == key).then(|| value.clone())
        }

        #[call(deferred)]
        pub(super) fn later(&mut self, reply: ReplyTo<Option<V>>) {
            let value = self.last.as_ref().map(|(_, value)| value.clone());
            let _ = reply.send(value);
        }

        #[cast]
        pub(super) async fn put(&mut self, key: K, value: V) -> Result<(), String> {
            ready(()).await;
            self.last = Some((key, value));
            Ok(())
        }

        #[info]
        fn on_key(&mut self, ctx: &mut Context<Self>, key: K) {
            self.last = self.last.take().filter(|(last, _)| *last == key);
            ctx.continue_with(CacheContinue::Checked {
                found: self.last.is_some(),
            });
        }

        #[continue_with]
        fn checked(&mut self, found: bool) -> Flow {
            if found {
                Flow::Continue
            } else {
                Flow::Stop(ExitReason::Normal)
            }
        }

        #[terminate]
        async fn bye(&mut self, _reason: &ExitReason) {
            self.last = None;
            ready(()).await;
        }
    }
}

#[ambit::test]
async fn generated_code_passes_strict_lints() {
    let Ok(cache) = strict::Cache::start(Some((1_u8, 'a'))).await else {
        unreachable!()
    };
    assert_eq!(cache.get(1).await, Ok(Some('a')));
    assert!(cache.put(2, 'b').await.is_ok());
    assert_eq!(cache.later().await, Ok(Some('b')));
    assert!(cache.recipient::<u8>().send(2).await.is_ok());
    assert_eq!(cache.get(2).await, Ok(Some('b')));
}

#[allow(clippy::use_self)]
mod old {
    use ambit::prelude::*;

    #[deprecated = "use another"]
    #[derive(Clone)]
    pub(super) struct Old(pub(super) u64);

    #[allow(deprecated)]
    #[gen_server(vis = pub(super))]
    impl Old {
        #[call]
        pub(super) fn get(&self, by: Old) -> Old {
            Self(by.0)
        }

        #[cast]
        pub(super) fn set(&mut self, value: Old) {
            self.0 = value.0;
        }

        #[info]
        fn on_old(&mut self, old: Old) {
            self.0 = old.0;
        }
    }
}

#[allow(deprecated)]
#[ambit::test]
async fn deprecated_types_are_servers_and_messages() {
    let old = old::Old(1).start().await;
    let Ok(old) = old else { unreachable!() };
    assert_eq!(old.get(old::Old(3)).await.map(|old| old.0), Ok(3));
    assert!(old.set(old::Old(3)).await.is_ok());
    assert!(old.recipient().send(old::Old(4)).await.is_ok());
}

#[ambit::test]
async fn a_test_that_awaits_nothing_has_no_lint() {
    assert_eq!(size_of::<strict::Cache<u8, u8>>(), 3);
}
