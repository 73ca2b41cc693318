//! Attribute macros of ambit.
//!
//! `ambit` re-exports all of them; use them through `ambit`. The documentation of each attribute describes what it
//! accepts and what it generates.

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
mod plain_attributes;
mod protocol;
mod quoting;
mod rpc;
mod self_type;
mod similar;
mod single_block;
mod spans;
mod spelling;
mod state_machine;
mod supervisor;
#[cfg(test)]
mod tests;
mod types;
mod wire;
mod wire_name;

use proc_macro::TokenStream;

/// Turns an impl block into a server: a process with a mailbox, whose methods are called through a typed handle.
///
/// Each method with a role marker, such as `#[call]`, becomes a message. The methods and the type itself stay
/// unchanged, so the methods can be called and tested without a runtime.
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
/// Each method may be `async`. Each may take the context, `ctx: &mut Context<Self>` or `ctx: &Context<Self>`, as the
/// first argument after `self`; mark it with [`#[ctx]`](macro@ctx) if an alias hides that. All other arguments must be
/// owned, because they move to the server. Casts, infos and continuations return nothing, `Flow` or `Result<(), E>`; an
/// `Err` stops the server.
///
/// An async method with `&self` borrows the state across its awaits, which requires that the state is `Sync`; prefer
/// `&mut self`.
///
/// # Generated items
///
/// For a server `Counter`, the macro generates these items in the module of the block:
///
/// - `CounterSubject`: the typed handle, its *subject*, with one method per call and cast.
/// - `CounterCall` and `CounterCast`: the messages, as enums; also `CounterInfo` and `CounterContinue` if the block has
///   `#[info]` and `#[continue_with]` methods.
/// - `CounterArgs`: the arguments of `#[init]`, as a struct.
/// - `Counter::start`. The block cannot define a method of this name.
/// - `Counter::child_spec` for use under a supervisor, unless the block defines a method of this name.
/// - The impls of `Protocol`, `GenServer` and one `Handles<T>` per info.
///
/// The generated types are `pub` unless the option `vis` is set, whatever the visibility of the server. A method of the
/// handle has the visibility of the method in the block.
///
/// The documentation and `cfg` attributes of a method are copied to the items generated for it; `deprecated`,
/// `must_use`, `allow` and `expect` (as `allow`) are copied to the method of the handle. The generic parameters and the
/// where-clause of the block are copied to every generated type. The block need not require that the parameters are
/// `Send + 'static`: the generated items, and methods that take the context or the server's own handle, add this bound
/// themselves.
///
/// Without `#[init]`, a server is started from its value: `Counter { value: 5 }.start()`.
/// `Counter::child_spec(|| Counter { value: 5 })` then takes a closure that creates a value for each start. With
/// `#[init]`, `child_spec` takes the arguments of `#[init]` and clones them for each start; they need to implement
/// `Clone` only if `child_spec` is called.
///
/// # Options
///
/// - `mailbox = 64`, `mailbox = unbounded`: the capacity of the mailbox in messages; 1024 by default.
/// - `overflow = wait | reject | drop_newest | drop_oldest`: what happens to a message when the mailbox is full: the
///   sender waits (the default), the sender gets `Full`, or the new or the oldest message is dropped.
/// - `in_place = auto | never | always`: whether a synchronous `#[call]` may run inline, on the caller's thread, while
///   the server is idle; `auto` by default. See [Inline handlers](#inline-handlers).
/// - `remote = "shop.counter"`: the server's name on the wire, which makes the server reachable from other nodes. The
///   arguments and replies of its calls and casts must implement `ambit::message::Wire`. For a server with `protocol`,
///   whose messages have the wire name of the protocol, it is the name under which other nodes start the server.
///   Requires the feature `remote` of `ambit`.
/// - `vis = pub(crate)`: the visibility of the generated types; `pub` by default. The compiler rejects a visibility
///   that is narrower than that of the server (E0446).
/// - `crate = path`: the path of the crate `ambit`, if it is not `::ambit`.
/// - `protocol = Kv`: the server implements the calls and casts of the [`#[protocol]`](macro@protocol) `Kv`, and uses
///   the handle and the enums of that protocol instead of its own.
///
/// # Inline handlers
///
/// A call runs inline, on the caller's thread, if its method is not `async`, its future is awaited directly, the server
/// is idle, and the caller is on a thread of the server's runtime. This saves two wake-ups. Casts, infos, async methods
/// and calls sent with `.send()` always go through the mailbox.
///
/// The option `in_place` changes this rule. With `auto`, the default, calls of a method that takes longer than 20 µs
/// twice in a row go through the mailbox until the method takes less than 5 µs again: the caller is blocked while it
/// runs a handler, and `join_all` over several servers would run their handlers one after the other. With `always`,
/// calls run inline however long the method takes; with `never`, they never do. The same rule applies to `#[init]`: the
/// task that awaits a start may poll it first, unless that task is a supervisor.
///
/// An inline handler still runs as the server: its pid, context, panic handling and message order are the same. Work
/// after the handler, such as `#[terminate]`, runs in the server's own task. A handler can observe these differences:
///
/// - The caller's task-locals are visible, and `tokio::task::id()` is the caller's.
/// - `tokio::task::block_in_place` acts on the caller's thread.
/// - The stack is the caller's.
/// - A call can neither time out nor be dropped while its own handler runs on its stack.
/// - `ctx.remaining()`, and with it the timeout of calls that the handler sends, counts from the first time that the
///   handler uses it, not from the start of the call.
#[proc_macro_attribute]
pub fn gen_server(options: TokenStream, item: TokenStream) -> TokenStream {
    gen_server::expand(options.into(), &item.into()).into()
}

/// Turns a trait into a protocol: a set of calls and casts with a handle type that is independent of the servers that
/// implement it.
///
/// Code that uses the handle depends neither on a server nor on its crate. Several servers can implement one protocol;
/// in tests, a mock can replace them.
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
/// Each method is a [`#[call]`](macro@call), optionally with `timeout` and `deferred`, or a [`#[cast]`](macro@cast). A
/// method declares only the message, not how it is handled: it has no body, no context and no `async`, and `&self` and
/// `&mut self` mean the same. Arguments and return values must be owned. The generic parameters of the trait, as in
/// `trait Store<K, V>`, are copied to all generated items. Methods cannot have generic parameters, and the trait cannot
/// have supertraits.
///
/// The macro removes the methods from the trait; the type `dyn Kv` then identifies the protocol.
/// `Registry<String, dyn Kv>` holds servers that implement it, `whereis::<dyn Kv>(..)` looks one up by name, and
/// `Subject<dyn Kv>` is the handle without the methods of the protocol.
///
/// # Generated items
///
/// The macro generates these items, with the visibility of the trait:
///
/// - `KvSubject`: the typed handle, its *subject*, with one method per message and the methods of every handle except
///   `recipient`. Infos are not part of a protocol: a server passes `ctx.recipient()` to their senders.
/// - `KvCall` and `KvCast`: the messages, as enums. Leading underscores of arguments are removed: `_key` becomes the
///   field `key`.
/// - The impl of `Protocol` for `dyn Kv`.
/// - `MockKv`, if the feature `test` of `ambit` is enabled; see [The mock](#the-mock).
///
/// # Servers
///
/// To implement a protocol, write `#[gen_server(protocol = Kv)]` on an impl block that has, for each method of the
/// protocol, a method with the same name, role, arguments and return type. The protocol may also be a path,
/// `protocol = path::to::Kv`, if `KvCall` and `KvCast` are in the same module as the trait, and may have generic
/// arguments, `protocol = Store<K, V>`. Without a path, `KvCall` and `KvCast` must be in scope, too: a `use` of the trait
/// alone does not suffice.
///
/// The name of an unused argument may start with an underscore. Each method may be async or take the context, and each
/// call may be `deferred` or `skip_expired`, even if the protocol does not declare it so. The block may have other
/// methods, such as `#[init]` and `#[info]`, which are not part of the protocol. The macro generates no handle and no
/// enums of calls and casts, but uses those of the protocol, and implements the trait: `impl Kv for Memory`.
///
/// A hand-written `GenServer` implements a protocol with `type Protocol = dyn Kv`.
///
/// If a method of the protocol has a `cfg` attribute, give the method of the server the same `cfg`.
///
/// # The mock
///
/// With the feature `test` of `ambit`, the macro also generates `MockKv`, a server whose behaviour the test sets, and
/// which counts its messages.
///
/// ```ignore
/// let mock = MockKv::new().on_get(|key| (key == "one").then_some(1)).on_put(|key, value| println!("{key}: {value}"));
/// let kv: KvSubject = mock.start().await?;
/// assert_eq!(kv.get("one".into()).await?, Some(1));
/// assert_eq!(mock.counts().get, 1);
/// ```
///
/// A closure takes the arguments of its method, and for a deferred call also the reply port; it must be
/// `FnMut + Send + 'static`. If a call has no closure, the mock panics with the name of the method, and the caller gets
/// `CallError::Exited`; a cast without a closure is counted and ignored. Clones share one mock with the running server,
/// so `on_get` can replace a closure even after the start.
///
/// # Where it cannot be used
///
/// A module with `#[no_implicit_prelude]` cannot contain a protocol, because the compiler does not find the
/// `#[diagnostic]` attributes of the generated code there. Such a module can contain servers that implement a protocol.
///
/// # In tasks
///
/// Awaiting calls and casts of a protocol keeps a future `Send`. With `join!`, `join_all` and other combinators that
/// store futures together with their outputs, use `kv.get(..).send()`, because the compiler cannot prove that they are
/// `Send` for `dyn Kv`.
///
/// # Options
///
/// - `remote = "shop.kv"`: makes the protocol callable from other nodes, under this wire name.
/// - `crate = path`: the path of the crate `ambit`, if it is not `::ambit`.
#[proc_macro_attribute]
pub fn protocol(options: TokenStream, item: TokenStream) -> TokenStream {
    protocol::expand(options.into(), &item.into()).into()
}

/// Marks the method that creates the initial state, in a [`#[gen_server]`](macro@gen_server) or
/// [`#[state_machine]`](macro@state_machine) block.
///
/// `#[init] pub fn new(value: u64) -> Self` of a server `Counter` generates `Counter::start(value)` and
/// `Counter::child_spec(value)`, with the same visibility. The method may be async, returns `Self` or
/// `Result<Self, E>`, and runs in the server's own process; an `Err` fails the start. (Erlang: `init/1`.)
#[proc_macro_attribute]
pub fn init(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("init", &item.into()).into()
}

/// Marks a method that handles a request with a reply, in a [`#[gen_server]`](macro@gen_server) or
/// [`#[state_machine]`](macro@state_machine) block or a [`#[protocol]`](macro@protocol).
///
/// `#[call] pub fn add(&mut self, by: u64) -> u64` generates `CounterSubject::add`, a future of
/// `Result<u64, CallError>`. Options:
///
/// - `timeout = Duration::from_secs(1)`: the default timeout of callers; 5 s unless set.
/// - `deferred`: the last argument of the method is a `ReplyTo<T>`, through which the server can reply at any time,
///   even after the method has returned.
/// - `skip_expired`: drops a request without handling it if its caller no longer waits.
/// - `tag = "add"`: the method's name on the wire, for a server or state machine with `remote`; the default is the name
///   of the method. With a tag, a method can be renamed while other nodes still run the old version.
#[proc_macro_attribute]
pub fn call(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("call", &item.into()).into()
}

/// Marks a method that handles a message without a reply, in a [`#[gen_server]`](macro@gen_server) or
/// [`#[state_machine]`](macro@state_machine) block or a [`#[protocol]`](macro@protocol).
///
/// `#[cast] pub fn reset(&mut self)` generates `CounterSubject::reset`, which returns a future of
/// `Result<(), CastError>` that completes when the message is in the mailbox. The method in the block returns nothing,
/// `Flow` or `Result<(), E>`; an `Err` stops the server. The only option is `tag`, as for [`#[call]`](macro@call).
#[proc_macro_attribute]
pub fn cast(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("cast", &item.into()).into()
}

/// Marks a method that handles messages of one type from senders that do not know the server's type, in a
/// [`#[gen_server]`](macro@gen_server) or [`#[state_machine]`](macro@state_machine) block.
///
/// `#[info] fn on_down(&mut self, down: Down)` receives the `Down` of each process that the server monitors. A method
/// with any other message type receives the timer messages of that type, those sent through `recipient::<T>()`, the
/// events of topics, streams and groups, and the results of tasks. `Exit` (with `ctx.trap_exits`) and `IdleTimeout`
/// (with `ctx.idle_timeout`) need such a method, too. A block has at most one `#[info]` method for each type.
#[proc_macro_attribute]
pub fn info(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("info", &item.into()).into()
}

/// Marks a method that runs directly after the current handler, before the next message, in a
/// [`#[gen_server]`](macro@gen_server) block. (Erlang: `handle_continue/2`.)
///
/// `#[continue_with] fn report(&mut self, to: Pid)` runs after a handler has called
/// `ctx.continue_with(CounterContinue::Report { to })`.
#[proc_macro_attribute]
pub fn continue_with(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("continue_with", &item.into()).into()
}

/// Marks a method that runs when the server stops, in a [`#[gen_server]`](macro@gen_server) or
/// [`#[state_machine]`](macro@state_machine) block.
///
/// An example is `#[terminate] fn bye(&mut self, reason: &ExitReason)`, which may be async. The method also runs after
/// a handler has panicked, unless it is marked `#[terminate(not_after_panic)]`.
#[proc_macro_attribute]
pub fn terminate(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("terminate", &item.into()).into()
}

/// Turns an impl block into a state machine: a server that is always in one of several states, and handles each event
/// according to its current state. (Erlang: `gen_statem`.)
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
/// The arguments of a marker are rules, separated by commas. A rule defines in which states the method runs for an
/// event, and which state follows:
///
/// | rule | means |
/// |---|---|
/// | `Locked => Open` | in `Locked` the method runs, then the machine changes to `Open` |
/// | `Locked \| Jammed => stay` | in both states the method runs, and the state stays |
/// | `Locked` | in `Locked` the method runs, and the state stays |
/// | `Open => repeat` | in `Open` the method runs, then the machine enters `Open` again |
/// | `Locked => Open \| stay` | in `Locked` the method runs, and its return value selects the next state |
/// | `Opening => postpone` | the event is handled again after the next change of state |
/// | `Open => ignore`, for a call `Open => refuse` | nothing runs; a caller gets `CallError::NoReply` |
/// | `Broken => stop` | the machine stops with an error |
/// | `_ => ..` | applies to all states that no other rule of the event names |
///
/// A marker without rules means `_ => stay`. Each event needs a rule for each state, and each state must be reachable;
/// otherwise the macro reports a compile error.
///
/// A method with several possible next states chooses one by returning an enum that the macro generates: `unlock` of
/// `Door` returns `DoorUnlockTo::Open` or `DoorUnlockTo::Stay`. A call returns the enum and the reply as a tuple,
/// `(DoorUnlockTo, bool)`; a deferred call and all other methods return only the enum, or a `Result` of it.
///
/// Several methods can handle the same event in different states: give their markers the same event name,
/// `#[cast(Open => Locked, event = press)]`.
///
/// # Roles
///
/// A state machine has these roles of a server: [`#[init]`](macro@init), [`#[call]`](macro@call),
/// [`#[cast]`](macro@cast), [`#[info]`](macro@info) and [`#[terminate]`](macro@terminate). `#[init(Locked | Open)]`
/// declares several possible initial states; `#[init]` selects one with `ctx.start_in(DoorState::Open)`. These roles
/// exist only in state machines:
///
/// | marker | runs | set by |
/// |---|---|---|
/// | [`#[enter]`](macro@enter) | after the state has been entered, including the initial state | |
/// | [`#[exit]`](macro@exit) | before the state is left | |
/// | [`#[state_timeout]`](macro@state_timeout) | when the machine has been in the state for the time | `after = ..`, `ctx.state_timeout(..)` |
/// | [`#[event_timeout]`](macro@event_timeout) | when no event has arrived within the time | `ctx.event_timeout(..)` |
/// | [`#[timeout]`](macro@timeout) | when the timeout with the name of the method expires | `ctx.timeout(DoorTimeout::Poll, ..)` |
/// | [`#[internal]`](macro@internal) | before any other event | `ctx.next_event(DoorInternal::Retry)` |
///
/// A synchronous method runs directly when its event is received. An async method, and a method that handles a
/// postponed event, runs as a separate step, in which `ctx.remaining()` returns `None`.
///
/// # Generated items
///
/// In addition to the items of [`#[gen_server]`](macro@gen_server), the macro generates the enums `DoorState`,
/// `DoorTimeout` and `DoorInternal`, one enum `Door..To` per method with several possible next states, and the impl of
/// `StateMachine`. A state machine can be started, supervised, named and monitored like any other server.
///
/// # Options
///
/// - `states = [Locked, Open]`: the states, which may have doc comments; the first is the initial state. With
///   `remote = "house.door"`, the enum of the states can be sent to other nodes; its wire name is `house.door.state`,
///   and its version is always 1. While two nodes have different states, methods with that enum in an argument or a
///   reply are refused as `Incompatible`: where states will be added, return an enum of your own, with
///   `#[message(since = ..)]` on what is new.
/// - `mailbox`, `overflow`, `in_place`, `remote`, `vis`, `crate`: as for [`#[gen_server]`](macro@gen_server).
#[proc_macro_attribute]
pub fn state_machine(options: TokenStream, item: TokenStream) -> TokenStream {
    state_machine::expand(options.into(), &item.into()).into()
}

/// Marks a method that runs after a state has been entered, in a [`#[state_machine]`](macro@state_machine) block.
///
/// `#[enter(Open)] fn opened(&mut self, ctx: &mut Context<Self>)` runs whenever the machine enters `Open`, before it
/// handles any event there: at the start, after each change from another state, and after `repeat`.
#[proc_macro_attribute]
pub fn enter(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("enter", &item.into()).into()
}

/// Marks a method that runs before a state is left, in a [`#[state_machine]`](macro@state_machine) block.
///
/// `#[exit(Open)] fn closing(&mut self)` runs after the method that changes the state from `Open` to another, and
/// before that state is entered. It does not run when the machine stops; use [`#[terminate]`](macro@terminate) for
/// that.
#[proc_macro_attribute]
pub fn exit(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("exit", &item.into()).into()
}

/// Marks a method that runs when the machine has been in a state for a given time, in a
/// [`#[state_machine]`](macro@state_machine) block.
///
/// `#[state_timeout(Open => Locked, after = Duration::from_secs(10))] fn lock_again(&mut self)` runs 10 s after `Open`
/// was entered. Without `after`, `ctx.state_timeout(..)` sets the time. A change of state cancels the timeout.
#[proc_macro_attribute]
pub fn state_timeout(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("state_timeout", &item.into()).into()
}

/// Marks a method that runs when no event has arrived within the time that `ctx.event_timeout(..)` has set, in a
/// [`#[state_machine]`](macro@state_machine) block.
#[proc_macro_attribute]
pub fn event_timeout(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("event_timeout", &item.into()).into()
}

/// Marks a method that runs when the timeout with the name of the method expires, in a
/// [`#[state_machine]`](macro@state_machine) block.
///
/// `ctx.timeout(DoorTimeout::Poll, ..)` sets the timeout of `#[timeout] fn poll(&mut self)`. A change of state does not
/// cancel the timeout.
#[proc_macro_attribute]
pub fn timeout(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("timeout", &item.into()).into()
}

/// Marks a method that handles an event that the machine sends to itself, in a
/// [`#[state_machine]`](macro@state_machine) block.
///
/// `ctx.next_event(DoorInternal::Retry { left })` makes `#[internal] fn retry(&mut self, left: u32)` run before any
/// other event is handled.
#[proc_macro_attribute]
pub fn internal(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("internal", &item.into()).into()
}

/// Turns an impl block into a supervisor, which starts the children that the methods of the block describe, and
/// restarts them when they fail.
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
/// Each method with [`#[child]`](macro@child) describes one child and returns a `ChildSpec<C>` or a `Result` of it:
/// `fn(&self) -> ChildSpec<C>`. The supervisor starts the children in the order of their methods, and stops them in
/// reverse order. Other methods stay unchanged.
///
/// # Generated items
///
/// For a supervisor `App`, the macro generates in the module of the block: `AppSubject`, the typed handle, its
/// *subject*, with one method per child and all methods of `Supervisor`; `App::start`; `App::child_spec`, for use under
/// another supervisor; and the impl of `Startable`. If the block defines a method `start` or `child_spec`, the macro
/// does not generate that method.
///
/// A method of the handle returns the handle to a child, and has the visibility of the method in the block. The handle
/// of the child follows the child through restarts. While the child does not run, a call returns
/// `CallError::NoProcess`; through `.when_available()`, a call waits for the restart.
///
/// A child may have the same name as a method of `Supervisor`, except `clone`. Call such a method of `Supervisor` by
/// its path, as in `Supervisor::which_children(&app)`.
///
/// Documentation, `cfg` and lint attributes are copied to the methods of the handle, and the generic parameters and the
/// where-clause of the block to the handle, as in [`#[gen_server]`](macro@gen_server). If the type of a child contains
/// a generic parameter, the block must require that the parameter is `Send + 'static`.
///
/// # Options
///
/// - `strategy = OneForOne | OneForAll | RestForOne`: the children that are restarted when one fails: only that child
///   (the default), all children, or that child and the children started after it.
/// - `restarts = 3` and `within = Duration::from_secs(5)`: the number of restarts that are allowed within a sliding
///   window. When one more is needed, the supervisor stops its children and itself. The defaults are 3 restarts within
///   5 s.
/// - `auto_shutdown = Never | Any | All`: when the supervisor stops because significant children have ended by
///   themselves: never (the default), after the first, or after the last of them.
/// - `vis = pub(crate)`: the visibility of the generated items.
/// - `crate = path`: the path of the crate `ambit`, if it is not `::ambit`.
#[proc_macro_attribute]
pub fn supervisor(options: TokenStream, item: TokenStream) -> TokenStream {
    supervisor::expand(options.into(), &item.into()).into()
}

/// Marks a method that describes a child, in a [`#[supervisor]`](macro@supervisor) block.
///
/// `#[child] fn counter(&self) -> ChildSpec<Counter>` generates `AppSubject::counter`, which returns the handle to the
/// child; the id of the child is `"counter"`. The method takes `&self`, and also `app: &AppSubject` if the child needs
/// the handles of its siblings; `app` may be used before the siblings have started. It returns a `ChildSpec<..>` or a
/// `Result` of it.
///
/// The supervisor calls the method for each start of the child, so the method can open a new connection each time. If
/// the method returns an `Err` or panics, the start fails.
///
/// Options override the settings of the returned `ChildSpec`:
///
/// - `restart = Permanent | Transient | Temporary`: the child is restarted whenever it ends (the default), only after a
///   failure, or never.
/// - `shutdown = Brutal | Infinity | Duration::from_secs(10)`: the time that the child has to stop before it is killed:
///   none, unlimited, or the given time. The default is 5 s, and unlimited for a child that is a supervisor.
/// - `significant = true`: the end of the child counts for the supervisor's `auto_shutdown`, which must be `Any` or
///   `All`. Not allowed for a `Permanent` child.
#[proc_macro_attribute]
pub fn child(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("child", &item.into()).into()
}

/// Marks the context among the arguments of a method if its type is an alias without parameters.
///
/// An example in a [`#[gen_server]`](macro@gen_server) block is
/// `#[call] fn get(&mut self, #[ctx] ctx: &mut Ctx) -> u64`. A context of the type `&mut Context<Self>`, or
/// `&mut Ctx<Self>` after a renaming import, needs no marker.
#[proc_macro_attribute]
pub fn ctx(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("ctx", &item.into()).into()
}

/// Derives `Message`, so that a type can be sent to plain processes. With a name, values of the type can also be sent
/// to other nodes.
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
/// The type must not borrow, and its generic parameters must be `Send + 'static`. Without a name, the derive implements
/// only `Message`, and the only option is `crate`.
///
/// # With a name
///
/// Nodes identify a type by its name, a variant or a field by its tag, which is derived from its name unless `tag` or
/// `rename` sets it. Variants and fields can therefore be reordered and, if their old name is kept as the tag, renamed.
/// Two nodes can use different versions of a type if the versions are compatible: a field can be added if it has a
/// `default` or is an `Option`, and a variant can be added with `since`.
///
/// A name requires the feature `remote` of `ambit`. The derive then also generates the impls of `Schema`, `Named` and
/// `Wire` of `ambit::message`. The name, the version and the tags are constants of `Named`: `<Event as Named>::NAME`,
/// `VERSION` and `TAGS`. Serde is not needed.
///
/// All fields must implement `Wire`: many types of std do, your own types do with this derive, and types of other
/// crates do in a wrapper with [`#[wire]`](macro@wire). Generic parameters must implement `Wire`, and become part of
/// the name: `shop.page<u64>`. A type can contain itself in a `Box` or a `Vec`.
///
/// # Options
///
/// On the type:
/// - `name = "shop.event"`: the name of the type on the wire. It may contain ASCII letters, digits, `_`, `.` and `-`.
///   The keywords of contracts, such as `string` and `time`, are reserved, and so are names that begin with `ambit.`
///   and `std.`.
/// - `version = 2`: the version of the type; 1 by default. Increase it when variants are added.
/// - `crate = path`: the path of the crate `ambit`, if it is not `::ambit`.
///
/// On a variant:
/// - `tag = "paid"`, or `rename = "paid"`: the variant's name on the wire; the default is the name of the variant in
///   the source.
/// - `since = 2`: the version of the type that added the variant. Calling or casting with the variant to a peer that
///   runs an older version fails, and nothing is sent. What is encoded once for many nodes is not checked by its sender:
///   an older node drops and counts a message of a topic or group, and does not see a value in a registry or presence.
///
/// On a field:
/// - `rename = "price"`, or `tag = "price"`: the field's name on the wire; the default is the name of the field in the
///   source, and its position `0`, `1`, .. for a field without a name.
/// - `default`, `default = 1 + 1`: the value of the field, `Default::default()` or the expression, if the peer that
///   sent the message does not have the field.
///
/// The derive reports a compile error if two variants, or two fields, have the same name on the wire, or names with the
/// same 32-bit `ambit::message::tag`.
#[proc_macro_derive(Message, attributes(message))]
pub fn derive_message(item: TokenStream) -> TokenStream {
    message::expand(item.into()).into()
}

/// Implements `Wire` for a struct that wraps a type of another crate.
///
/// ```ignore
/// #[ambit::wire(name = "uuid.Uuid", version = 1)]
/// #[derive(Clone, Copy, Debug)]
/// pub struct Id(uuid::Uuid);
/// ```
///
/// Serde encodes and decodes the inner value, so its type must implement `Serialize` and `Deserialize`, in a form that
/// needs no names: without `skip_serializing_if`, `flatten` and `untagged`, and no self-describing value like
/// `serde_json::Value`. Such a type is encoded, but cannot be decoded, or is decoded as another value. Many crates
/// implement them if their feature `serde` is enabled. Nodes compare only the name and the version, not the content:
/// increase the version when the crate changes the encoding. In one program, wrappers of different types need different
/// names.
///
/// The attribute generates the impls of `Message`, `Schema`, `Named` and `Wire`, and of `From` in both directions. It
/// requires the feature `remote` of `ambit`. The struct must have exactly one field, with or without a name, and no
/// generic parameters.
///
/// # Options
///
/// - `name = "uuid.Uuid"`: the name of the type on the wire. It may contain letters, digits, `_`, `.` and `-`. Names
///   that begin with `ambit.` and `std.` are reserved: with the feature `uuid`, ambit itself sends a `Uuid`, as
///   `ambit.uuid.Uuid` and in other bytes.
/// - `version = 2`: the version of the encoding; 1 by default. Nodes with different versions cannot exchange values of
///   the type.
/// - `crate = path`: the path of the crate `ambit`, if it is not `::ambit`.
#[proc_macro_attribute]
pub fn wire(options: TokenStream, item: TokenStream) -> TokenStream {
    wire::expand(options.into(), &item.into()).into()
}

/// Makes a function callable from other nodes.
///
/// ```ignore
/// #[rpc]
/// async fn area(w: f64, h: f64) -> f64 { w * h }
///
/// node.expose_rpc::<area>();                                  // on the node that runs it
/// let six = node.on("b").call(area(2.0, 3.0)).await?;         // on the node that calls it
/// ```
///
/// The macro generates a request type with the name of the function, which implements `ambit::message::Rpc`. Calling
/// the function then creates a request. The function runs on the node that receives the request;
/// `area(2.0, 3.0).run().await` runs it locally. Inside its own body, the name still refers to the function itself.
///
/// The function must be a free function without generic parameters; it may be `async`. Its arguments and its return
/// value must implement `Wire` (see [`Message`](macro@Message)), and its future must be `Send`. The attribute requires
/// the feature `remote` of `ambit`.
///
/// # Options
///
/// - `name = "geo.area"`: the name on the wire, which may contain ASCII letters, digits, `_`, `.` and `-`; the default
///   is the name of the function.
/// - `timeout = Duration::from_secs(1)`: the default timeout of callers; 5 s unless set.
/// - `crate = path`: the path of the crate `ambit`, if it is not `::ambit`.
#[proc_macro_attribute]
pub fn rpc(options: TokenStream, item: TokenStream) -> TokenStream {
    rpc::expand(options.into(), &item.into()).into()
}

/// Runs an async `main` function as a process of a new system, on a tokio runtime.
///
/// The function takes no argument, or `inbox: Inbox<M>`, the inbox of the main process. When it returns, all other
/// processes are stopped in order.
///
/// # Options
///
/// - `flavor = "multi_thread"` (the default) or `"current_thread"`: the kind of tokio runtime.
/// - `worker_threads = n`: the number of threads of a `multi_thread` runtime; the number of cores by default.
/// - `stderr_reports = false`: suppresses the crash reports that are printed to standard error while there is no
///   `tracing` subscriber.
/// - `crate = path`: the path of the crate `ambit`, if it is not `::ambit`.
///
/// # Errors
///
/// If `main` returns an `Err` with a type that implements `Error`, or with a `Box<dyn Error>`, the error and its causes
/// are printed to standard error, as in `Error: the server failed to start: Address already in use`, and the program
/// exits with status 1. An `Err` of any other type is printed by the standard library, with its `Debug`.
///
/// ```ignore
/// #[ambit::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> { Ok(()) }
/// ```
#[proc_macro_attribute]
pub fn main(options: TokenStream, item: TokenStream) -> TokenStream {
    entry::main(options.into(), &item.into()).into()
}

/// Runs an async function as a test, in a process of a new system on a new tokio runtime.
///
/// The function takes no argument, or `inbox: Inbox<M>`, the inbox of the test's process. The test fails if the
/// function panics, or if a process crashes or a message becomes a dead letter unexpectedly; `ambit::test::run_test`
/// lists all conditions.
///
/// # Options
///
/// - `real_time`: uses the real clock. Without this option, the clock is virtual: it does not advance while code runs,
///   and jumps to the next timer when all processes wait.
/// - `flavor = "current_thread"` (the default) or `"multi_thread"`: the kind of tokio runtime. A `multi_thread` runtime
///   uses the real clock.
/// - `worker_threads = n`: the number of threads of a `multi_thread` runtime; 2 by default.
/// - `seed = n`: the seed for random choices, which `ambit::test::seed` returns; 0 by default.
/// - `crate = path`: the path of the crate `ambit`, if it is not `::ambit`.
///
/// ```ignore
/// #[ambit::test]
/// async fn counts() { assert_eq!(1 + 1, 2) }
/// ```
#[proc_macro_attribute]
pub fn test(options: TokenStream, item: TokenStream) -> TokenStream {
    entry::test(options.into(), &item.into()).into()
}
