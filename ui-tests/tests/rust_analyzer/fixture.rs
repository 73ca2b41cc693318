//! What an editor has open. The checks find their places by the text.

use ambit::prelude::*;

/// Counts.
pub struct Counter {
    value: u64,
}

#[gen_server]
impl Counter {
    /// Starts at `value`.
    #[init]
    pub fn new(value: u64) -> Self {
        Self { value }
    }

    /// The current value.
    #[call]
    pub fn get(&self) -> u64 {
        self.value
    }

    /// Adds `by`.
    #[cast]
    pub fn add(&mut self, by: u64) {
        self.value += by;
    }
}

/// A door.
pub struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    /// Opens it, maybe.
    #[call(Locked => Open | stay, Open => refuse)]
    pub fn unlock(&mut self, code: u32) -> (DoorUnlockTo, bool) {
        (DoorUnlockTo::Stay, code == 0)
    }

    #[cast(Open => Locked, Locked => ignore)]
    pub fn close(&mut self) {}
}

/// The program.
pub struct App;

#[supervisor]
impl App {
    /// The only counter.
    #[child]
    pub fn counter(&self) -> ChildSpec<Counter> {
        Counter::child_spec(0)
    }
}

/// Values by name.
#[protocol]
pub trait Kv {
    /// The value of a name.
    #[call]
    fn find(&self, key: String) -> Option<u64>;

    /// Gives a name a value.
    #[cast]
    fn put(&self, key: String, value: u64);
}

/// Knows nothing.
pub struct Nowhere;

#[gen_server(protocol = Kv)]
impl Nowhere {
    #[call]
    fn find(&self, _key: String) -> Option<u64> {
        None
    }

    #[cast]
    fn put(&mut self, _key: String, _value: u64) {}
}

async fn callers(counter: CounterSubject, door: DoorSubject, app: AppSubject, kv: KvSubject) {
    let answer = counter.get().await;
    let sent = counter.add(1).await;
    let opened = door.unlock(7).await;
    let child = app.counter();
    let found = kv.find("name".into()).await;
    let started = Nowhere.start().await;
}

fn main() {}
