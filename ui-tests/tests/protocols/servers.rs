//! Servers with the same handle, with the macro and by hand.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use ambit::prelude::*;
use ambit::server::Incoming;

/// Keys and values.
#[protocol]
pub(crate) trait Kv {
    /// Returns the value under `key`.
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
pub(crate) struct Memory {
    values: HashMap<String, u64>,
    waiting: Vec<ReplyTo<u64>>,
}

#[gen_server(protocol = Kv)]
impl Memory {
    #[init]
    pub(crate) fn new() -> Self {
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

/// Stores nothing and drops the reply port of `len`.
pub(crate) struct Empty;

#[gen_server(protocol = self::Kv, mailbox = 8)]
impl Empty {
    #[call]
    async fn get(&self, _key: String) -> Option<u64> {
        None
    }

    // Deferred, although the protocol does not declare it: the caller sees no difference.
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

pub(crate) async fn fills(kv: &KvSubject) -> Result<Option<u64>, CallError> {
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
pub(crate) trait Store<K, V> {
    #[call]
    fn find(&self, key: K) -> Option<V>;

    #[cast]
    fn keep(&self, key: K, value: V);

    #[cast]
    fn clear(&self);
}

pub(crate) struct Shelf<K, V> {
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

pub(crate) struct Lengths;

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

/// The server returns its own recipient, because a protocol does not expose the infos of its servers.
#[protocol]
pub(crate) trait Alarm {
    #[call]
    fn listener(&self) -> Recipient<String>;

    #[call]
    fn heard(&self) -> Vec<String>;
}

#[derive(Default)]
pub(crate) struct Bell(Vec<String>);

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

/// Implemented without the macro.
pub(crate) struct ByHand(u64);

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
async fn a_hand_written_server_implements_a_protocol() {
    let kv: KvSubject = ambit::start::<ByHand>(7).await.unwrap();
    assert_eq!(kv.get("any".into()).await, Ok(Some(7)));
    assert_eq!(fills(&kv).await, Ok(Some(1)));
    assert_eq!(kv.len().await, Ok(1));
}
