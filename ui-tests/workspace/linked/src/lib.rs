//! Documentation that links across: from methods to methods, to functions that no handle has, and back.
#![deny(missing_docs)]

use ambit::prelude::*;

/// Counts. See [`Counter::add`], [`CounterSubject::add`] and [`CounterCall::Add`].
#[derive(Debug)]
pub struct Counter {
    /// What it has counted.
    pub value: u64,
}

#[gen_server(remote = "linked.counter")]
impl Counter {
    /// The first value; [`Self::new`] begins with it.
    pub const FIRST: u64 = 1;

    /// Begins with [`Self::FIRST`], and counts on with [`Self::add`].
    ///
    /// ```
    /// assert_eq!(linked::Counter::new().value, linked::Counter::FIRST);
    /// ```
    #[init]
    pub fn new() -> Self {
        Self { value: Self::FIRST }
    }

    /// Adds, as [`Self::put`] and [`Self::reset`] do not; see [the first][Self::FIRST], [one more](Self::next), [`Self`].
    ///
    /// ```
    /// let mut counter = linked::Counter::new();
    /// assert_eq!(counter.add(2), 3);
    /// ```
    ///
    /// [limit]: Self::FIRST
    ///
    /// Up to a [limit].
    #[call]
    pub fn add(&mut self, by: u64) -> u64 {
        self.value += by;
        self.value
    }

    /// As [`Self::add`], but sets [`Self::value`], and [`Self::stop`](CounterSubject) is another's.
    #[call]
    pub fn put(&mut self, value: u64) -> u64 {
        self.value = value;
        self.hidden()
    }

    /// Back to [`Self::FIRST`], which [`Self::named`](CounterSubject::named) does not know.
    ///
    /// ```
    /// let mut counter = linked::Counter { value: 7 };
    /// counter.reset();
    /// assert_eq!(counter.value, 1);
    /// ```
    #[cast]
    pub fn reset(&mut self) {
        self.value = Self::FIRST;
    }

    /// A number comes in; see [`Self::add`].
    ///
    /// ```
    /// let mut counter = linked::Counter::new();
    /// counter.on_number(4);
    /// assert_eq!(counter.value, 5);
    /// ```
    #[info]
    pub fn on_number(&mut self, by: u64) {
        self.value += by;
    }

    /// See [`Self::on_number`].
    #[continue_with]
    pub fn later(&mut self) {}

    /// What [`Self::add`] of one would give.
    pub fn next(&self) -> u64 {
        self.value + 1
    }

    fn hidden(&self) -> u64 {
        self.value
    }
}

/// Keys. See [`Self::get`].
#[protocol(remote = "linked.kv")]
pub trait Kv {
    /// Gets what [`Self::put`] has put; of [`Kv`].
    ///
    /// ```
    /// # use linked::{Kv, KvSubject};
    /// fn is_kv(_: Option<KvSubject>) {}
    /// is_kv(None);
    /// ```
    #[call]
    fn get(&self, key: String) -> Option<u64>;
    /// See [`Self::get`].
    #[cast]
    fn put(&self, key: String, value: u64);
}

/// A door. See [`Self::open`].
#[derive(Debug)]
pub struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    /// Opens, unlike [`Self::close`]; see [`Self::is_real`].
    #[call(Locked => Open, Open => stay)]
    pub fn open(&mut self) {}

    /// Closes what [`Self::open`] has opened.
    #[cast(Open => Locked, Locked => ignore)]
    pub fn close(&mut self) {}

    /// It is.
    pub fn is_real(&self) -> bool {
        true
    }
}

/// Has children. See [`Self::counter`].
#[derive(Debug)]
pub struct App;

#[supervisor]
impl App {
    /// Counts, beside [`Self::door`], as [`Self::name`] says.
    ///
    /// ```
    /// assert_eq!(linked::App.name(), "app");
    /// ```
    #[child]
    pub fn counter(&self) -> ChildSpec<Counter> {
        Counter::child_spec()
    }

    /// Beside [`Self::counter`].
    #[child]
    pub fn door(&self) -> ChildSpec<Door> {
        Door::child_spec(|| Door)
    }

    /// What it is called.
    pub fn name(&self) -> &'static str {
        "app"
    }
}
