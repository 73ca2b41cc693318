//! Attribute macros of ambit.
//!
//! `ambit` re-exports everything here. The items below describe what each attribute accepts and what it generates.

#![forbid(unsafe_code)]

mod argument;
mod behaviour;
mod block;
mod diag;
mod docs;
mod entry;
mod fallback;
mod forwarded_attributes;
mod gen_server;
mod handle;
mod markers;
mod message;
mod names;
mod options;
mod protocol;
mod quoting;
mod rpc;
mod self_type;
mod similar;
mod single_block;
mod spans;
mod state_machine;
mod supervisor;
#[cfg(test)]
mod tests;
mod types;
mod wire;
mod wire_name;

use proc_macro::TokenStream;

/// Turns an impl block into a server.
///
/// Methods with a role become messages. Other methods and the type itself stay unchanged, so the methods can be called
/// and tested without a runtime.
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
/// Each method may be `async` or not. Each may take `ctx: &mut Context<Self>`, or `&Context<Self>`, directly after
/// `self` (in `#[init]`: first); mark a context behind a type alias with [`#[ctx]`](macro@ctx). All other arguments
/// must be owned, because they move to the server. Casts, infos and continuations return nothing, `Flow` or
/// `Result<(), E>`; an `Err` stops the server.
///
/// An async method with `&self` borrows the state across its awaits, which requires a state that is `Sync`: prefer
/// `&mut self`.
///
/// # Generated items
///
/// For a server `Counter`, the macro generates, beside the block:
///
/// - `CounterSubject`: the typed handle, its *subject*, with one method per call and cast.
/// - `CounterCall`, `CounterCast`, `CounterInfo` and `CounterContinue`: the messages, as enums.
/// - `CounterArgs`: the arguments of `#[init]`.
/// - `Counter::start`, and `Counter::child_spec` for use under a supervisor, unless the block defines them.
/// - The impls of `Protocol`, `GenServer` and one `Handles<T>` per info.
///
/// These types are `pub`, so that a private server works too; a method of the handle has the visibility of the user's
/// method.
///
/// The documentation and `cfg` attributes of a method are copied to the items generated for it; `deprecated`,
/// `must_use`, `allow` and `expect` (as `allow`) are copied to the handle's method. The parameters and where-clause of
/// the block are copied to every type. The block need not require `Send + 'static` of the parameters: the generated
/// items require it where they are used, and so do the methods that take the context.
///
/// Without `#[init]` the value itself is the argument: `Counter { value: 5 }.start()`, and
/// `Counter::child_spec(|| Counter { value: 5 })` creates a value for each start. With `#[init]`, the arguments of
/// `child_spec` are cloned for each start; `Clone` is required only if `child_spec` is called.
///
/// # Options
///
/// - `mailbox = 64`, `mailbox = unbounded`: the capacity of the mailbox.
/// - `overflow = wait | reject | drop_newest | drop_oldest`: what happens when the mailbox is full.
/// - `in_place = auto | never | always`: whether a plain `#[call]` may run inline on the caller's thread while the
///   server is idle; see below.
/// - `remote = "shop.counter"`: the server's name on the wire, which makes it reachable from other nodes. Its arguments
///   and replies must implement `ambit::message::Wire`. Requires the feature `remote` of `ambit`.
/// - `vis = pub(crate)`: the visibility of the generated types. The compiler rejects one that is narrower than the
///   server's own (E0446).
/// - `crate = path`: the path of `ambit`.
/// - `protocol = Kv`: the server implements the calls and casts of a [`#[protocol]`](macro@protocol), and uses its
///   handle and enums.
///
/// # Inline handlers
///
/// A call runs inline, on the caller's thread, if its method is a plain `fn`, its future is awaited directly, the
/// server is idle, and the caller is on a thread of the server's runtime. This saves two wake-ups. Casts, infos, async
/// methods and `.send()` always go through the mailbox. With `in_place = never` all calls do. With `auto`, the default,
/// the calls of a method that takes longer than 20 µs twice in a row go through the mailbox until it takes less than 5
/// µs again: a caller cannot do anything else while it runs a handler, and `join_all` over busy servers would run their
/// handlers one after the other. `always` ignores the duration. `#[init]` follows the same rule: the task that awaits a
/// start may run its first step, unless that task is a supervisor.
///
/// The handler runs as the server: pid, context, panic handling and message order are the same. Work after the handler,
/// such as `#[terminate]`, runs in the server's own task. The differences that a handler can observe:
///
/// - The caller's task-locals are visible, and `tokio::task::id()` is the caller's.
/// - `tokio::task::block_in_place` acts on the caller's thread.
/// - The stack is the caller's.
/// - A call can neither time out nor be dropped while its own handler runs on its stack.
/// - `ctx.remaining()`, and with it the timeout of calls that the handler sends, counts from when the handler first
///   asks, not from when the call was made.
#[proc_macro_attribute]
pub fn gen_server(options: TokenStream, item: TokenStream) -> TokenStream {
    gen_server::expand(options.into(), &item.into()).into()
}

/// Turns a trait into a protocol: a handle that is independent of the servers behind it.
///
/// Code with the handle does not depend on the server or its crate. Several servers can implement one protocol; in
/// tests, a mock does.
///
/// ```ignore
/// use ambit::prelude::*;
///
/// /// Keys and values.
/// #[protocol]
/// pub trait Kv {
///     /// What is kept under `key`.
///     #[call]
///     fn get(&self, key: String) -> Option<u64>;
///
///     #[call(timeout = Duration::from_secs(1))]
///     fn len(&self) -> usize;
///
///     /// Answers at the next change.
///     #[call(deferred)]
///     fn changed(&self, reply: ReplyTo<u64>);
///
///     /// Keeps `value` under `key`.
///     #[cast]
///     fn put(&self, key: String, value: u64);
/// }
///
/// pub struct Memory { values: HashMap<String, u64> }
///
/// #[gen_server(protocol = Kv)]
/// impl Memory {
///     #[call]
///     fn get(&self, key: String) -> Option<u64> { self.values.get(&key).copied() }
///     // .. and `len`, `changed` and `put`
/// }
///
/// let kv: KvSubject = Memory { values: HashMap::new() }.start().await?;
/// kv.put("one".into(), 1).await?;
/// assert_eq!(kv.get("one".into()).await?, Some(1));
/// ```
///
/// # The trait
///
/// Each method is a [`#[call]`](macro@call), with `timeout` and `deferred`, or a [`#[cast]`](macro@cast). A method
/// declares only the message, not how it is handled: it has no body, no context and no `async`; `&self` and `&mut self`
/// mean the same. Arguments and return values are owned. The parameters of the trait, as in `trait Store<K, V>`, are
/// copied to all generated items. Methods cannot have parameters, and the trait cannot have supertraits.
///
/// The resulting trait has no methods and represents the protocol as the type `dyn Kv`. `Registry<String, dyn Kv>`
/// holds servers that implement it, `whereis::<dyn Kv>(..)` finds one, and `Subject<dyn Kv>` is the handle without its
/// methods.
///
/// # Generated items
///
/// The macro generates, with the visibility of the trait:
///
/// - `KvSubject`: the typed handle, its *subject*, with one method per message and the methods of every handle except
///   `recipient`: infos belong to the server, which hands out `ctx.recipient()`.
/// - `KvCall` and `KvCast`: the messages, as enums. An argument `_key` is called `key` there.
/// - The impl of `Protocol` for `dyn Kv`.
/// - `MockKv`, see below.
///
/// # Servers
///
/// To implement a protocol, write `#[gen_server(protocol = Kv)]` on an impl block that has, for each method of the
/// protocol, a method with the same name, role, arguments and return type. `protocol = path::to::Kv`, with `KvCall` and
/// `KvCast` beside the trait, and `protocol = Store<K, V>` work too. The name of an unused argument may start with an
/// underscore. Each method may be async, or take the context; a call may be `deferred`, or `skip_expired`, whatever the
/// protocol says. Other methods, such as `#[init]` and `#[info]`, belong to the server alone; the handle and the enums
/// of calls and casts are the protocol's. The block also implements the trait, `impl Kv for Memory`.
///
/// A hand-written `GenServer` implements a protocol with `type Protocol = dyn Kv`.
///
/// Servers must handle a method under a `cfg` only where it is compiled.
///
/// # The mock
///
/// The feature `test` of `ambit` adds `MockKv`, a server whose behaviour is set by the test and which counts its
/// messages.
///
/// ```ignore
/// let mock = MockKv::new().on_get(|key| (key == "one").then_some(1)).on_put(|key, value| println!("{key}: {value}"));
/// let kv: KvSubject = mock.start().await?;
/// assert_eq!(kv.get("one".into()).await?, Some(1));
/// assert_eq!(mock.counts().get, 1);
/// ```
///
/// A closure takes the arguments of its method, for a deferred call also the reply port, and is
/// `FnMut + Send + 'static`. A call without a closure panics the mock with the name of the method, and the caller gets
/// `CallError::Exited`; a cast without one is counted and ignored. All clones are the same mock, even while it runs, so
/// `on_get` can replace a closure later.
///
/// # Where it cannot be used
///
/// A module with `#[no_implicit_prelude]` cannot contain a protocol: the generated error texts are attributes of
/// `diagnostic`, which the compiler does not find there. Servers of a protocol are not affected.
///
/// # In tasks
///
/// A future that awaits calls and casts of a protocol can move between threads. Futures that store other futures beside
/// their outputs, such as `join!` and `join_all`, need `kv.get(..).send()`: there the compiler cannot see through
/// `dyn Kv`.
///
/// # Options
///
/// - `crate = path`: the path of `ambit`.
#[proc_macro_attribute]
pub fn protocol(options: TokenStream, item: TokenStream) -> TokenStream {
    protocol::expand(options.into(), &item.into()).into()
}

/// Creates the state, in a [`#[gen_server]`](macro@gen_server) block.
///
/// `#[init] pub fn new(value: u64) -> Self`, async or not, returns `Self` or `Result<Self, E>`, and runs in the
/// server's own process. `Counter::start` and `Counter::child_spec` have its arguments and its visibility.
#[proc_macro_attribute]
pub fn init(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("init", &item.into()).into()
}

/// Handles a request with a reply, in a [`#[gen_server]`](macro@gen_server) block or a [`#[protocol]`](macro@protocol).
///
/// `#[call] pub fn add(&mut self, by: u64) -> u64` generates `CounterSubject::add`, a future of
/// `Result<u64, CallError>`. Options:
///
/// - `timeout = Duration::from_secs(1)`: the default timeout of callers.
/// - `deferred`: the last argument is a `ReplyTo<T>`, which can be answered at any time.
/// - `skip_expired`: drops a request whose caller is gone, without handling it.
/// - `tag = "add"`: its name on the wire, for a server with `remote`; the default is the name of the method. With a
///   tag, a method can be renamed while other nodes still run the old version.
#[proc_macro_attribute]
pub fn call(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("call", &item.into()).into()
}

/// Handles a message without a reply, in a [`#[gen_server]`](macro@gen_server) block or a
/// [`#[protocol]`](macro@protocol).
///
/// `#[cast] pub fn reset(&mut self)` generates `CounterSubject::reset`, a future that is ready once the message is in
/// the mailbox. The method returns nothing, `Flow` or `Result<(), E>`. The only option is `tag`, as for
/// [`#[call]`](macro@call).
#[proc_macro_attribute]
pub fn cast(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("cast", &item.into()).into()
}

/// Handles messages of one type from senders that do not know the server's type, in a
/// [`#[gen_server]`](macro@gen_server) block.
///
/// `#[info] fn on_down(&mut self, down: Down)` lets the server monitor other processes; any other type works the same
/// way, for timers and for `recipient::<T>()`. Each type has at most one method.
#[proc_macro_attribute]
pub fn info(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("info", &item.into()).into()
}

/// Continues after a handler, before the next message, in a [`#[gen_server]`](macro@gen_server) block.
///
/// `ctx.continue_with(CounterContinue::Report { to })` runs `#[continue_with] fn report(&mut self, to: Pid)`.
#[proc_macro_attribute]
pub fn continue_with(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("continue_with", &item.into()).into()
}

/// Runs when the server stops, in a [`#[gen_server]`](macro@gen_server) block.
///
/// `#[terminate] fn bye(&mut self, reason: &ExitReason)` may be async or not. It also runs after a handler has
/// panicked, unless it is marked `#[terminate(not_after_panic)]`.
#[proc_macro_attribute]
pub fn terminate(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("terminate", &item.into()).into()
}

/// Turns an impl block into a state machine: a server that is always in one of a few states, which decide how it
/// handles each event.
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
/// The rules in the parentheses of a marker say in which states the method runs, and which state follows. Separate
/// several rules with commas:
///
/// | rule | means |
/// |---|---|
/// | `Locked => Open` | in `Locked` the method runs, then the machine changes to `Open` |
/// | `Locked \| Jammed => stay` | in both states the method runs, and the state stays |
/// | `Locked` | the same, for one state |
/// | `Open => repeat` | the state stays, and is entered again |
/// | `Locked => Open \| stay` | the method chooses |
/// | `Opening => postpone` | the event is handled again after the next change of state |
/// | `Open => ignore`, for a call `Open => refuse` | nothing runs; a caller gets `CallError::NoReply` |
/// | `Broken => stop` | the machine stops with an error |
/// | `_ => ..` | all states that no other rule of the event names |
///
/// A marker without rules means `_ => stay`. Each event needs a rule for each state, and each state must be reachable;
/// the compiler reports what is missing.
///
/// A method with several targets returns one of them, as a type that the macro generates: `unlock` of `Door` returns
/// `DoorUnlockTo::Open` or `DoorUnlockTo::Stay`. A call returns it with the reply, `(DoorUnlockTo, bool)`; a deferred
/// call and all other methods return it alone, or in a `Result`.
///
/// Two methods can handle one event in different states: `#[cast(Open => Locked, event = press)]`.
///
/// # Roles
///
/// Available as in a server: [`#[init]`](macro@init), [`#[call]`](macro@call), [`#[cast]`](macro@cast),
/// [`#[info]`](macro@info) and [`#[terminate]`](macro@terminate). `#[init(Locked | Open)]` declares further initial
/// states, chosen with `ctx.start_in(DoorState::Open)`. Only in state machines:
///
/// | marker | runs | set by |
/// |---|---|---|
/// | [`#[enter]`](macro@enter) | after the state has been entered, also at the start | |
/// | [`#[exit]`](macro@exit) | before the state is left | |
/// | [`#[state_timeout]`](macro@state_timeout) | after this time in the state | `after = ..`, `ctx.state_timeout(..)` |
/// | [`#[event_timeout]`](macro@event_timeout) | when no event has arrived in this time | `ctx.event_timeout(..)` |
/// | [`#[timeout]`](macro@timeout) | when the timeout of the same name is due | `ctx.timeout(DoorTimeout::Poll, ..)` |
/// | [`#[internal]`](macro@internal) | before any other event | `ctx.next_event(DoorInternal::Retry)` |
///
/// A plain method runs at once. A method that is async, or that handles a postponed event, runs as a separate step, in
/// which `ctx.remaining()` is `None`.
///
/// # Generated items
///
/// In addition to the items of [`#[gen_server]`](macro@gen_server): `DoorState`, `DoorTimeout`, `DoorInternal`, one
/// `Door..To` per method with several targets, and the impl of `StateMachine`. The machine is a server like any other:
/// it can be started, supervised, named and monitored like one.
///
/// # Options
///
/// - `states = [Locked, Open]`: the states; the first is the initial state.
///   With `remote`, their enum is a message: `house.door.state` for `remote = "house.door"`.
/// - `mailbox`, `overflow`, `in_place`, `remote`, `vis`, `crate`: as for [`#[gen_server]`](macro@gen_server).
#[proc_macro_attribute]
pub fn state_machine(options: TokenStream, item: TokenStream) -> TokenStream {
    state_machine::expand(options.into(), &item.into()).into()
}

/// Runs after a state has been entered, in a [`#[state_machine]`](macro@state_machine) block.
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
/// state. It does not run when the machine stops: use [`#[terminate]`](macro@terminate) for that.
#[proc_macro_attribute]
pub fn exit(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("exit", &item.into()).into()
}

/// Runs when a state has lasted for a given time, in a [`#[state_machine]`](macro@state_machine) block.
///
/// An example is `#[state_timeout(Open => Locked, after = Duration::from_secs(10))] fn lock_again(&mut self)`. Without
/// `after`, set the time with `ctx.state_timeout(..)`. A change of state cancels the timeout.
#[proc_macro_attribute]
pub fn state_timeout(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("state_timeout", &item.into()).into()
}

/// Runs when no event has arrived within the time set by `ctx.event_timeout(..)`, in a
/// [`#[state_machine]`](macro@state_machine) block.
#[proc_macro_attribute]
pub fn event_timeout(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("event_timeout", &item.into()).into()
}

/// Runs when the timeout with the method's name is due, in a [`#[state_machine]`](macro@state_machine) block.
///
/// `ctx.timeout(DoorTimeout::Poll, ..)` sets the timeout of `#[timeout] fn poll(&mut self)`. It survives changes of
/// state.
#[proc_macro_attribute]
pub fn timeout(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("timeout", &item.into()).into()
}

/// Handles an event that the machine sends to itself, in a [`#[state_machine]`](macro@state_machine) block.
///
/// `ctx.next_event(DoorInternal::Retry { left })` triggers `#[internal] fn retry(&mut self, left: u32)`, before any
/// other event.
#[proc_macro_attribute]
pub fn internal(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("internal", &item.into()).into()
}

/// Turns an impl block into a supervisor: it starts the children that the methods describe, and restarts them when they
/// fail.
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
/// Each method with [`#[child]`](macro@child) describes one child: `fn(&self) -> ChildSpec<C>`, or a `Result` of that.
/// The supervisor starts the children in the order of their methods, and stops them in reverse order. Other methods
/// stay unchanged.
///
/// # Generated items
///
/// For a supervisor `App`, the macro generates, beside the block: `AppSubject`, the typed handle, its *subject*, with
/// one method per child and everything a `Supervisor` has; `App::start`; `App::child_spec`, for use under another
/// supervisor; and the impl of `Startable`. A `start` or `child_spec` of the block replaces the generated one.
///
/// A method of the handle returns the handle of the child, and has the visibility of the user's method. The child's
/// handle follows the child through its restarts: while the child is down, a call returns `CallError::NoProcess`, or
/// waits if the handle is `.when_available()`.
///
/// A child may have the name of any method of `Supervisor` except `clone`; the method stays reachable as, for example,
/// `Supervisor::which_children(&app)`.
///
/// Documentation, `cfg` and lints are copied to the handle's methods, and the parameters and where-clause of the block
/// to the handle, as in [`#[gen_server]`](macro@gen_server). If the type of a child mentions a parameter, the block
/// must require that the parameter is `Send + 'static`.
///
/// # Options
///
/// - `strategy = OneForOne | OneForAll | RestForOne`: which children are restarted when one fails: only that child (the
///   default), all children, or that child and the children started after it.
/// - `restarts = 3` and `within = Duration::from_secs(5)`: the number of restarts allowed within a sliding window; with
///   one more, the supervisor stops its children and itself. These are the defaults.
/// - `auto_shutdown = Never | Any | All`: whether the supervisor stops when one of its significant children, or the
///   last of them, has ended by itself. `Never` is the default.
/// - `vis = pub(crate)`: the visibility of the generated items.
/// - `crate = path`: the path of `ambit`.
#[proc_macro_attribute]
pub fn supervisor(options: TokenStream, item: TokenStream) -> TokenStream {
    supervisor::expand(options.into(), &item.into()).into()
}

/// Describes a child, in a [`#[supervisor]`](macro@supervisor) block.
///
/// `#[child] fn counter(&self) -> ChildSpec<Counter>` generates `AppSubject::counter`, the handle of that child;
/// `"counter"` is its id. The method takes `&self`, and `app: &AppSubject` if the child needs its siblings: `app`
/// exists before they do. It returns a `ChildSpec<..>` or a `Result` of one.
///
/// The supervisor calls the method for each start of the child, so the method can open a new connection each time; if
/// it returns an `Err` or panics, the start fails.
///
/// Options override the settings of the returned `ChildSpec`:
///
/// - `restart = Permanent | Transient | Temporary`: restarts the child whenever it ends (the default), only after a
///   failure, or never.
/// - `shutdown = Brutal | Infinity | Duration::from_secs(10)`: the time the child has to stop before it is killed. The
///   default is 5 seconds, and no limit for a supervisor.
/// - `significant = true`: the end of the child counts for the supervisor's `auto_shutdown`, which must be set; not
///   allowed for a `Permanent` child.
#[proc_macro_attribute]
pub fn child(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("child", &item.into()).into()
}

/// Marks the context among the arguments when its type is an alias.
///
/// An example in a [`#[gen_server]`](macro@gen_server) block is
/// `#[call] fn get(&mut self, #[ctx] ctx: &mut Ctx) -> u64`; a plain `&mut Context<Self>` needs no mark.
#[proc_macro_attribute]
pub fn ctx(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("ctx", &item.into()).into()
}

/// Derives `Message`, so that a type can be sent to plain processes and, with a name, to other nodes.
///
/// ```ignore
/// use ambit::prelude::*;
///
/// /// Stays inside this program.
/// #[derive(Message)]
/// pub enum Order { Coffee { sugar: bool }, Tea }
///
/// /// Travels.
/// #[derive(Message)]
/// #[message(name = "shop.event", version = 2)]
/// pub enum Event {
///     Created { id: u64, #[message(default)] note: String },
///     #[message(tag = "paid")]
///     Payed(u64, Money),
///     #[message(since = 2)]
///     Refunded { id: u64 },
/// }
/// ```
///
/// The type must be owned, and its parameters `Send + 'static`. Without a name the derive generates nothing for other
/// nodes, and the only option is `crate`.
///
/// # With a name
///
/// Nodes identify a type by its name, its tags and the order of its fields. Names in the source do not matter where a
/// tag is given, so variants can be moved and, with a tag, renamed. Two nodes with different versions of a type
/// understand each other as far as the versions are compatible: a field can be added if it has a `default` or is an
/// `Option`, and a variant with `since`.
///
/// A name requires the feature `remote` of ambit. The derive generates the impls of `Schema`, `Named` and `Wire` of
/// `ambit::message`, and the constants `NAME`, `VERSION` and `TAGS` of the type, which the type cannot define itself.
/// None of this needs serde. All fields must implement `Wire`: std types do, your own types with this derive, and types
/// of other crates in a wrapper with [`#[wire]`](macro@wire). Parameters must implement `Wire`, and become part of the
/// name: `shop.page<u64>`. A type can contain itself, in a `Box` or a `Vec`.
///
/// # Options
///
/// On the type:
/// - `name = "shop.event"`: the name of the type on the wire; letters, digits, `_`, `.` and `-`.
/// - `version = 2`: increase it when variants are added; the default is 1.
/// - `crate = path`: the path of `ambit`.
///
/// On a variant:
/// - `tag = "paid"`, or `rename = "paid"`: its name on the wire; the default is the name of the variant.
/// - `since = 2`: the version that added it. Sending it to a peer that runs an older version fails before anything is
///   sent.
///
/// On a field:
/// - `rename = "price"`, or `tag = "price"`: its name on the wire; the default is the name of the field, and `0`, `1`,
///   .. for a field without a name.
/// - `default`, `default = 1 + 1`: its value when it arrives from a peer that does not have it.
///
/// The derive rejects two names of one type that are equal, or that have the same number (the 32 bits of
/// `ambit::message::tag`).
#[proc_macro_derive(Message, attributes(message))]
pub fn derive_message(item: TokenStream) -> TokenStream {
    message::expand(item.into()).into()
}

/// Implements `Wire` for a struct around a type of another crate.
///
/// ```ignore
/// #[ambit::wire(name = "uuid.Uuid", version = 1)]
/// #[derive(Clone, Copy, Debug)]
/// pub struct Id(uuid::Uuid);
/// ```
///
/// Serde encodes and decodes the inner value, so its type must support serde; many crates do behind a feature `serde`.
/// Nodes compare the name and the version, not the content: increase the version when the crate changes the encoding.
///
/// The attribute generates the impls of `Message`, of `Schema`, `Named` and `Wire` (it requires the feature `remote` of
/// ambit), and `From` in both directions. The struct has one field, with or without a name, and no parameters.
///
/// # Options
///
/// - `name = "uuid.Uuid"`: the name of the type on the wire; letters, digits, `_`, `.` and `-`.
/// - `version = 2`: the default is 1. Different versions do not understand each other.
/// - `crate = path`: the path of `ambit`.
#[proc_macro_attribute]
pub fn wire(options: TokenStream, item: TokenStream) -> TokenStream {
    wire::expand(options.into(), &item.into()).into()
}

/// Lets other nodes run a function.
///
/// ```ignore
/// #[rpc]
/// async fn area(w: f64, h: f64) -> f64 { w * h }
///
/// node.expose_rpc::<area>();                                  // where it runs
/// let six = node.on("b").call(area(2.0, 3.0)).await?;         // where it is asked for
/// ```
///
/// The name of the function becomes also the name of a type, a request, which implements `ambit::message::Rpc`; calling
/// the function creates a request. The function runs on the node that receives the request;
/// `area(2.0, 3.0).run().await` runs it locally. Inside its own body the name still means the function itself.
///
/// The function must be free, `async` or not, without type or lifetime parameters. Arguments and return value must
/// implement `Wire`: see [`Message`](macro@Message). Its future must be `Send`. It requires the feature `remote` of
/// ambit.
///
/// # Options
///
/// - `name = "geo.area"`: the name on the wire; the default is the name of the function; letters, digits, `_`, `.` and
///   `-`.
/// - `timeout = Duration::from_secs(1)`: the default timeout of callers; 5 s unless given.
/// - `crate = path`: the path of `ambit`.
#[proc_macro_attribute]
pub fn rpc(options: TokenStream, item: TokenStream) -> TokenStream {
    rpc::expand(options.into(), &item.into()).into()
}

/// Runs an async function as the program, in a process.
///
/// The function takes nothing or `inbox: Inbox<M>`. Options: `flavor = "current_thread"` or `"multi_thread"` (the
/// default), `worker_threads = n` with several threads, `stderr_reports = false` to suppress crash reports on standard
/// error, which are printed only while there is no `tracing` subscriber, `crate = path`.
///
/// When `main` returns an `Err` with an error or a boxed one, its message is printed to standard error with its causes,
/// `Error: the server failed to start: Address already in use`, and the program exits with status 1. The standard
/// library prints an error of any other type, by its `Debug`.
///
/// ```ignore
/// #[ambit::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> { Ok(()) }
/// ```
#[proc_macro_attribute]
pub fn main(options: TokenStream, item: TokenStream) -> TokenStream {
    entry::main(options.into(), &item.into()).into()
}

/// Runs an async function as a test, in a process of a separate system.
///
/// The function takes nothing or `inbox: Inbox<M>`. Time is virtual unless `real_time` is set. Further options:
/// `flavor = "multi_thread"` or `"current_thread"` (the default), `worker_threads = n` with several threads,
/// `seed = n`, `crate = path`.
///
/// ```ignore
/// #[ambit::test]
/// async fn counts() { assert_eq!(1 + 1, 2) }
/// ```
#[proc_macro_attribute]
pub fn test(options: TokenStream, item: TokenStream) -> TokenStream {
    entry::test(options.into(), &item.into()).into()
}
