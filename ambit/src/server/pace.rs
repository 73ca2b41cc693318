//! How long the plain methods of a server type take: whether its callers may run them themselves.
//!
//! A method is timed in its first two runs, later now and then. Two slow runs in a row send it through the queue, where
//! its server runs beside its caller: one alone may have been interrupted. One quick run brings it back.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;

use crate::process::core::Core;
use crate::process::tally::Tally;
use crate::process::world::World;
use crate::rt::Stopwatch;

/// From here on a run is slow,
const SLOW: Duration = Duration::from_micros(20);
/// and under this it is quick.
const QUICK: Duration = Duration::from_micros(5);

/// What is known about one method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    New,
    Quick,
    /// Slow once.
    Doubtful,
    Slow,
    /// It is async: callers never run it.
    Async,
}

impl Known {
    const ALL: [Self; 5] = [
        Self::New,
        Self::Quick,
        Self::Doubtful,
        Self::Slow,
        Self::Async,
    ];

    fn after(self, took: Duration) -> Self {
        match self {
            Self::Async => Self::Async,
            Self::Slow if took > QUICK => Self::Slow,
            Self::Doubtful if took > SLOW => Self::Slow,
            Self::New | Self::Quick if took > SLOW => Self::Doubtful,
            Self::New | Self::Quick | Self::Doubtful | Self::Slow => Self::Quick,
        }
    }
}

/// The methods of one server type in one system, in the order in which they were first called.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    methods: Methods,
    /// The places of the methods by the addresses of their names, which are constants: a lookup for each message compares no
    /// text. One name may have several addresses; those that find no entry are compared as text.
    index: [OnceLock<(&'static str, usize)>; 16],
    /// A method of the type has been slow: only then its server times what it handles.
    has_slow: AtomicBool,
}

#[derive(Debug, Default)]
struct Methods {
    some: [OnceLock<Method>; 8],
    more: OnceLock<Box<Self>>,
}

#[derive(Debug)]
pub(crate) struct Method {
    name: &'static str,
    known: AtomicU8,
    /// Made when somebody measures.
    tally: OnceLock<Box<Tally>>,
}

/// The paces of the server types of one system, each with the name of its type.
#[derive(Default)]
struct Paces(Mutex<BTreeMap<TypeId, (&'static str, Arc<Pace>)>>);

/// What is known about the methods of `S` in its system.
pub(crate) fn of<S: 'static>(core: &Core) -> Arc<Pace> {
    let paces = core.world.extension::<Paces>();
    let mut paces = paces.0.lock();
    let new = || (core.type_name(), Arc::default());
    let (_, pace) = paces.entry(TypeId::of::<S>()).or_insert_with(new);
    pace.clone()
}

/// The plain methods of `S` that go through the queue in this system because they are slow.
pub(crate) fn slow_methods<S: 'static>(world: &World) -> Vec<&'static str> {
    let paces = world.extension::<Paces>();
    let paces = paces.0.lock();
    let pace = paces.get(&TypeId::of::<S>());
    pace.map(|(_, pace)| pace.slow()).unwrap_or_default()
}

/// Every server type with what is known about its methods.
pub(crate) fn all(world: &World) -> Vec<(&'static str, Arc<Pace>)> {
    let paces = world.extension::<Paces>();
    let paces = paces.0.lock();
    paces.values().cloned().collect()
}

impl Method {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            known: AtomicU8::new(Known::New as u8),
            tally: OnceLock::new(),
        }
    }

    fn known(&self) -> Known {
        Known::ALL[usize::from(self.known.load(Ordering::Relaxed)) % Known::ALL.len()]
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    #[inline]
    pub(crate) fn tally(&self) -> &Tally {
        self.tally.get_or_init(Box::default)
    }

    /// Whether it goes through the queue because it takes long.
    #[inline]
    pub(crate) fn is_slow(&self) -> bool {
        self.known.load(Ordering::Relaxed) == Known::Slow as u8
    }

    #[inline]
    fn is_quick(&self) -> bool {
        self.known.load(Ordering::Relaxed) == Known::Quick as u8
    }

    /// Whether a caller may run it itself; `sample` says whether this run is one of those that are timed anyway.
    #[inline]
    pub(crate) fn may(&self, always: bool, sample: bool) -> May {
        if !sample && self.is_quick() {
            return May::Yes;
        }
        match self.known() {
            Known::Async => May::No,
            Known::Slow if !always => May::No,
            Known::New | Known::Quick | Known::Doubtful | Known::Slow => {
                May::Timed(Stopwatch::start())
            }
        }
    }

    /// Notes that it turned out to be async.
    pub(crate) fn is_async(&self) {
        self.set(Known::Async);
    }

    /// Times it in its server's task, if it is slow so far: it may have become quick.
    #[inline]
    pub(crate) fn watch(&self) -> Option<Stopwatch> {
        self.is_slow().then(Stopwatch::start)
    }

    fn set(&self, known: Known) {
        self.known.store(known as u8, Ordering::Relaxed);
    }
}

/// Whether a caller may run a method.
pub(crate) enum May {
    No,
    Yes,
    /// And it is to be timed.
    Timed(Stopwatch),
}

impl Pace {
    /// What is known about the method of this name.
    #[inline]
    pub(crate) fn method(&self, name: &'static str) -> &Method {
        match self.methods.some[0].get() {
            Some(first) if std::ptr::eq(first.name, name) => first,
            _ => self.method_of(name),
        }
    }

    #[inline(never)]
    fn method_of(&self, name: &'static str) -> &Method {
        let address = name.as_ptr().addr();
        let size = self.index.len();
        for step in 0..size {
            let entry = &self.index[(address ^ (address >> 4)).wrapping_add(step) % size];
            let (known, place) = entry.get_or_init(|| (name, self.methods.place(name)));
            if std::ptr::eq(*known, name) {
                return self.methods.at(*place, name);
            }
        }
        self.methods.at(self.methods.place(name), name)
    }

    /// Notes how long a run of `method` took.
    pub(crate) fn timed(&self, method: &Method, watch: &Stopwatch) -> Duration {
        let took = watch.elapsed();
        let known = method.known().after(took);
        method.set(known);
        if known == Known::Slow {
            self.has_slow.store(true, Ordering::Relaxed);
        }
        took
    }

    /// Whether any method goes through the queue because it takes long, or has done so.
    #[inline]
    pub(crate) fn has_slow(&self) -> bool {
        self.has_slow.load(Ordering::Relaxed)
    }

    /// The methods that have been counted, with their counts.
    pub(crate) fn tallies(&self) -> Vec<(&'static str, &Tally)> {
        let counted = |method: &Method| method.tally.get().is_some();
        let counted = self.methods.iter().filter(|method| counted(method));
        counted
            .map(|method| (method.name, method.tally()))
            .collect()
    }

    /// The methods that go through the queue because they are slow.
    pub(crate) fn slow(&self) -> Vec<&'static str> {
        let slow = self.methods.iter().filter(|method| method.is_slow());
        slow.map(|method| method.name).collect()
    }
}

impl Methods {
    /// The place of the method of this name, which is added if it is new.
    fn place(&self, name: &'static str) -> usize {
        let (mut methods, mut first) = (self, 0);
        loop {
            for (place, method) in methods.some.iter().enumerate() {
                if method.get_or_init(|| Method::new(name)).name == name {
                    return first + place;
                }
            }
            first += methods.some.len();
            methods = methods.more.get_or_init(Box::default);
        }
    }

    /// The method at `place`, which is that of `name`.
    fn at(&self, place: usize, name: &'static str) -> &Method {
        match self.some.get(place) {
            Some(method) => method.get_or_init(|| Method::new(name)),
            None => self
                .more
                .get_or_init(Box::default)
                .at(place - self.some.len(), name),
        }
    }

    /// All of them, in the order in which they were first called.
    fn iter(&self) -> impl Iterator<Item = &Method> {
        let tables = std::iter::successors(Some(self), |methods| methods.more.get().map(|m| &**m));
        tables.flat_map(|methods| methods.some.iter().filter_map(OnceLock::get))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_slow_runs_in_a_row_send_a_method_through_the_queue_and_one_quick_run_brings_it_back() {
        let (slow, between, quick) = (SLOW * 2, SLOW / 2, QUICK / 2);
        let mut known = Known::New;
        for (took, then) in [
            (slow, Known::Doubtful),
            (quick, Known::Quick),
            (slow, Known::Doubtful),
            (slow, Known::Slow),
            (between, Known::Slow),
            (quick, Known::Quick),
        ] {
            known = known.after(took);
            assert_eq!(known, then, "after {took:?}");
        }
        assert_eq!(Known::Async.after(quick), Known::Async);
    }

    #[test]
    fn each_method_has_a_place_of_its_own_however_many_there_are() {
        let pace = Pace::default();
        let names: Vec<&'static str> = (0..20)
            .map(|n| &*Box::leak(format!("method_{n}").into_boxed_str()))
            .collect();
        for name in names.iter().step_by(2) {
            pace.method(name).set(Known::Slow);
        }
        let slow: Vec<_> = names.iter().step_by(2).copied().collect();
        assert_eq!(pace.slow(), slow);
        assert!(matches!(
            pace.method(names[1]).may(false, false),
            May::Timed(_)
        ));
        assert!(matches!(pace.method(names[2]).may(false, false), May::No));
        // The same name at another address.
        let again = &*Box::leak(String::from("method_2").into_boxed_str());
        assert!(std::ptr::eq(pace.method(again), pace.method(names[2])));
        assert!(matches!(
            pace.method(names[2]).may(true, false),
            May::Timed(_)
        ));
    }
}
