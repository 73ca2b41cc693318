//! Methods with the names of methods of the standard library's traits, of handles and of servers.

use ambit::prelude::*;

struct Counter(u64);

#[gen_server]
#[allow(clippy::should_implement_trait, clippy::inherent_to_string)]
impl Counter {
    #[call]
    fn next(&mut self) -> Option<u64> {
        self.0 += 1;
        Some(self.0)
    }

    #[call]
    fn fmt(&self, f: u64) -> u64 {
        self.0 + f
    }

    #[call]
    fn eq(&self, other: u64) -> bool {
        self.0 == other
    }

    #[call]
    fn ne(&self, other: u64) -> bool {
        self.0 != other
    }

    #[call]
    fn hash(&self, state: u64) -> u64 {
        self.0 ^ state
    }

    #[call]
    fn into(&self) -> u64 {
        self.0
    }

    #[call]
    fn from(&self, subject: u64) -> u64 {
        self.0 - subject
    }

    #[call]
    fn default(&self) -> u64 {
        0
    }

    #[call]
    fn deref(&self) -> u64 {
        self.0
    }

    #[call]
    fn as_ref(&self) -> u64 {
        self.0
    }

    #[call]
    fn borrow(&self) -> u64 {
        self.0
    }

    #[call]
    fn to_string(&self) -> String {
        self.0.to_string()
    }

    #[call]
    async fn poll(&mut self) -> u64 {
        self.0
    }

    #[call]
    fn cmp(&self, other: u64) -> std::cmp::Ordering {
        self.0.cmp(&other)
    }

    #[call]
    fn index(&self, index: usize) -> Option<u64> {
        (index == 0).then_some(self.0)
    }

    #[call]
    fn type_id(&self) -> u64 {
        1
    }

    #[call]
    fn try_into(&self) -> Result<u8, std::num::TryFromIntError> {
        self.0.try_into()
    }

    #[cast]
    fn drop(&mut self) {
        self.0 = 0;
    }

    #[cast]
    fn add(&mut self, by: u64) {
        self.0 += by;
    }

    #[cast]
    fn not(&mut self) {}

    #[continue_with]
    fn debug(&self) {}
}

#[ambit::test]
async fn methods_are_called_as_those_of_std_traits() {
    let counter = Counter(1).start().await.unwrap();
    assert_eq!(counter.next().await, Ok(Some(2)));
    assert_eq!(counter.fmt(1).await, Ok(3));
    assert_eq!(counter.eq(2).await, Ok(true));
    assert_eq!(counter.ne(2).await, Ok(false));
    assert_eq!(counter.hash(0).await, Ok(2));
    assert_eq!(CounterSubject::into(&counter).await, Ok(2));
    assert_eq!(counter.from(1).await, Ok(1));
    assert_eq!(counter.default().await, Ok(0));
    assert_eq!(counter.deref().await, Ok(2));
    assert_eq!(counter.as_ref().await, Ok(2));
    assert_eq!(counter.borrow().await, Ok(2));
    assert_eq!(counter.to_string().await.as_deref(), Ok("2"));
    assert_eq!(counter.poll().await, Ok(2));
    assert_eq!(counter.cmp(3).await, Ok(std::cmp::Ordering::Less));
    assert_eq!(counter.index(0).await, Ok(Some(2)));
    assert_eq!(counter.type_id().await, Ok(1));
    assert_eq!(CounterSubject::try_into(&counter).await, Ok(Ok(2)));
    counter.add(3).await.unwrap();
    counter.not().await.unwrap();
    assert_eq!(counter.poll().await, Ok(5));
    counter.drop().await.unwrap();
    assert_eq!(counter.poll().await, Ok(0));
    // The hidden methods stay reachable.
    assert_eq!(counter.clone(), counter);
    assert!(format!("{counter:?}").contains("Counter"));
}

struct Handle(Vec<&'static str>);

#[gen_server]
#[allow(clippy::wrong_self_convention, clippy::new_ret_no_self)]
impl Handle {
    #[call]
    fn call(&mut self) -> usize {
        self.0.len()
    }

    #[call]
    fn pid(&self) -> usize {
        self.0.len()
    }

    #[call]
    fn stop(&mut self) -> bool {
        self.0.clear();
        false
    }

    #[call]
    fn monitor(&self, target: u64) -> u64 {
        target
    }

    #[call]
    fn link(&self) -> u64 {
        7
    }

    #[call]
    fn closed(&self) -> bool {
        false
    }

    #[call]
    fn recipient(&self) -> u64 {
        8
    }

    #[call]
    fn named(&self, name: String) -> String {
        name
    }

    #[call]
    fn with_timeout(&self, timeout: u64) -> u64 {
        timeout
    }

    #[call]
    fn when_available(&self) -> u64 {
        9
    }

    #[call]
    fn init(&self) -> u64 {
        10
    }

    #[call]
    fn subject(&self) -> u64 {
        11
    }

    #[call]
    fn answer(&self, value: u64, message: u64, ctx: u64, flow: u64) -> u64 {
        value + message + ctx + flow
    }

    #[call]
    fn new(&self, cast: u64, key: u64, registry: u64) -> u64 {
        cast + key + registry
    }

    #[cast]
    fn send(&mut self, name: &'static str) {
        self.0.push(name);
    }

    #[cast]
    fn reserve(&mut self) {}

    #[cast]
    fn now(&mut self) {}

    #[terminate]
    fn terminate(&mut self, reason: &ExitReason) {
        assert_eq!(*reason, ExitReason::Normal);
    }
}

#[ambit::test]
async fn methods_are_called_as_those_of_handles_and_servers() {
    let handle = Handle(Vec::new()).start().await.unwrap();
    handle.send("a").await.unwrap();
    handle.reserve().await.unwrap();
    handle.now().await.unwrap();
    assert_eq!(handle.call().await, Ok(1));
    assert_eq!(handle.pid().await, Ok(1));
    assert_eq!(handle.stop().await, Ok(false));
    assert_eq!(handle.monitor(5).await, Ok(5));
    assert_eq!(handle.link().await, Ok(7));
    assert_eq!(handle.closed().await, Ok(false));
    assert_eq!(handle.recipient().await, Ok(8));
    assert_eq!(handle.named("x".into()).await.as_deref(), Ok("x"));
    assert_eq!(handle.with_timeout(4).await, Ok(4));
    assert_eq!(handle.when_available().await, Ok(9));
    assert_eq!(handle.init().await, Ok(10));
    assert_eq!(handle.subject().await, Ok(11));
    assert_eq!(handle.answer(1, 2, 3, 4).await, Ok(10));
    assert_eq!(handle.new(1, 2, 3).await, Ok(6));
    // The hidden methods stay reachable.
    Process::stop(&handle).await.unwrap();
}

struct Variants;

#[gen_server]
impl Variants {
    #[call]
    fn some(&self) -> u64 {
        1
    }

    #[call]
    fn none(&self) -> Option<u64> {
        None
    }

    #[call]
    fn ok(&self) -> Result<u64, u64> {
        Ok(1)
    }

    #[call]
    fn err(&self) -> Result<u64, u64> {
        Err(1)
    }

    #[call]
    fn option(&self, some: u64) -> Option<u64> {
        Some(some)
    }

    #[cast]
    fn call(&mut self) {}

    #[cast]
    fn cast(&mut self) {}

    #[info]
    fn info(&mut self, _: u64) {}
}

#[ambit::test]
async fn messages_are_called_as_the_variants_of_the_prelude() {
    let variants = Variants.start().await.unwrap();
    assert_eq!(variants.some().await, Ok(1));
    assert_eq!(variants.none().await, Ok(None));
    assert_eq!(variants.ok().await, Ok(Ok(1)));
    assert_eq!(variants.err().await, Ok(Err(1)));
    assert_eq!(variants.option(3).await, Ok(Some(3)));
    variants.call().await.unwrap();
    variants.cast().await.unwrap();
    variants.recipient::<u64>().send(1).await.unwrap();
}
