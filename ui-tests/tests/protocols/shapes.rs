//! Protocols of every shape, in every kind of module.

use std::fmt::Debug;
use std::hash::Hash;

use ambit::prelude::*;

use super::servers::{KvSubject, StoreSubject};

/// A protocol that another module uses.
pub(crate) mod api {
    /// Its message types, as private as a protocol may be.
    pub(crate) mod light {
        use ambit::prelude::*;

        /// On or off.
        #[protocol(crate = ambit)]
        pub(crate) trait Light {
            /// Whether it is on.
            #[call]
            #[must_use]
            fn is_on(&self) -> bool;

            #[cast]
            #[deprecated = "use a switch"]
            fn toggle(&self);

            #[cfg(any())]
            #[call]
            fn never(&self) -> NoSuchType;

            #[cfg(not(any()))]
            #[call]
            fn r#match(&self, r#type: u8) -> u8;
        }
    }
}

struct Lamp(bool);

#[gen_server(protocol = api::light::Light)]
impl Lamp {
    #[call]
    fn is_on(&self) -> bool {
        self.0
    }

    #[cast]
    fn toggle(&mut self) {
        self.0 = !self.0;
    }

    #[call]
    fn r#match(&self, r#type: u8) -> u8 {
        r#type + 1
    }

    // A method of the server, not of the protocol.
    #[info]
    fn on_down(&mut self, _down: Down) {}
}

#[ambit::test]
async fn a_protocol_is_found_by_its_path() {
    let lamp: api::light::LightSubject = Lamp(false).start().await.unwrap();
    #[allow(deprecated, reason = "that it is deprecated is what is looked at")]
    lamp.toggle().await.unwrap();
    assert_eq!(lamp.is_on().await, Ok(true));
    assert_eq!(lamp.r#match(1).await, Ok(2));
}

#[ambit::test]
async fn a_protocol_and_its_server_can_stand_in_a_function() {
    #[protocol]
    trait Echo {
        #[call]
        fn say(&self, text: String) -> String;
    }
    struct Wall;
    #[gen_server(protocol = Echo)]
    impl Wall {
        #[call]
        fn say(&self, text: String) -> String {
            text
        }
    }
    let echo: EchoSubject = Wall.start().await.unwrap();
    assert_eq!(echo.say("hi".into()).await, Ok("hi".into()));
}

/// Some of its methods have the names of the handle's own functions.
#[protocol]
pub(crate) trait Odd {
    #[call]
    fn send(&self) -> u8;

    #[call]
    fn named(&self, name: String) -> u8;

    #[call]
    fn stop(&self) -> u8;

    #[call]
    fn when_available(&self) -> u8;
}

pub(crate) struct Strange;

#[gen_server(protocol = Odd)]
impl Strange {
    #[call]
    fn send(&self) -> u8 {
        1
    }

    #[call]
    fn named(&self, _name: String) -> u8 {
        2
    }

    #[call]
    fn stop(&self) -> u8 {
        3
    }

    #[call]
    fn when_available(&self) -> u8 {
        4
    }
}

#[ambit::test]
async fn a_method_overrides_the_handles_own_method() {
    let odd = Strange.start().await.unwrap();
    assert_eq!(odd.send().await, Ok(1));
    assert_eq!(odd.named("x".into()).await, Ok(2));
    assert_eq!(odd.stop().await, Ok(3));
    assert_eq!(odd.when_available().await, Ok(4));
}

#[protocol]
pub(crate) trait Nothing {}

pub(crate) struct Idle;

#[gen_server(protocol = Nothing)]
impl Idle {}

#[ambit::test]
async fn a_protocol_may_be_empty() {
    let idle: NothingSubject = Idle.start().await.unwrap();
    idle.stop().await.unwrap();
}

/// A call and a cast whose variants have one name.
#[protocol]
pub(crate) trait Versions {
    #[call]
    fn v1(&self) -> u8;

    #[rustfmt::skip]
    #[cast]
    fn v_1(&mut self, value: u8) where;
}

pub(crate) struct Version(u8);

#[gen_server(protocol = Versions)]
impl Version {
    #[call]
    fn v1(&self) -> u8 {
        self.0
    }

    #[cast]
    fn v_1(&mut self, value: u8) {
        self.0 = value;
    }
}

#[ambit::test]
async fn a_call_and_a_cast_may_have_variants_of_one_name() {
    let version = Version(0).start().await.unwrap();
    version.v_1(3).await.unwrap();
    assert_eq!(version.v1().await, Ok(3));
}

/// Parameters with defaults.
#[protocol]
pub(crate) trait Ledger<K, V = u64, const N: usize = 2> {
    #[call]
    fn last(&self, key: K) -> [V; N];

    #[cast]
    fn put(&mut self, key: K, value: V);
}

pub(crate) struct Book([u64; 2]);

#[gen_server(protocol = Ledger<String>)]
impl Book {
    #[call]
    fn last(&self, _key: String) -> [u64; 2] {
        self.0
    }

    #[cast]
    fn put(&mut self, _key: String, value: u64) {
        self.0 = [self.0[1], value];
    }
}

/// The first default depends on the implementor, so no generated type has it.
#[protocol]
pub(crate) trait Mirror<R = Self, V = u8> {
    #[call]
    fn show(&self, value: V) -> V;
}

pub(crate) struct Glass;

#[gen_server(protocol = Mirror<()>)]
impl Glass {
    #[call]
    fn show(&self, value: u8) -> u8 {
        value
    }
}

#[ambit::test]
async fn the_types_of_a_protocol_have_its_defaults() {
    let book: LedgerSubject<String> = Book([0, 1]).start().await.unwrap();
    let (key, value) = ("a".to_owned(), 2);
    book.send(LedgerCast::<String>::Put { key, value })
        .await
        .unwrap();
    assert_eq!(book.last(String::new()).await, Ok([1, 2]));
    let mock = MockLedger::<String>::new().on_last(|_| [3, 4]);
    assert_eq!(
        mock.start().await.unwrap().last("b".into()).await,
        Ok([3, 4])
    );
    let glass: MirrorSubject<()> = Glass.start().await.unwrap();
    assert_eq!(glass.show(5).await, Ok(5));
}

macro_rules! ring {
    ($protocol:ident, $server:ident, $method:ident, $argument:ident, $type:ty) => {
        #[protocol]
        pub(crate) trait $protocol {
            #[call]
            fn $method(&self, $argument: $type, other: u8) -> $type;
        }
        pub(crate) struct $server;
        #[gen_server(protocol = $protocol)]
        impl $server {
            #[call]
            fn $method(&self, $argument: $type, other: u8) -> $type {
                $argument + <$type>::from(other)
            }
        }
    };
}

ring!(Adder, Sum, add, to, u64);

#[ambit::test]
async fn a_macro_can_write_a_protocol_and_its_server() {
    let adder: AdderSubject = Sum.start().await.unwrap();
    assert_eq!(adder.add(1, 2).await, Ok(3));
}

fn is_handle<T: Clone + Send + Sync + Debug + Eq + Hash + 'static>() {}

#[test]
fn a_handle_of_a_protocol_is_a_value() {
    is_handle::<KvSubject>();
    is_handle::<StoreSubject<std::cell::Cell<u8>, Box<u8>>>();
}

/// Generated code passes all lints that a user can deny.
mod strict {
    #![deny(
        warnings,
        missing_docs,
        missing_debug_implementations,
        unreachable_pub,
        unsafe_code,
        unused_qualifications,
        clippy::pedantic
    )]

    use ambit::prelude::*;

    /// A key.
    #[derive(Clone, Debug)]
    pub(super) struct Key(pub(super) u8);

    /// Opens and closes.
    #[protocol]
    pub(super) trait Door {
        /// Whether the key fits.
        #[call]
        fn open(&self, key: Key) -> bool;

        /// Closes it.
        #[cast]
        fn close(&self);

        /// Waits until it has been closed.
        #[call(deferred)]
        fn closed(&self, reply: ReplyTo<()>);
    }

    /// A door with a lock.
    #[derive(Debug)]
    pub(super) struct Locked {
        waiting: Vec<ReplyTo<()>>,
    }

    #[gen_server(protocol = Door, vis = pub(super))]
    impl Locked {
        /// A closed one.
        #[init]
        pub(super) fn new() -> Self {
            Self {
                waiting: Vec::new(),
            }
        }

        #[call]
        fn open(&self, key: Key) -> bool {
            key.0 == 7
        }

        #[cast]
        fn close(&mut self) {
            for reply in self.waiting.drain(..) {
                reply.send(());
            }
        }

        #[call(deferred)]
        fn closed(&mut self, reply: ReplyTo<()>) {
            self.waiting.push(reply);
        }
    }
}

#[ambit::test]
async fn a_protocol_is_written_without_a_warning() {
    let door: strict::DoorSubject = strict::Locked::start().await.unwrap();
    assert_eq!(door.open(strict::Key(7)).await, Ok(true));
    let closed = door.closed().send();
    door.close().await.unwrap();
    assert_eq!(closed.await, Ok(()));
}

/// Names that have a different meaning in this module.
mod shadowed {
    #![allow(dead_code, reason = "they stand in the way")]

    pub(super) struct Option;
    pub(super) struct Result;
    pub(super) struct Box;
    pub(super) struct Send;
    pub(super) struct Call;
    pub(super) struct Cast;
    pub(super) struct Protocol;
    pub(super) struct Subject;
    pub(super) trait Handled {}

    #[::ambit::protocol]
    pub(super) trait Bare<T, R, S> {
        #[call]
        fn swap(&self, value: T, formatter: R, message: S, ctx: u8) -> (R, T);

        #[cast]
        fn look(&self, core: u8, private: u8, closure: u8);
    }

    pub(super) struct Server;

    #[::ambit::gen_server(protocol = Bare<u8, u16, u32>)]
    impl Server {
        #[call]
        fn swap(&self, value: u8, formatter: u16, _message: u32, ctx: u8) -> (u16, u8) {
            (formatter, value + ctx)
        }

        #[cast]
        fn look(&self, _core: u8, _private: u8, _closure: u8) {}
    }
}

#[ambit::test]
async fn names_of_the_user_stand_in_nobodys_way() {
    let bare: shadowed::BareSubject<u8, u16, u32> = shadowed::Server.start().await.unwrap();
    assert_eq!(bare.swap(1, 2, 3, 4).await, Ok((2, 5)));
    let mock = shadowed::MockBare::new().on_swap(|value, formatter, _: u32, _| (formatter, value));
    let bare: shadowed::BareSubject<u8, u16, u32> = mock.start().await.unwrap();
    assert_eq!(bare.swap(1, 2, 3, 4).await, Ok((2, 1)));
}

/// A protocol whose methods mention its own handle.
#[protocol]
pub(crate) trait Node {
    #[call]
    fn next(&self) -> Option<NodeSubject>;

    #[call]
    fn weak(&self) -> Option<Subject<Self>>;

    #[cast]
    fn append(&self, node: NodeSubject);
}

#[derive(Default)]
pub(crate) struct Link(Option<NodeSubject>);

#[gen_server(protocol = Node)]
impl Link {
    #[call]
    fn next(&self) -> Option<NodeSubject> {
        self.0.clone()
    }

    #[call]
    fn weak(&self, ctx: &Context<Self>) -> Option<Subject<dyn Node>> {
        Some(ctx.subject().into())
    }

    #[cast]
    fn append(&mut self, node: NodeSubject) {
        self.0 = Some(node);
    }
}

#[ambit::test]
async fn a_protocol_may_speak_of_itself() {
    let (one, two) = (
        Link::default().start().await.unwrap(),
        Link::default().start().await.unwrap(),
    );
    one.append(two.clone()).await.unwrap();
    assert_eq!(one.next().await, Ok(Some(two)));
    assert_eq!(one.weak().await, Ok(Some(one.into())));
}

/// A protocol with a const parameter.
#[protocol]
pub(crate) trait Blocks<T, const N: usize>
where
    T: Copy,
{
    #[call]
    fn read(&self) -> [T; N];
}

pub(crate) struct Zeros<const N: usize>;

#[gen_server(protocol = Blocks<u8, N>)]
impl<const N: usize> Zeros<N> {
    #[call]
    async fn read(&mut self) -> [u8; N] {
        [0; N]
    }
}

#[ambit::test]
async fn a_parameter_may_be_a_number() {
    let zeros: BlocksSubject<u8, 3> = Zeros::<3>.start().await.unwrap();
    assert_eq!(zeros.read().await, Ok([0; 3]));
}
