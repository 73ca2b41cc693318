//! Protocols and their servers that must compile, and what they do.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test program")]

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::time::Duration;

use ambit::prelude::*;
use ambit::{Incoming, LookupError};

/// Keys and values.
#[protocol]
pub trait Kv {
    /// What is kept under `key`.
    #[call]
    fn get(&self, key: String) -> Option<u64>;

    #[call(timeout = Duration::from_millis(20))]
    fn len(&self) -> usize;

    /// Answers at the next change.
    #[call(deferred)]
    fn changed(&self, reply: ReplyTo<u64>);

    /// Keeps `value` under `key`.
    #[cast]
    fn put(&mut self, key: String, value: u64);
}

#[derive(Default)]
pub struct Memory {
    values: HashMap<String, u64>,
    waiting: Vec<ReplyTo<u64>>,
}

#[gen_server(protocol = Kv)]
impl Memory {
    #[init]
    pub fn new() -> Self {
        Self::default()
    }

    #[call]
    fn get(&mut self, key: String) -> Option<u64> {
        self.values.get(&key).copied()
    }

    #[call]
    fn len(&self) -> usize {
        self.values.len()
    }

    #[call(deferred, skip_expired)]
    fn changed(&mut self, reply: ReplyTo<u64>) {
        self.waiting.push(reply);
    }

    #[cast]
    async fn put(&mut self, ctx: &mut Context<Self>, key: String, value: u64) {
        self.values.insert(key, value);
        ctx.continue_with(MemoryContinue::Tell { value });
    }

    #[continue_with]
    fn tell(&mut self, value: u64) {
        for reply in self.waiting.drain(..) {
            reply.send(value);
        }
    }
}

/// Has nothing, forgets all, and never counts.
pub struct Empty;

#[gen_server(protocol = self::Kv, mailbox = 8)]
impl Empty {
    #[call]
    async fn get(&self, _key: String) -> Option<u64> {
        None
    }

    // Deferred although the protocol does not say so: the caller sees no difference.
    #[call(deferred)]
    async fn len(&mut self, reply: ReplyTo<usize>) {
        drop(reply);
    }

    #[call(deferred)]
    async fn changed(&mut self, reply: ReplyTo<u64>) {
        reply.send(0);
    }

    #[cast]
    async fn put(&mut self, _key: String, _value: u64) -> Result<(), String> {
        Err("nothing is kept".into())
    }
}

async fn fills(kv: &KvSubject) -> Result<Option<u64>, CallError> {
    kv.put("one".into(), 1).await.unwrap();
    kv.get("one".into()).await
}

#[ambit::test]
async fn two_servers_stand_behind_one_handle() {
    let memory: KvSubject = Memory::start().await.unwrap();
    let empty: KvSubject = Empty.start().await.unwrap();
    let both = [memory.clone(), empty.clone()];
    assert_eq!(fills(&both[0]).await, Ok(Some(1)));
    assert_eq!(both[1].get("one".into()).await, Ok(None));
    assert_eq!(memory.len().await, Ok(1));
    assert_eq!(empty.len().await, Err(CallError::NoReply));
    assert_eq!(empty.changed().await, Ok(0));
    assert_ne!(memory, empty);
    assert!(format!("{memory:?}").starts_with("Kv#"));
}

#[ambit::test]
async fn a_deferred_call_of_a_protocol_is_answered_later() {
    let kv = Memory::start().await.unwrap();
    let change = kv.changed().send();
    kv.put("one".into(), 5).await.unwrap();
    assert_eq!(change.await, Ok(5));
}

#[ambit::test]
async fn the_timeout_of_a_protocol_is_the_callers() {
    let kv = Memory::start().await.unwrap();
    ambit::sys::suspend(&kv).await.unwrap();
    assert_eq!(kv.len().await, Err(CallError::Timeout));
    ambit::sys::resume(&kv).await.unwrap();
}

#[ambit::test]
async fn a_message_of_a_protocol_can_be_sent_as_a_value() {
    let kv = Memory::start().await.unwrap();
    let cast = KvCast::Put {
        key: "one".into(),
        value: 1,
    };
    assert_eq!(format!("{cast:?}"), "Put { key: \"one\", value: 1 }");
    kv.send(cast.clone()).await.unwrap();
    kv.reserve().await.unwrap().send(cast);
    let subject: &Subject<dyn Kv> = kv.as_ref();
    assert_eq!(subject.call(|reply| KvCall::Len { reply }).await, Ok(1));
}

/// Keys and values of any type.
#[protocol]
pub trait Store<K, V> {
    #[call]
    fn find(&self, key: K) -> Option<V>;

    #[cast]
    fn keep(&self, key: K, value: V);

    #[cast]
    fn clear(&self);
}

pub struct Shelf<K, V> {
    values: HashMap<K, V>,
}

#[gen_server(protocol = Store<K, V>)]
impl<K: Hash + Eq, V: Clone> Shelf<K, V> {
    #[call]
    fn find(&self, key: K) -> Option<V> {
        self.values.get(&key).cloned()
    }

    #[cast]
    fn keep(&mut self, key: K, value: V) {
        self.values.insert(key, value);
    }

    #[cast]
    fn clear(&mut self) {
        self.values.clear();
    }
}

pub struct Lengths;

#[gen_server(protocol = Store<String, usize>)]
impl Lengths {
    #[call]
    fn find(&self, key: String) -> Option<usize> {
        Some(key.len())
    }

    #[cast]
    fn keep(&mut self, _key: String, _value: usize) {}

    #[cast]
    async fn clear(&mut self) {}
}

#[ambit::test]
async fn a_generic_protocol_has_generic_and_concrete_servers() {
    let shelf: StoreSubject<u8, String> = Shelf {
        values: HashMap::new(),
    }
    .start()
    .await
    .unwrap();
    shelf.keep(1, "one".into()).await.unwrap();
    assert_eq!(shelf.find(1).await, Ok(Some("one".into())));
    shelf.clear().await.unwrap();
    assert_eq!(shelf.find(1).await, Ok(None));
    let lengths: StoreSubject<String, usize> = Lengths.start().await.unwrap();
    assert_eq!(lengths.find("four".into()).await, Ok(Some(4)));
}

pub struct App;

#[supervisor]
impl App {
    #[child]
    fn kv(&self) -> ChildSpec<Memory> {
        Memory::child_spec()
    }
}

#[ambit::test]
async fn a_supervisor_gives_the_handle_of_the_protocol() {
    let app = App.start().await.unwrap();
    let kv: KvSubject = app.kv();
    assert_eq!(fills(&kv).await, Ok(Some(1)));
    ambit::test::expect_crash(&kv);
    let old = kv.pid();
    ambit::test::crash(&kv).await;
    ambit::test::await_restart(&kv, old).await;
    assert_eq!(kv.get("one".into()).await, Ok(None));
    app.stop().await.unwrap();
}

#[ambit::test]
async fn names_and_registries_hold_whoever_speaks_the_protocol() {
    let memory = Memory::start().name("store").await.unwrap();
    let found: KvSubject = ambit::whereis::<dyn Kv>("store").unwrap();
    assert_eq!(found, memory);
    assert_eq!(
        ambit::whereis::<Other>("store").unwrap_err(),
        LookupError::WrongType
    );
    assert_eq!(fills(&KvSubject::named("store")).await, Ok(Some(1)));

    let registry: Registry<String, dyn Kv> = Registry::unique();
    registry.register("memory", &memory).unwrap();
    Empty.start().via(&registry, "empty").await.unwrap();
    let empty = KvSubject::via(&registry, "empty");
    assert_eq!(empty.get("one".into()).await, Ok(None));
    let memory = registry.lookup("memory").unwrap();
    assert_eq!(memory.get("one".into()).await, Ok(Some(1)));
}

pub struct Other;

#[gen_server]
impl Other {}

#[ambit::test]
async fn a_pool_of_servers_is_asked_by_the_handle_of_the_protocol() {
    let pool = Pool::<Memory>::builder(Memory::child_spec())
        .size(2)
        .start()
        .await
        .unwrap();
    let worker: KvSubject = pool.worker();
    assert_eq!(worker.len().await, Ok(0));
    pool.stop().await.unwrap();
}

/// Who listens is told by the server itself: behind a protocol nobody knows its infos.
#[protocol]
pub trait Alarm {
    #[call]
    fn listener(&self) -> Recipient<String>;

    #[call]
    fn heard(&self) -> Vec<String>;
}

#[derive(Default)]
pub struct Bell(Vec<String>);

#[gen_server(protocol = Alarm)]
impl Bell {
    #[call]
    fn listener(&self, ctx: &Context<Self>) -> Recipient<String> {
        ctx.recipient()
    }

    #[call]
    fn heard(&self) -> Vec<String> {
        self.0.clone()
    }

    #[info]
    fn on_text(&mut self, text: String) {
        self.0.push(text);
    }
}

#[ambit::test]
async fn a_server_behind_a_protocol_hands_out_its_recipient() {
    let bell: AlarmSubject = Bell::default().start().await.unwrap();
    let listener = bell.listener().await.unwrap();
    listener.send("ding".into()).await.unwrap();
    assert_eq!(bell.heard().await, Ok(vec!["ding".to_owned()]));
}

/// Written without the macro.
pub struct ByHand(u64);

impl GenServer for ByHand {
    type Protocol = dyn Kv;
    type Args = u64;
    type Info = ();
    type Continue = ();

    async fn init(start: u64, _: &mut Context<Self>) -> Result<Self, ExitReason> {
        Ok(Self(start))
    }

    fn handle_now(
        &mut self,
        message: Incoming<Self>,
        ctx: &mut Context<Self>,
    ) -> Result<Flow, Incoming<Self>> {
        match message {
            Incoming::Call(KvCall::Get { reply, .. }) => ctx.answer(reply, Some(self.0)),
            Incoming::Cast(KvCast::Put { value, .. }) => self.0 = value,
            other => return Err(other),
        }
        Ok(Flow::Continue)
    }

    async fn handle_call(&mut self, call: KvCall, ctx: &mut Context<Self>) -> Flow {
        if let KvCall::Len { reply } = call {
            ctx.answer(reply, 1);
        }
        Flow::Continue
    }
}

#[ambit::test]
async fn a_server_by_hand_speaks_a_protocol() {
    let kv: KvSubject = ambit::start::<ByHand>(7).await.unwrap();
    assert_eq!(kv.get("any".into()).await, Ok(Some(7)));
    assert_eq!(fills(&kv).await, Ok(Some(1)));
    assert_eq!(kv.len().await, Ok(1));
}

/// A protocol, seen from a module away.
pub mod api {
    /// Its message types, as private as a protocol may be.
    pub mod light {
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

    // A method of the server alone.
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

/// Some of its methods are called as the handle's own functions.
#[protocol]
pub trait Odd {
    #[call]
    fn send(&self) -> u8;

    #[call]
    fn named(&self, name: String) -> u8;

    #[call]
    fn stop(&self) -> u8;

    #[call]
    fn patiently(&self) -> u8;
}

pub struct Strange;

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
    fn patiently(&self) -> u8 {
        4
    }
}

#[ambit::test]
async fn a_method_takes_the_place_of_the_handles_own() {
    let odd = Strange.start().await.unwrap();
    assert_eq!(odd.send().await, Ok(1));
    assert_eq!(odd.named("x".into()).await, Ok(2));
    assert_eq!(odd.stop().await, Ok(3));
    assert_eq!(odd.patiently().await, Ok(4));
}

#[protocol]
pub trait Nothing {}

pub struct Idle;

#[gen_server(protocol = Nothing)]
impl Idle {}

#[ambit::test]
async fn a_protocol_may_be_empty() {
    let idle: NothingSubject = Idle.start().await.unwrap();
    idle.stop().await.unwrap();
}

macro_rules! ring {
    ($protocol:ident, $server:ident, $method:ident, $argument:ident, $type:ty) => {
        #[protocol]
        pub trait $protocol {
            #[call]
            fn $method(&self, $argument: $type, other: u8) -> $type;
        }
        pub struct $server;
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
