//! All interleavings of the end of a process, the drop of a hook and a store with hooks. Run with `just loom`.

use std::sync::atomic::{AtomicUsize, Ordering as Std};

use loom::thread;

use super::*;
use crate::process::relation::CleanUp;
use crate::rt::sync::check;

const PID: Pid = Pid::new(1, 1, 1);

/// The parts of a process that its end involves.
#[derive(Default)]
struct Process {
    relations: Mutex<Relations>,
}

impl Hooked for Process {
    fn pid(&self) -> Pid {
        PID
    }

    fn relations(&self) -> &Mutex<Relations> {
        &self.relations
    }
}

impl Process {
    fn end(&self) {
        loop {
            let next = self.relations.lock().next_clean_up();
            match next {
                Some(CleanUp::Hook(mut hook)) => assert_eq!(hook(PID, 1), 0, "it runs once"),
                Some(_) => unreachable!("it has only hooks"),
                None => break,
            }
        }
    }

    fn hooks(&self) -> usize {
        self.relations.lock().on_exit.len()
    }
}

/// Counts runs; lives as long as the hook does.
#[derive(Clone, Default)]
struct Runs(Arc<AtomicUsize>);

impl Runs {
    fn hook(&self) -> impl Fn(Pid) + Send + 'static {
        let own = self.clone();
        move |_| {
            own.0.fetch_add(1, Std::SeqCst);
        }
    }

    fn count(&self) -> usize {
        self.0.load(Std::SeqCst)
    }

    /// Returns true while the hook still exists.
    fn is_held(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }
}

/// A store with one entry per process, like groups, topics and registries.
#[derive(Default)]
struct Store {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    hooks: ExitHooks<Process>,
    members: usize,
}

impl Store {
    /// Stores an entry of a process, unless it is ending.
    fn add(self: &Arc<Self>, process: &Arc<Process>, runs: &Runs) -> bool {
        let (own, hook) = (Arc::downgrade(self), runs.hook());
        let mut state = self.state.lock();
        let lives = state.hooks.add(process, move |pid, _limit| {
            hook(pid);
            if let Some(own) = own.upgrade() {
                own.ended(pid);
            }
            0
        });
        state.members += usize::from(lives);
        lives
    }

    fn ended(&self, pid: Pid) {
        let mut state = self.state.lock();
        let hook = state.hooks.remove(pid);
        assert!(hook.is_some(), "the end comes once");
        state.members = 0;
        drop(hook);
    }
}

#[test]
fn dropping_a_hook_races_with_the_exit() {
    check(3, || {
        let (process, runs) = (Arc::<Process>::default(), Runs::default());
        let hook = ExitHook::new(&process, runs.hook()).unwrap();
        let own = process.clone();
        let end = thread::spawn(move || own.end());
        drop(hook);
        assert_eq!(process.hooks(), 0, "it is left behind");
        end.join().unwrap();
        assert!(runs.count() <= 1, "it ran twice");
        assert_eq!((process.hooks(), runs.is_held()), (0, false));
    });
}

#[test]
fn adding_a_hook_races_with_the_exit() {
    check(3, || {
        let (process, runs) = (Arc::<Process>::default(), Runs::default());
        let own = process.clone();
        let end = thread::spawn(move || own.end());
        let hook = ExitHook::new(&process, runs.hook());
        end.join().unwrap();
        assert_eq!(runs.count(), usize::from(hook.is_some()));
        assert_eq!((process.hooks(), runs.is_held()), (0, false));
    });
}

/// One of two hooks is dropped; the other one runs.
#[test]
fn the_hook_that_stays_runs() {
    check(3, || {
        let (process, goes, stays) = (Arc::<Process>::default(), Runs::default(), Runs::default());
        let first = ExitHook::new(&process, goes.hook()).unwrap();
        let _second = ExitHook::new(&process, stays.hook()).unwrap();
        let own = process.clone();
        let end = thread::spawn(move || own.end());
        drop(first);
        end.join().unwrap();
        assert!(goes.count() <= 1 && !goes.is_held());
        assert_eq!((stays.count(), stays.is_held()), (1, false));
    });
}

#[test]
fn a_store_keeps_nothing_of_a_process_that_ends_while_it_joins() {
    check(3, || {
        let (process, store) = (Arc::<Process>::default(), Arc::<Store>::default());
        let runs = [Runs::default(), Runs::default()];
        let own = process.clone();
        let end = thread::spawn(move || own.end());
        let (other, joined, second) = (store.clone(), process.clone(), runs[1].clone());
        let other = thread::spawn(move || other.add(&joined, &second));
        let first = store.add(&process, &runs[0]);
        let second = other.join().unwrap();
        end.join().unwrap();
        let all: usize = runs.iter().map(Runs::count).sum();
        assert_eq!(all, usize::from(first || second), "one hook for both");
        assert_eq!(store.state.lock().members, 0, "a member that has ended");
        assert_eq!(process.hooks(), 0);
        assert!(!runs.iter().any(Runs::is_held));
    });
}

#[test]
fn a_dropped_store_removes_its_hooks() {
    check(3, || {
        let (process, store) = (Arc::<Process>::default(), Arc::<Store>::default());
        let runs = Runs::default();
        assert!(store.add(&process, &runs));
        let own = process.clone();
        let end = thread::spawn(move || own.end());
        drop(store);
        end.join().unwrap();
        assert!(runs.count() <= 1);
        assert_eq!((process.hooks(), runs.is_held()), (0, false));
    });
}
