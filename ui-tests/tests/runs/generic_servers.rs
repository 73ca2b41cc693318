//! Servers with type parameters.

use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::marker::PhantomData;

use ambit::prelude::*;

struct Cache<K, V> {
    entries: HashMap<K, V>,
    misses: u64,
}

struct Expire<K>(K);

#[gen_server]
impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    #[init]
    fn new(entries: HashMap<K, V>) -> Self {
        Self { entries, misses: 0 }
    }

    #[call]
    fn get(&mut self, key: K) -> Option<V> {
        let found = self.entries.get(&key).cloned();
        self.misses += u64::from(found.is_none());
        found
    }

    /// Borrows the state while it waits; the bounds of the callers guarantee that it is `Sync`.
    #[call]
    async fn len(&self) -> usize {
        std::future::ready(()).await;
        self.entries.len()
    }

    #[cast]
    fn put(&mut self, key: K, value: V) {
        self.entries.insert(key, value);
    }

    #[info]
    fn on_expire(&mut self, Expire(key): Expire<K>) {
        self.entries.remove(&key);
    }
}

#[ambit::test]
async fn a_cache_of_any_key_and_value() {
    let cache = Cache::start(HashMap::from([(1_u8, "one")])).await.unwrap();
    cache.put(2, "two").await.unwrap();
    assert_eq!(cache.get(2).await, Ok(Some("two")));
    assert_eq!(cache.len().await, Ok(2));
    cache.recipient().send(Expire(1_u8)).await.unwrap();
    assert_eq!(cache.get(1).await, Ok(None));
}

/// Uses a server with a generic key type.
async fn filled<K, V>(entries: HashMap<K, V>, key: K) -> Option<V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    let cache = Cache::start(entries).await.ok()?;
    cache.get(key).await.ok().flatten()
}

#[ambit::test]
async fn a_generic_function_starts_a_generic_server() {
    assert_eq!(filled(HashMap::from([("a", 1)]), "a").await, Some(1));
}

trait Codec: Send + 'static {
    type Item: Debug + Send + 'static;
    const NAME: &'static str;
    fn encode(item: Self::Item) -> String;
}

struct Plain<T>(PhantomData<T>);

impl<T: Display + Debug + Send + 'static> Codec for Plain<T> {
    type Item = T;
    const NAME: &'static str = "plain";

    fn encode(item: T) -> String {
        item.to_string()
    }
}

struct Encoder<C: Codec, const N: usize = 2> {
    kept: [Option<C::Item>; N],
}

#[gen_server]
impl<C: Codec, const N: usize> Encoder<C, N>
where
    C::Item: Clone,
{
    #[call]
    fn encode(&mut self, item: C::Item) -> String {
        self.kept.rotate_right(1);
        self.kept[0] = Some(item.clone());
        C::encode(item)
    }

    #[call]
    fn kept(&self) -> [Option<C::Item>; N] {
        self.kept.clone()
    }

    #[call]
    fn name(&self) -> (&'static str, usize) {
        (<C as Codec>::NAME, N)
    }

    #[info]
    fn on_items(&mut self, items: Vec<<C as Codec>::Item>) {
        self.kept[0] = items.first().cloned();
    }
}

#[ambit::test]
async fn associated_types_and_constants_are_parameters() {
    let encoder = Encoder::<Plain<u64>> { kept: [None; 2] };
    let encoder = encoder.start().await.unwrap();
    assert_eq!(encoder.encode(5).await.as_deref(), Ok("5"));
    assert_eq!(encoder.kept().await, Ok([Some(5), None]));
    assert_eq!(encoder.name().await, Ok(("plain", 2)));
    encoder.recipient::<Vec<u64>>().send(vec![8]).await.unwrap();
    assert_eq!(encoder.kept().await, Ok([Some(8), None]));
}

/// The parameters have names that generated code also uses, and one is a closure.
struct Mapper<T, R, S, F> {
    map: F,
    seen: Vec<T>,
    state: PhantomData<fn(S) -> R>,
}

#[gen_server]
impl<T: Clone, R, S, F> Mapper<T, R, S, F>
where
    F: FnMut(T) -> R,
{
    #[call]
    fn run(&mut self, value: T) -> R {
        self.seen.push(value.clone());
        (self.map)(value)
    }

    #[call]
    fn seen(&self) -> Vec<T> {
        self.seen.clone()
    }
}

#[ambit::test]
async fn a_closure_is_a_parameter() {
    let mapper = Mapper {
        map: |value: u64| value.to_string(),
        seen: Vec::new(),
        state: PhantomData::<fn(()) -> String>,
    };
    let mapper = mapper.start().await.unwrap();
    assert_eq!(mapper.run(4).await.as_deref(), Ok("4"));
    assert_eq!(mapper.seen().await, Ok(vec![4]));
}

struct Several<T>(T);

#[gen_server]
impl Several<u64> {
    #[call]
    fn get(&self) -> u64 {
        self.0
    }
}

mod of_text {
    use super::Several;
    use ambit::prelude::*;

    #[gen_server(vis = pub(super))]
    impl Several<String> {
        #[call]
        pub(super) fn get(&self) -> String {
            self.0.clone()
        }
    }
}

#[ambit::test]
async fn two_types_of_one_generic_are_two_servers() {
    let number = Several(1).start().await.unwrap();
    let text = Several(String::from("one")).start().await.unwrap();
    assert_eq!(number.get().await, Ok(1));
    assert_eq!(text.get().await.as_deref(), Ok("one"));
}

/// There is no `Send` bound on the parameter, and methods take the context.
struct Queue<T> {
    items: Vec<T>,
    watched: u64,
}

#[gen_server]
impl<T: Clone> Queue<T> {
    #[init]
    fn new(ctx: &mut Context<Self>, items: Vec<T>) -> Self {
        ctx.label("queue");
        Self { items, watched: 0 }
    }

    #[call]
    fn pop(&mut self, ctx: &mut Context<Self>) -> Option<T> {
        let item = self.items.pop();
        self.note(ctx, item.as_ref());
        item
    }

    #[cast]
    async fn push_later(&mut self, ctx: &mut Context<Self>, item: T) {
        std::future::ready(()).await;
        ctx.send_after(std::time::Duration::ZERO, Some(item));
    }

    #[cast]
    fn watch(&mut self, ctx: &mut Context<Self>, other: Process) {
        ctx.monitor(&other);
        ctx.spawn_task(async move { None });
    }

    #[info]
    fn on_item(&mut self, _: &Context<Self>, item: Option<T>) {
        self.items.extend(item);
    }

    #[info]
    fn on_down(&mut self, _: Down) {
        self.watched += 1;
    }

    #[continue_with]
    fn noted(&mut self, #[ctx] ctx: &mut Ctx<T>, item: Option<T>) {
        ctx.label(if item.is_some() { "some" } else { "none" });
    }

    /// Has no role, and takes the context.
    fn note(&self, ctx: &mut Context<Self>, item: Option<&T>) {
        ctx.continue_with(QueueContinue::Noted {
            item: item.cloned(),
        });
    }

    /// Has no role either, and no bound on its parameter.
    fn len(&self) -> usize {
        self.items.len()
    }
}

type Ctx<T> = Context<Queue<T>>;

#[ambit::test]
async fn a_generic_server_takes_the_context() {
    let queue = Queue::start(vec!['a']).await.unwrap();
    assert_eq!(queue.pop().await, Ok(Some('a')));
    assert_eq!(queue.pop().await, Ok(None));
    queue.watch(Process::clone(&queue)).await.unwrap();
    queue.push_later('b').await.unwrap();
    ambit::test::settle().await;
    assert_eq!(queue.pop().await, Ok(Some('b')));
    let not_sent = Queue {
        items: vec![std::rc::Rc::new(1)],
        watched: 0,
    };
    assert_eq!((not_sent.len(), not_sent.watched), (1, 0));
}

/// The same for a state machine.
struct Slot<T>(Option<T>);

#[state_machine(states = [Empty, Full])]
impl<T> Slot<T> {
    #[cast(Empty => Full, Full => ignore)]
    fn put(&mut self, ctx: &mut Context<Self>, item: T) {
        ctx.label("full");
        self.0 = Some(item);
    }

    #[call(Full => Empty, Empty => stay)]
    fn take(&mut self, ctx: &mut Context<Self>) -> Option<T> {
        ctx.label("empty");
        self.0.take()
    }

    #[info(Full => Empty, Empty => ignore)]
    fn on_emptied(&mut self, _: Emptied) {
        self.0 = None;
    }
}

struct Emptied;

impl Message for Emptied {}

#[ambit::test]
async fn a_generic_state_machine_takes_the_context() {
    let slot = Slot(None).start().await.unwrap();
    slot.put(3_u64).await.unwrap();
    slot.put(4).await.unwrap();
    assert_eq!(slot.take().await, Ok(Some(3)));
    assert_eq!(slot.take().await, Ok(None));
    slot.put(5).await.unwrap();
    slot.recipient::<Emptied>().send(Emptied).await.unwrap();
    assert_eq!(slot.take().await, Ok(None));
}

/// Its parameters have the names of associated types that its messages mention.
struct Reader<Item, Error> {
    last: Option<Item>,
    failures: Vec<Error>,
}

#[gen_server]
impl<Item: Clone, Error: Default> Reader<Item, Error> {
    #[init]
    fn new(items: Box<dyn Iterator<Item = u8> + Send>) -> Self {
        let failures = items.map(|_| Error::default()).collect();
        Self {
            last: None,
            failures,
        }
    }

    #[call]
    fn failures(&self, _why: <String as std::str::FromStr>::Err) -> usize {
        self.failures.len()
    }

    #[cast]
    fn read(&mut self, items: Box<dyn Iterator<Item = u8> + Send>) {
        self.last = None;
        self.failures.extend(items.map(|_| Error::default()));
    }

    #[call]
    fn count(&self) -> usize {
        self.failures.len() + self.last.iter().count()
    }
}

#[ambit::test]
async fn a_parameter_has_the_name_of_an_associated_type() {
    let reader = Reader::<u8, String>::start(Box::new(0..3)).await.unwrap();
    reader.read(Box::new(0..4)).await.unwrap();
    assert_eq!(reader.count().await, Ok(7));
}
