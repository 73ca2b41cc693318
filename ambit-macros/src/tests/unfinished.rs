//! A macro must produce output for any unfinished input: every item, and every list of options, cut after every token.

use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;

use super::{Attributed, FIXTURES, count, fixture, truncated};
use crate::{entry, gen_server, markers, message, protocol, rpc, state_machine, supervisor, wire};

/// Expands options and an item.
type Expand = fn(TokenStream, &TokenStream) -> TokenStream;

#[test]
fn no_block_of_a_fixture_is_forgotten() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let has_block = fixture(name)
            .items
            .iter()
            .any(|item| Attributed::of(item).is_some());
        assert_eq!(FIXTURES.contains(&name), has_block, "{name}");
    }
}

/// The attributes on impl blocks, each on the blocks of the others too. For its own blocks there is a stricter test:
/// `unfinished_blocks_keep_their_methods`.
#[test]
fn attributes_answer_the_blocks_of_others() {
    let pairs: [(Expand, &str); 6] = [
        (gen_server::expand, "supervisor"),
        (gen_server::expand, "state_machine"),
        (state_machine::expand, "minimal"),
        (state_machine::expand, "supervisor"),
        (supervisor::expand, "minimal"),
        (supervisor::expand, "state_machine"),
    ];
    for (expand, name) in pairs {
        let file = fixture(name);
        let block = file.items.iter().rev().find_map(Attributed::of).unwrap();
        let block = block.block;
        answers(|cut| expand(TokenStream::new(), cut), &block);
    }
}

#[test]
fn attributes_answer_every_option() {
    let block = quote!(impl Door {});
    let options: [(Expand, TokenStream); 5] = [
        (
            gen_server::expand,
            quote!(mailbox = 64, overflow = drop_oldest, in_place = never, vis = pub(crate), crate = some::path),
        ),
        (
            state_machine::expand,
            quote!(states = [Locked, Open], mailbox = unbounded),
        ),
        (
            supervisor::expand,
            quote!(
                strategy = RestForOne,
                restarts = 3,
                within = Duration::from_secs(5),
                auto_shutdown = Any
            ),
        ),
        (
            entry::main,
            quote!(flavor = "multi_thread", worker_threads = 4, crate = ambit),
        ),
        (entry::test, quote!(real_time, seed = 7)),
    ];
    for (expand, options) in options {
        answers(|cut| expand(cut.clone(), &block), &options);
    }
}

#[test]
fn functions_answer() {
    let function = quote! {
        /// Says hello.
        #[should_panic = "hello"]
        pub(crate) async fn main<T>(mut inbox: Inbox<T>) -> Result<(), Box<dyn Error>> where T: Message { run().await }
    };
    answers(|cut| entry::main(TokenStream::new(), cut), &function);
    answers(|cut| entry::test(TokenStream::new(), cut), &function);
    let function = quote! {
        /// Multiplies.
        #[cfg(unix)]
        pub(crate) async unsafe fn area<'a, const N: usize>(&self, mut w: f64, (h, d): &'a [f64; N]) -> impl Area<'a> { w * h * d }
    };
    answers(|cut| rpc::expand(TokenStream::new(), cut), &function);
    let options = quote!(
        name = "geo.area",
        timeout = Duration::from_secs(1),
        crate = some::path
    );
    let function = quote!(
        fn area(w: f64, h: f64) -> f64 {
            w * h
        }
    );
    answers(|cut| rpc::expand(cut.clone(), &function), &options);
}

#[test]
fn messages_answer() {
    let items = [
        quote! {
            /// What happens.
            #[message(name = "shop.event", version = 2)]
            pub enum Event<T: Clone, const N: usize = 3> where T: Send {
                Created { #[message(default)] id: u64, },
                #[message(tag = "paid", since = 2)] Payed(OrderId<'static>, [T; N]),
                Refunded = 7,
            }
        },
        quote!(
            #[message(crate = some::path)]
            struct Pair<'a, T>(pub &'a T, pub(crate) Vec<T>)
            where
                T: 'a;
        ),
        quote!(union Number { float: f64, bits: u64 }),
    ];
    for item in items {
        answers(|cut| message::expand(cut.clone()), &item);
    }
}

#[test]
fn protocols_answer() {
    let item = quote! {
        /// Values by name.
        pub trait Kv<K: Send, const N: usize>: Send where K: Clone {
            /// The value.
            #[call(timeout = Duration::from_secs(1))] fn get(&self, key: K) -> Option<[u64; N]>;
            #[call(deferred)] async fn changed(&mut self, reply: ReplyTo<u64>);
            #[cast] fn put(&self, key: K, value: u64) { drop((key, value)) }
            const LIMIT: u64 = 1;
        }
    };
    answers(|cut| protocol::expand(TokenStream::new(), cut), &item);
    let options = quote!(remote = "kv", vis = pub(crate), crate = some::path);
    let item = quote!(
        trait Kv {
            #[cast]
            fn put(&self, key: u64);
        }
    );
    answers(|cut| protocol::expand(cut.clone(), &item), &options);
}

#[test]
fn wrappers_answer() {
    let options = quote!(name = "uuid.Uuid", version = 1);
    let item = quote!(
        #[derive(Clone)]
        pub struct Id<T>(pub(crate) uuid::Uuid<T>)
        where
            T: Send;
    );
    answers(|cut| wire::expand(options.clone(), cut), &item);
    answers(|cut| wire::expand(cut.clone(), &item), &options);
}

#[test]
fn markers_outside_a_block_answer() {
    let method = quote!(
        pub fn get(&self, key: String) -> Option<u64> {
            self.values.get(&key)
        }
    );
    for marker in ["call", "child", "enter", "ctx"] {
        answers(|cut| markers::outside(marker, cut), &method);
    }
}

/// Cuts the tokens after each of them; each result can be parsed by the compiler.
#[track_caller]
fn answers(expand: impl Fn(&TokenStream) -> TokenStream, tokens: &TokenStream) {
    for cut in 0..=count(tokens) {
        let cut = truncated(tokens, cut);
        let expanded = expand(&cut);
        let told = expanded.to_string().contains("compile_error");
        let kept = count(&expanded) >= count(&cut);
        assert!(told || kept, "`{cut}` became `{expanded}`");
    }
}
