//! The attributes of ambit.
//!
//! Everything here is re-exported by `ambit`; the items below say what each attribute takes and
//! what it writes.

#![forbid(unsafe_code)]

mod attrs;
mod block;
mod carried;
mod diag;
mod entry;
mod fallback;
mod gen_server;
mod handle;
mod head;
mod markers;
mod message;
mod names;
mod quoting;
mod self_type;
mod similar;
mod spans;
mod state_machine;
mod supervisor;
#[cfg(test)]
mod tests;
mod types;

use proc_macro::TokenStream;

/// Turns an impl block into a server.
///
/// The methods with a role become messages; the others stay what they are, and so does the type:
/// its methods can be called and tested without a runtime.
///
/// ```ignore
/// use ambit::prelude::*;
///
/// pub struct Counter { value: u64 }
///
/// #[gen_server]
/// impl Counter {
///     #[init]
///     pub fn new(value: u64) -> Self { Self { value } }
///
///     /// Adds `by` and returns the new value.
///     #[call]
///     pub fn add(&mut self, by: u64) -> u64 { self.value += by; self.value }
///
///     #[cast]
///     pub fn reset(&mut self) { self.value = 0 }
/// }
///
/// let counter = Counter::start(5).await?;
/// assert_eq!(counter.add(1).await?, 6);
/// counter.reset().await?;
/// ```
///
/// # Roles
///
/// | marker | method | caller's side |
/// |---|---|---|
/// | [`#[init]`](macro@init) | `fn(args..) -> Self` or `Result<Self, E>` | `Counter::start(args..)`, `Counter::child_spec(args..)` |
/// | [`#[call]`](macro@call) | `fn(&mut self, args..) -> R` | `counter.add(args..).await`, a `Result<R, CallError>` |
/// | [`#[cast]`](macro@cast) | `fn(&mut self, args..)` | `counter.reset(args..).await`, a `Result<(), CastError>` |
/// | [`#[info]`](macro@info) | `fn(&mut self, message: T)` | timers, monitors, `counter.recipient::<T>()` |
/// | [`#[continue_with]`](macro@continue_with) | `fn(&mut self, args..)` | `ctx.continue_with(CounterContinue::Report)` |
/// | [`#[terminate]`](macro@terminate) | `fn(&mut self, reason: &ExitReason)` | |
///
/// Each may be `async` or not. Each may take `ctx: &mut Context<Self>`, or `&Context<Self>`, right
/// after `self` (in `#[init]`: first); behind an alias it is marked [`#[ctx]`](macro@ctx). All other
/// arguments are owned: they move to the server. Casts, infos and continuations return nothing,
/// `Flow` or `Result<(), E>`; an `Err` ends the server.
///
/// An async method with `&self` keeps the state borrowed while it waits, which takes a state that is
/// `Sync`: prefer `&mut self`.
///
/// # What it writes
///
/// Beside the block, for a server `Counter`: `CounterSubject`, the handle, with one method per call
/// and cast; `CounterCall`, `CounterCast`, `CounterInfo` and `CounterContinue`, the messages as
/// enums; `CounterArgs`, what `#[init]` takes; `Counter::start`; `Counter::child_spec`, for a supervisor,
/// unless the block has its own; and the impls of `Protocol`, `GenServer` and one `Handles<T>` per info.
/// They are `pub`, so that a private server works too; a method of the handle is as visible as the
/// user's.
///
/// Documentation and `cfg` of a method go to what is generated for it; `deprecated`, `must_use`,
/// `allow` and, as an `allow`, `expect` go to the handle's method. Parameters and where-clause of the
/// block go to every type. That they are `Send + 'static` need not be said: what is generated asks it of
/// whoever uses it, and so do the methods that take the context.
///
/// Without `#[init]` the value itself is the argument: `Counter { value: 5 }.start()`, and
/// `Counter::child_spec(|| Counter { value: 5 })` makes one for each start. With `#[init]` the arguments
/// of `child_spec` are cloned for each start; who does not call it needs no `Clone`.
///
/// # Options
///
/// - `mailbox = 64`, `mailbox = unbounded`: how many messages may wait.
/// - `overflow = wait | reject | drop_newest | drop_oldest`: what happens to one more.
/// - `in_place = auto | never | always`: whether a caller may run a plain `#[call]` itself while the
///   server is idle; see below.
/// - `vis = pub(crate)`: the visibility of the generated types. The compiler refuses one that is
///   narrower than the server's own (E0446).
/// - `crate = path`: where to find `ambit`.
///
/// # Handlers in place
///
/// A call whose method is a plain `fn`, and which is awaited directly, is run by the caller itself
/// where that is possible: the server has nothing else to do, and the caller is on a thread of the
/// server's runtime. That saves two wake-ups. Casts, infos, async methods and `.send()` always go
/// through the queue. `in_place = never` sends all calls through it. `auto`, the default, sends those of a method
/// that takes longer than 20 µs twice in a row, until it takes less than 5 µs again: while a caller
/// computes it does nothing else, and `join_all` over busy servers would do one after the other.
/// `always` does not look at the time. `#[init]` is treated alike: whoever awaits a start, other
/// than a supervisor, may run the first step of it.
///
/// The handler runs as the server: its pid, its context, its panic, its place in the order of
/// messages are the same. What follows it, such as `#[terminate]`, runs in the server's own task.
/// This can be told apart:
///
/// - The caller's task-locals are there, and `tokio::task::id()` is the caller's.
/// - `tokio::task::block_in_place` acts on the caller's thread.
/// - The stack is the caller's.
/// - A call cannot time out while its own handler runs on its stack; nor can it be dropped.
/// - `ctx.remaining()`, and with it the time of the calls that the handler sends, counts from when the handler first asks, not
///   from when the call was made.
#[proc_macro_attribute]
pub fn gen_server(options: TokenStream, item: TokenStream) -> TokenStream {
    gen_server::expand(options.into(), &item.into()).into()
}

/// Makes the state, in a [`#[gen_server]`](macro@gen_server) block.
///
/// `#[init] pub fn new(value: u64) -> Self`, async or not, returns `Self` or `Result<Self, E>`; it
/// runs in the server's own process. Its arguments and its visibility are those of
/// `Counter::start` and `Counter::child_spec`.
#[proc_macro_attribute]
pub fn init(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("init", &item.into()).into()
}

/// Answers a request, in a [`#[gen_server]`](macro@gen_server) block.
///
/// `#[call] pub fn add(&mut self, by: u64) -> u64` gives `CounterSubject::add`, a future of
/// `Result<u64, CallError>`. Options:
///
/// - `timeout = Duration::from_secs(1)`: how long callers wait unless they say otherwise.
/// - `deferred`: the last argument is a `ReplyTo<T>`, to be answered whenever it suits.
/// - `skip_expired`: a request whose caller has gone is dropped unhandled.
#[proc_macro_attribute]
pub fn call(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("call", &item.into()).into()
}

/// Takes a message that nobody waits for, in a [`#[gen_server]`](macro@gen_server) block.
///
/// `#[cast] pub fn reset(&mut self)` gives `CounterSubject::reset`, a future that is ready once the
/// message is in the mailbox. The method returns nothing, `Flow` or `Result<(), E>`.
#[proc_macro_attribute]
pub fn cast(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("cast", &item.into()).into()
}

/// Takes one type of message from elsewhere, in a [`#[gen_server]`](macro@gen_server) block.
///
/// `#[info] fn on_down(&mut self, down: Down)` lets the server monitor others; any other type works
/// alike, for timers and for `recipient::<T>()`. There is one method per type.
#[proc_macro_attribute]
pub fn info(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("info", &item.into()).into()
}

/// Goes on after a handler, before the next message, in a [`#[gen_server]`](macro@gen_server) block.
///
/// `#[continue_with] fn report(&mut self, to: Pid)` is run by
/// `ctx.continue_with(CounterContinue::Report { to })`.
#[proc_macro_attribute]
pub fn continue_with(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("continue_with", &item.into()).into()
}

/// Runs when the server ends, in a [`#[gen_server]`](macro@gen_server) block.
///
/// `#[terminate] fn bye(&mut self, reason: &ExitReason)`, async or not. It also runs after a
/// handler has panicked, unless it says `#[terminate(not_after_panic)]`.
#[proc_macro_attribute]
pub fn terminate(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("terminate", &item.into()).into()
}

/// Turns an impl block into a state machine: a server that is always in one of a few states, and whose state says what
/// it does with each event.
///
/// ```ignore
/// use ambit::prelude::*;
///
/// pub struct Door { code: u32 }
///
/// #[state_machine(states = [Locked, Open])]
/// impl Door {
///     #[init]
///     pub fn new(code: u32) -> Self { Self { code } }
///
///     /// Opens the door, if the code is right.
///     #[call(Locked => Open | stay, Open => refuse)]
///     pub fn unlock(&mut self, code: u32) -> (DoorUnlockTo, bool) {
///         if code == self.code { (DoorUnlockTo::Open, true) } else { (DoorUnlockTo::Stay, false) }
///     }
///
///     #[cast(Open => Locked, Locked => ignore)]
///     pub fn close(&mut self) {}
///
///     /// Nobody leaves it open.
///     #[state_timeout(Open => Locked, after = Duration::from_secs(10))]
///     fn lock_again(&mut self) {}
/// }
///
/// let door = Door::start(1234).await?;
/// assert!(door.unlock(1234).await?);
/// ```
///
/// # Rules
///
/// What stands in the parentheses of a marker says in which states the method runs, and where that leads. Several
/// rules are divided by commas:
///
/// | rule | means |
/// |---|---|
/// | `Locked => Open` | in `Locked` the method runs, then the machine goes to `Open` |
/// | `Locked \| Jammed => stay` | in both the method runs, and the state stays |
/// | `Locked` | the same, for one state |
/// | `Open => repeat` | it stays, and is told again that it has entered |
/// | `Locked => Open \| stay` | the method chooses |
/// | `Opening => postpone` | the event comes again when the state has changed |
/// | `Open => ignore`, for a call `Open => refuse` | nothing happens; a caller gets `CallError::NoReply` |
/// | `Broken => stop` | the machine ends with an error |
/// | `_ => ..` | all states that no other rule of the event names |
///
/// A marker without rules says `_ => stay`. Each event needs a rule for each state, and each state a way that leads to
/// it; the compiler says what is missing.
///
/// A method with several targets returns one of them, as a type that the macro writes: `unlock` of `Door` returns
/// `DoorUnlockTo::Open` or `DoorUnlockTo::Stay`. A call returns it with the answer, `(DoorUnlockTo, bool)`; a deferred
/// call and all other methods return it alone, or a `Result` with it.
///
/// Two methods can handle one event in different states: `#[cast(Open => Locked, event = press)]`.
///
/// # Roles
///
/// As of a server: [`#[init]`](macro@init), [`#[call]`](macro@call), [`#[cast]`](macro@cast),
/// [`#[info]`](macro@info) and [`#[terminate]`](macro@terminate). `#[init(Locked | Open)]` names further states in which
/// it may begin, with `ctx.start_in(DoorState::Open)`. Only here:
///
/// | marker | runs | set by |
/// |---|---|---|
/// | [`#[enter]`](macro@enter) | when the state has been entered, also at the start | |
/// | [`#[exit]`](macro@exit) | before the state is left | |
/// | [`#[state_timeout]`](macro@state_timeout) | when the state has lasted so long | `after = ..`, `ctx.state_timeout(..)` |
/// | [`#[event_timeout]`](macro@event_timeout) | when no event has come | `ctx.event_timeout(..)` |
/// | [`#[timeout]`](macro@timeout) | when the timeout of its name is due | `ctx.timeout(DoorTimeout::Poll, ..)` |
/// | [`#[internal]`](macro@internal) | before any other event | `ctx.next_event(DoorInternal::Retry)` |
///
/// A plain method runs at once; one that is async, or that handles an event which was kept, runs as a step of its own,
/// in which `ctx.remaining()` is `None`.
///
/// # What it writes
///
/// Beside what [`#[gen_server]`](macro@gen_server) writes: `DoorState`, `DoorTimeout`, `DoorInternal`, one
/// `Door..To` per method that chooses, and the impl of `StateMachine`. The machine is a server like any other: what
/// starts, supervises, names or watches servers takes it.
///
/// # Options
///
/// - `states = [Locked, Open]`: the states; it begins in the first.
/// - `mailbox`, `overflow`, `in_place`, `vis`, `crate`: as of [`#[gen_server]`](macro@gen_server).
#[proc_macro_attribute]
pub fn state_machine(options: TokenStream, item: TokenStream) -> TokenStream {
    state_machine::expand(options.into(), &item.into()).into()
}

/// Runs when a state has been entered, in a [`#[state_machine]`](macro@state_machine) block.
///
/// `#[enter(Open)] fn opened(&mut self, ctx: &mut Context<Self>)` runs before any event in `Open`: at the start, after
/// each change from another state, and after `repeat`.
#[proc_macro_attribute]
pub fn enter(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("enter", &item.into()).into()
}

/// Runs before a state is left, in a [`#[state_machine]`](macro@state_machine) block.
///
/// `#[exit(Open)] fn closing(&mut self)` runs between the event that leads out of `Open` and the entry of the next
/// state. It does not run when the machine ends: that is [`#[terminate]`](macro@terminate).
#[proc_macro_attribute]
pub fn exit(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("exit", &item.into()).into()
}

/// Runs when a state has lasted so long, in a [`#[state_machine]`](macro@state_machine) block.
///
/// `#[state_timeout(Open => Locked, after = Duration::from_secs(10))] fn lock_again(&mut self)`. Without `after` the
/// time is set with `ctx.state_timeout(..)`. A change of state ends it.
#[proc_macro_attribute]
pub fn state_timeout(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("state_timeout", &item.into()).into()
}

/// Runs when no event has come inside the time that `ctx.event_timeout(..)` has set, in a
/// [`#[state_machine]`](macro@state_machine) block.
#[proc_macro_attribute]
pub fn event_timeout(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("event_timeout", &item.into()).into()
}

/// Runs when the timeout with the method's name is due, in a [`#[state_machine]`](macro@state_machine) block.
///
/// `#[timeout] fn poll(&mut self)` is set with `ctx.timeout(DoorTimeout::Poll, ..)`. It outlives changes of state.
#[proc_macro_attribute]
pub fn timeout(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("timeout", &item.into()).into()
}

/// Handles an event that the machine gives itself, in a [`#[state_machine]`](macro@state_machine) block.
///
/// `#[internal] fn retry(&mut self, left: u32)` is given with `ctx.next_event(DoorInternal::Retry { left })`, and comes
/// before any other event.
#[proc_macro_attribute]
pub fn internal(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("internal", &item.into()).into()
}

/// Turns an impl block into a supervisor: it starts the children that the methods describe, and
/// starts them again when they fail.
///
/// ```ignore
/// use ambit::prelude::*;
///
/// pub struct App { limit: u64 }
///
/// #[supervisor(strategy = RestForOne, restarts = 3, within = Duration::from_secs(5))]
/// impl App {
///     /// Counts what happens.
///     #[child(shutdown = Duration::from_secs(10))]
///     pub fn counter(&self) -> ChildSpec<Counter> { Counter::child_spec(0, self.limit) }
///
///     /// Asks its sibling.
///     #[child(restart = Transient)]
///     pub fn api(&self, app: &AppSubject) -> ChildSpec<Api> { Api::child_spec(app.counter()) }
/// }
///
/// let app = App { limit: 100 }.start().await?;
/// let counter: CounterSubject = app.counter();
/// assert_eq!(counter.add(1).await?, 1);
/// app.terminate_child("api").await?;
/// ```
///
/// # Children
///
/// Each method with [`#[child]`](macro@child) is one: `fn(&self) -> ChildSpec<C>`, or a `Result` of
/// that. They are started in the order of their methods, and stopped in the opposite order. The other
/// methods stay what they are.
///
/// # What it writes
///
/// Beside the block, for a supervisor `App`: `AppSubject`, the handle, with one method per child and
/// everything a `Supervisor` has; `App::start`; `App::child_spec`, for a supervisor above this one;
/// and the impl of `Startable`. If the block has a `start` or a `child_spec` of its own, that is the
/// one there is.
///
/// A method of the handle gives the handle of the child and is as visible as the user's. What it gives
/// follows the child through its restarts: while the child is down, a call through it answers
/// `CallError::NoProcess`, or waits if the handle is `.patiently()`.
///
/// A child may have the name of something that a `Supervisor` can do, except `clone`; that stays
/// reachable as `Supervisor::which_children(&app)`.
///
/// Documentation, `cfg` and lints go to the handle's methods, and parameters and where-clause of the
/// block to the handle, as in [`#[gen_server]`](macro@gen_server). Where a child's type has one of the
/// parameters, the block has to say that this is `Send + 'static`.
///
/// # Options
///
/// - `strategy = OneForOne | OneForAll | RestForOne`: who is restarted when a child fails: it alone (the
///   default), all children, or it and those that were started after it.
/// - `restarts = 3` and `within = Duration::from_secs(5)`: how many restarts in how long a time are
///   borne; with one more the supervisor stops its children and ends. These are the defaults.
/// - `auto_shutdown = Never | Any | All`: whether the supervisor ends when one of its significant
///   children, or the last of them, has ended by itself. `Never` is the default.
/// - `vis = pub(crate)`: the visibility of what is generated.
/// - `crate = path`: where to find `ambit`.
#[proc_macro_attribute]
pub fn supervisor(options: TokenStream, item: TokenStream) -> TokenStream {
    supervisor::expand(options.into(), &item.into()).into()
}

/// Describes a child, in a [`#[supervisor]`](macro@supervisor) block.
///
/// `#[child] fn counter(&self) -> ChildSpec<Counter>` gives `AppSubject::counter`, the handle of that
/// child; `"counter"` is its id. The method takes `&self`, and `app: &AppSubject` if the child needs its
/// siblings: `app` is at hand before they are. It returns a `ChildSpec<..>` or a `Result` of one.
///
/// It is called for each start of the child, so it can open a new connection each time; an `Err` or a
/// panic in it is a start that failed.
///
/// Options, which go before what the `ChildSpec` itself says:
///
/// - `restart = Permanent | Transient | Temporary`: started again whenever it ends (the default), only
///   after a failure, or never.
/// - `shutdown = Brutal | Infinity | Duration::from_secs(10)`: how long it may take to stop before it is
///   killed: 5 seconds by default, and without a limit if it is a supervisor.
/// - `significant = true`: its end counts for the supervisor's `auto_shutdown`, which must be set; not
///   for a `Permanent` child.
#[proc_macro_attribute]
pub fn child(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("child", &item.into()).into()
}

/// Marks the context among the arguments, where its type hides behind an alias.
///
/// `#[call] fn get(&mut self, #[ctx] ctx: &mut Ctx) -> u64`, in a
/// [`#[gen_server]`](macro@gen_server) block; a plain `&mut Context<Self>` needs no mark.
#[proc_macro_attribute]
pub fn ctx(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("ctx", &item.into()).into()
}

/// Lets a type be sent to plain processes.
///
/// The type must be owned, and its parameters `Send + 'static`. `#[message(crate = path)]` says
/// where to find `ambit`.
#[proc_macro_derive(Message, attributes(message))]
pub fn derive_message(item: TokenStream) -> TokenStream {
    message::expand(item.into()).into()
}

/// Runs an async function as the program, and as a process.
///
/// The function takes nothing or `inbox: Inbox<M>`. Options: `flavor = "current_thread"` or
/// `"multi_thread"` (the default), `worker_threads = n` with several threads, `crate = path`.
///
/// ```ignore
/// #[ambit::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> { Ok(()) }
/// ```
#[proc_macro_attribute]
pub fn main(options: TokenStream, item: TokenStream) -> TokenStream {
    entry::main(options.into(), &item.into()).into()
}

/// Runs an async function as a test, and as a process of a system of its own.
///
/// The function takes nothing or `inbox: Inbox<M>`. Time is virtual unless the test says
/// `real_time`. Further options: `flavor = "multi_thread"` or `"current_thread"` (the default),
/// `worker_threads = n` with several threads, `seed = n`, `crate = path`.
///
/// ```ignore
/// #[ambit::test]
/// async fn counts() { assert_eq!(1 + 1, 2) }
/// ```
#[proc_macro_attribute]
pub fn test(options: TokenStream, item: TokenStream) -> TokenStream {
    entry::test(options.into(), &item.into()).into()
}
