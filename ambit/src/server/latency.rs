//! The latency classes of a server type's synchronous methods: they decide whether callers may run them inline.
//!
//! A method is timed in its first two runs, and later periodically. Two consecutive slow runs move it to the queue,
//! where the server runs concurrently with its caller: a single slow run may have been interrupted. One quick run moves
//! it back.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;

use crate::process::header::ProcessHeader;
use crate::process::method_counters::MethodCounters;
use crate::process::system_inner::SystemInner;
use crate::rt::Stopwatch;

/// A run of at least this duration is slow.
const SLOW: Duration = Duration::from_micros(20);
/// A run of less than this duration is quick.
const QUICK: Duration = Duration::from_micros(5);

/// The latency class of one method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LatencyClass {
    New,
    Quick,
    /// It was slow once.
    Doubtful,
    Slow,
    /// It is async: callers never run it inline.
    Async,
}

impl LatencyClass {
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

/// The methods of one server type in one system, in the order of their first calls.
#[derive(Debug, Default)]
pub(crate) struct TypeLatency {
    methods: MethodTable,
    /// The indices of the methods by the addresses of their names, which are constants: so a look-up compares no text.
    /// One name may have several addresses; those without an entry are compared as text.
    index: [OnceLock<(&'static str, usize)>; 16],
    /// True once a method of the type has been slow: only then the server times its handlers.
    has_slow: AtomicBool,
}

#[derive(Debug, Default)]
struct MethodTable {
    some: [OnceLock<MethodLatency>; 8],
    more: OnceLock<Box<Self>>,
}

#[derive(Debug)]
pub(crate) struct MethodLatency {
    name: &'static str,
    known: AtomicU8,
    /// Allocated when measuring is on.
    tally: OnceLock<Box<MethodCounters>>,
}

/// The methods of all server types of one system, with the name of each type.
#[derive(Default)]
struct SystemLatency(Mutex<BTreeMap<TypeId, (&'static str, Arc<TypeLatency>)>>);

/// Returns the methods of `S` in its system, which the server keeps in `known`.
#[inline]
pub(crate) fn of<'a, S: 'static>(
    known: &'a mut Option<Arc<TypeLatency>>,
    core: &ProcessHeader,
) -> &'a Arc<TypeLatency> {
    of_type(known, core, TypeId::of::<S>())
}

#[inline]
fn of_type<'a>(
    known: &'a mut Option<Arc<TypeLatency>>,
    core: &ProcessHeader,
    of: TypeId,
) -> &'a Arc<TypeLatency> {
    known.get_or_insert_with(|| find(core, of))
}

#[cold]
fn find(core: &ProcessHeader, of: TypeId) -> Arc<TypeLatency> {
    let latencies = core.system.extension::<SystemLatency>();
    let mut latencies = latencies.0.lock();
    let new = || (core.type_name(), Arc::default());
    let (_, latency) = latencies.entry(of).or_insert_with(new);
    latency.clone()
}

/// Returns the synchronous methods of `S` that go through the queue in this system because they are slow.
pub(crate) fn slow_methods<S: 'static>(system: &SystemInner) -> Vec<&'static str> {
    let latencies = system.extension::<SystemLatency>();
    let latencies = latencies.0.lock();
    let latency = latencies.get(&TypeId::of::<S>());
    latency
        .map(|(_, latency)| latency.slow())
        .unwrap_or_default()
}

/// Returns all server types with their methods.
pub(crate) fn all(system: &SystemInner) -> Vec<(&'static str, Arc<TypeLatency>)> {
    let latencies = system.extension::<SystemLatency>();
    let latencies = latencies.0.lock();
    latencies.values().cloned().collect()
}

impl MethodLatency {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            known: AtomicU8::new(LatencyClass::New as u8),
            tally: OnceLock::new(),
        }
    }

    fn known(&self) -> LatencyClass {
        LatencyClass::ALL[usize::from(self.known.load(Ordering::Relaxed)) % LatencyClass::ALL.len()]
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    #[inline]
    pub(crate) fn tally(&self) -> &MethodCounters {
        self.tally.get_or_init(Box::default)
    }

    /// Returns true if it goes through the queue because it is slow.
    #[inline]
    pub(crate) fn is_slow(&self) -> bool {
        self.known.load(Ordering::Relaxed) == LatencyClass::Slow as u8
    }

    #[inline]
    fn is_quick(&self) -> bool {
        self.known.load(Ordering::Relaxed) == LatencyClass::Quick as u8
    }

    /// Returns whether a caller may run it inline; `sample` is true if this run is timed anyway.
    #[inline]
    pub(crate) fn may(&self, always: bool, sample: bool) -> InlinePermission {
        if !sample && self.is_quick() {
            return InlinePermission::Yes;
        }
        match self.known() {
            LatencyClass::Async => InlinePermission::No,
            LatencyClass::Slow if !always => InlinePermission::No,
            LatencyClass::New
            | LatencyClass::Quick
            | LatencyClass::Doubtful
            | LatencyClass::Slow => InlinePermission::Timed(Stopwatch::start()),
        }
    }

    /// Records that the method is async: callers do not try to run it again.
    pub(crate) fn mark_async(&self) {
        self.set(LatencyClass::Async);
    }

    /// Starts a stopwatch for a run in its server's task, if the method is slow: it may have become quick.
    #[inline]
    pub(crate) fn watch(&self) -> Option<Stopwatch> {
        self.is_slow().then(Stopwatch::start)
    }

    fn set(&self, known: LatencyClass) {
        self.known.store(known as u8, Ordering::Relaxed);
    }
}

/// The permission of a caller to run a method inline.
pub(crate) enum InlinePermission {
    No,
    Yes,
    /// Yes, and the run is to be timed.
    Timed(Stopwatch),
}

impl TypeLatency {
    /// Returns the method of this name.
    #[inline]
    pub(crate) fn method(&self, name: &'static str) -> &MethodLatency {
        match self.methods.some[0].get() {
            Some(first) if std::ptr::eq(first.name, name) => first,
            _ => self.method_of(name),
        }
    }

    #[inline(never)]
    fn method_of(&self, name: &'static str) -> &MethodLatency {
        let address = name.as_ptr().addr();
        let size = self.index.len();
        for step in 0..size {
            let entry = &self.index[(address ^ (address >> 4)).wrapping_add(step) % size];
            let (known, index) = entry.get_or_init(|| (name, self.methods.index(name)));
            if std::ptr::eq(*known, name) {
                return self.methods.at(*index, name);
            }
        }
        self.methods.at(self.methods.index(name), name)
    }

    /// Records the duration of a run of `method`.
    pub(crate) fn timed(&self, method: &MethodLatency, watch: &Stopwatch) -> Duration {
        let took = watch.elapsed();
        let known = method.known().after(took);
        method.set(known);
        if known == LatencyClass::Slow {
            self.has_slow.store(true, Ordering::Relaxed);
        }
        took
    }

    /// Returns true if a method goes through the queue because it is slow, or has done so.
    #[inline]
    pub(crate) fn has_slow(&self) -> bool {
        self.has_slow.load(Ordering::Relaxed)
    }

    /// Returns the counted methods, with their counts.
    pub(crate) fn tallies(&self) -> Vec<(&'static str, &MethodCounters)> {
        let counted = |method: &MethodLatency| method.tally.get().is_some();
        let counted = self.methods.iter().filter(|method| counted(method));
        counted
            .map(|method| (method.name, method.tally()))
            .collect()
    }

    /// Returns the methods that go through the queue because they are slow.
    pub(crate) fn slow(&self) -> Vec<&'static str> {
        let slow = self.methods.iter().filter(|method| method.is_slow());
        slow.map(|method| method.name).collect()
    }
}

impl MethodTable {
    /// Returns the index of the method of this name, which is added if it is new.
    fn index(&self, name: &'static str) -> usize {
        let (mut methods, mut first) = (self, 0);
        loop {
            for (index, method) in methods.some.iter().enumerate() {
                if method.get_or_init(|| MethodLatency::new(name)).name == name {
                    return first + index;
                }
            }
            first += methods.some.len();
            methods = methods.more.get_or_init(Box::default);
        }
    }

    /// Returns the method at `index`, whose name is `name`.
    fn at(&self, index: usize, name: &'static str) -> &MethodLatency {
        match self.some.get(index) {
            Some(method) => method.get_or_init(|| MethodLatency::new(name)),
            None => self
                .more
                .get_or_init(Box::default)
                .at(index - self.some.len(), name),
        }
    }

    /// Returns all methods, in the order of their first calls.
    fn iter(&self) -> impl Iterator<Item = &MethodLatency> {
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
        let mut known = LatencyClass::New;
        for (took, then) in [
            (slow, LatencyClass::Doubtful),
            (quick, LatencyClass::Quick),
            (slow, LatencyClass::Doubtful),
            (slow, LatencyClass::Slow),
            (between, LatencyClass::Slow),
            (quick, LatencyClass::Quick),
        ] {
            known = known.after(took);
            assert_eq!(known, then, "after {took:?}");
        }
        assert_eq!(LatencyClass::Async.after(quick), LatencyClass::Async);
    }

    #[test]
    fn each_method_has_its_own_entry_whatever_the_number_of_methods() {
        let latency = TypeLatency::default();
        // The last one is that of the third method, at another address.
        let mut names: Vec<&'static str> = "a b c d e f g h i j k l m n o p q r s t c"
            .split(' ')
            .collect();
        let again = names.pop().unwrap();
        assert_eq!((names.len(), again), (20, names[2]));
        for name in names.iter().step_by(2) {
            latency.method(name).set(LatencyClass::Slow);
        }
        let slow: Vec<_> = names.iter().step_by(2).copied().collect();
        assert_eq!(latency.slow(), slow);
        assert!(matches!(
            latency.method(names[1]).may(false, false),
            InlinePermission::Timed(_)
        ));
        assert!(matches!(
            latency.method(names[2]).may(false, false),
            InlinePermission::No
        ));
        assert!(std::ptr::eq(
            latency.method(again),
            latency.method(names[2])
        ));
        assert!(matches!(
            latency.method(names[2]).may(true, false),
            InlinePermission::Timed(_)
        ));
    }
}
