//! A server with a name on the wire: its messages are encoded, decoded elsewhere, and the answer returns.
//!
//! `Proxy` represents another node: it receives the messages of a `Counter`, encodes them, and passes the bytes to the
//! exposed process. Callers hold the same type of handle.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use ambit::message::{
    AnswerAs, AnswerError, Codec, DecodeError, Exposed, Form, In, Out, Remote, tag,
};
use ambit::prelude::*;
use ambit_dist::{Bincode, Postcard};

struct Counter {
    value: u64,
    waiting: Vec<ReplyTo<u64>>,
    seen: Vec<String>,
}

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[init]
    fn new(value: u64) -> Self {
        Self {
            value,
            waiting: Vec::new(),
            seen: Vec::new(),
        }
    }

    #[call]
    fn get(&self) -> u64 {
        self.value
    }

    #[call(timeout = Duration::from_secs(1))]
    async fn add(&mut self, by: u64, note: Option<String>) -> Result<u64, String> {
        self.seen.extend(note);
        self.value = self.value.checked_add(by).ok_or("too much")?;
        for reply in self.waiting.drain(..) {
            reply.send(self.value);
        }
        Ok(self.value)
    }

    #[call(deferred)]
    fn changed(&mut self, reply: ReplyTo<u64>) {
        self.waiting.push(reply);
    }

    #[call(tag = "notes")]
    fn seen(&self) -> Vec<String> {
        self.seen.clone()
    }

    #[cfg(any())]
    #[call]
    fn never(&self) -> std::time::Instant {
        unreachable!()
    }

    #[cast]
    fn reset(&mut self) {
        self.value = 0;
    }

    #[cast(tag = "put")]
    fn set(&mut self, r#type: u64) {
        self.value = r#type;
    }
}

/// Another node between a caller and the exposed process.
struct Proxy<C: Codec> {
    far: Arc<dyn Exposed<C>>,
    form: Form,
    codec: PhantomData<C>,
}

impl<C: Codec> GenServer for Proxy<C> {
    type Protocol = Counter;
    type Args = (CounterSubject, Form);
    type Info = ();
    type Continue = ();

    async fn init((counter, form): Self::Args, _: &mut Context<Self>) -> Result<Self, ExitReason> {
        let subject: &Subject<Counter> = counter.as_ref();
        Ok(Self {
            far: Arc::new(subject.clone()),
            form,
            codec: PhantomData,
        })
    }

    async fn handle_call(&mut self, call: CounterCall, _: &mut Context<Self>) -> Flow {
        let mut out = Out::<C>::new(self.form);
        Counter::put_call(&call, &mut out).unwrap();
        let (bytes, method) = (out.into_bytes(), Counter::call_tag(&call));
        let waiting = Counter::waiting::<C>(call);
        let answering = self
            .far
            .call(
                method,
                In::new(&bytes, self.form),
                AnswerAs::form(self.form),
            )
            .unwrap();
        let form = self.form;
        // The next request does not wait for this answer.
        tokio::spawn(async move {
            if let Ok(bytes) = answering.await {
                waiting.answer(In::new(&bytes, form)).unwrap();
            }
        });
        Flow::Continue
    }

    async fn handle_cast(&mut self, cast: CounterCast, _: &mut Context<Self>) -> Flow {
        let mut out = Out::<C>::new(self.form);
        Counter::put_cast(&cast, &mut out).unwrap();
        let bytes = out.into_bytes();
        let method = Counter::cast_tag(&cast);
        self.far.cast(method, In::new(&bytes, self.form)).unwrap();
        Flow::Continue
    }
}

async fn works_through<C: Codec>(form: Form) {
    let near = Counter::start(40).await.unwrap();
    let far: CounterSubject = ambit::start::<Proxy<C>>((near.clone(), form))
        .await
        .unwrap();
    assert_eq!(far.get().await, Ok(40));
    let changed = far.changed().send();
    assert_eq!(far.add(2, Some("two".into())).await, Ok(Ok(42)));
    assert_eq!(changed.await, Ok(42));
    assert_eq!(far.add(u64::MAX, None).await, Ok(Err("too much".into())));
    assert_eq!(far.seen().await, Ok(vec!["two".to_owned()]));
    far.set(7).await.unwrap();
    assert_eq!(far.get().await, Ok(7));
    far.reset().await.unwrap();
    assert_eq!(far.get().await, Ok(0));
    assert_eq!(near.get().await, Ok(0));
}

#[ambit::test]
async fn the_same_handle_calls_a_server_through_bytes() {
    for form in [Form::Compact, Form::Framed] {
        works_through::<Bincode>(form).await;
        works_through::<Postcard>(form).await;
    }
}

fn exposed(counter: &CounterSubject) -> Arc<dyn Exposed<Bincode>> {
    let subject: &Subject<Counter> = counter.as_ref();
    Arc::new(subject.clone())
}

#[ambit::test]
async fn an_invalid_message_is_rejected_without_calling_the_server() {
    let counter = Counter::start(1).await.unwrap();
    let far = exposed(&counter);
    let compact = || AnswerAs::form(Form::Compact);
    let input = |bytes| In::<Bincode>::new(bytes, Form::Compact);
    let refused = |method: &str, bytes| far.call(tag(method), input(bytes), compact()).unwrap_err();
    let unknown = DecodeError::UnknownMethod {
        of: "shop.counter",
        tag: tag("never"),
    };
    assert_eq!(refused("never", &[]), unknown);
    // A cast is not a call, even with the right name, and a renamed method is known only by its tag.
    assert!(matches!(
        refused("reset", &[]),
        DecodeError::UnknownMethod { .. }
    ));
    assert!(matches!(
        refused("seen", &[]),
        DecodeError::UnknownMethod { .. }
    ));
    assert_eq!(refused("add", &[3]), DecodeError::Truncated);
    assert_eq!(refused("get", &[3]), DecodeError::TrailingBytes { left: 1 });
    assert!(far.cast(tag("put"), input(&[1, 2])).is_err());
    assert_eq!(counter.get().await, Ok(1));
}

#[ambit::test]
async fn a_call_from_elsewhere_ends_with_its_time_and_its_size() {
    let counter = Counter::start(1).await.unwrap();
    let far = exposed(&counter);
    let ask = |method: &str, answer| {
        far.call(tag(method), In::new(&[], Form::Compact), answer)
            .unwrap()
    };
    let short = AnswerAs::form(Form::Compact).timeout(Duration::from_millis(20));
    assert_eq!(
        ask("changed", short).await,
        Err(AnswerError::Call(CallError::Timeout))
    );
    let small = AnswerAs::form(Form::Compact).limit(0);
    assert!(matches!(
        ask("get", small).await,
        Err(AnswerError::Encode(_))
    ));
    counter.stop().await.unwrap();
    let gone = ask("get", AnswerAs::form(Form::Compact)).await;
    assert_eq!(gone, Err(AnswerError::Call(CallError::NoProcess)));
}

/// A protocol with a name on the wire; its servers need no name of their own.
#[protocol(remote = "shop.kv")]
trait Kv {
    #[call]
    fn get(&self, key: String) -> Option<u64>;
    #[cast(tag = "set")]
    fn put(&self, key: String, value: u64);
}

struct Memory(std::collections::BTreeMap<String, u64>);

#[gen_server(protocol = Kv)]
impl Memory {
    #[call]
    fn get(&self, key: String) -> Option<u64> {
        self.0.get(&key).copied()
    }

    #[cast]
    fn put(&mut self, key: String, value: u64) {
        self.0.insert(key, value);
    }
}

#[ambit::test]
async fn a_protocol_travels_whichever_server_implements_it() {
    let kv: KvSubject = Memory(std::collections::BTreeMap::new())
        .start()
        .await
        .unwrap();
    let subject: &Subject<dyn Kv> = kv.as_ref();
    let far: Arc<dyn Exposed<Postcard>> = Arc::new(subject.clone());
    assert_eq!(far.remote(), "shop.kv");
    let mut out = Out::<Postcard>::new(Form::Framed);
    let cast = KvCast::Put {
        key: "a".into(),
        value: 7,
    };
    <dyn Kv>::put_cast(&cast, &mut out).unwrap();
    let bytes = out.into_bytes();
    assert_eq!(<dyn Kv>::cast_tag(&cast), tag("set"));
    far.cast(tag("set"), In::new(&bytes, Form::Framed)).unwrap();
    assert_eq!(kv.get("a".into()).await, Ok(Some(7)));
}
