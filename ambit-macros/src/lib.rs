//! The attributes of ambit.
//!
//! Everything here is re-exported by `ambit`; the items below say what each attribute takes and
//! what it writes.

#![forbid(unsafe_code)]

mod argument;
mod attrs;
mod block;
mod carried;
mod diag;
mod docs;
mod entry;
mod fallback;
mod gen_server;
mod handle;
mod head;
mod markers;
mod message;
mod names;
mod once;
mod protocol;
mod quoting;
mod rpc;
mod self_type;
mod similar;
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
/// - `remote = "shop.counter"`: the server's name on the wire. Other nodes can speak to it; its arguments and replies must
///   be able to travel, `ambit::message::Wire`. Needs the feature `remote` of `ambit`.
/// - `vis = pub(crate)`: the visibility of the generated types. The compiler refuses one that is
///   narrower than the server's own (E0446).
/// - `crate = path`: where to find `ambit`.
/// - `protocol = Kv`: the calls and casts are those of a [`#[protocol]`](macro@protocol), and so are the handle and
///   the enums.
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

/// Turns a trait into a protocol: a handle that stands apart from its servers.
///
/// Whoever has the handle does not see the server, and need not have its crate. Several servers can speak one protocol;
/// in tests a mock does.
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
/// Each method is a [`#[call]`](macro@call), with `timeout` and `deferred`, or a [`#[cast]`](macro@cast). It says what
/// travels, and nothing of how it is handled: it has no body, no context, no `async`; `&self` and `&mut self` mean the
/// same. What it takes and returns is owned. The parameters of the trait, `trait Store<K, V>`, are those of all that is
/// written; a method has none, and there are no supertraits.
///
/// The trait that is left has no methods, and stands for the protocol: `dyn Kv` is its type. `Registry<String, dyn Kv>`
/// holds whoever speaks it, `whereis::<dyn Kv>(..)` finds one, `Subject<dyn Kv>` is the handle without its methods.
///
/// # What it writes
///
/// As visible as the trait: `KvSubject`, the handle, with one method per message and what each handle has, but for
/// `recipient`: which infos there are is the server's affair, and it hands out `ctx.recipient()`. `KvCall` and `KvCast`,
/// the messages as enums. The impl of `Protocol` for `dyn Kv`. `MockKv`, see below. An argument `_key` is `key` there.
///
/// # Servers
///
/// `#[gen_server(protocol = Kv)]` on an impl block with a method of the same name, role, arguments and answer for each
/// of the protocol; `protocol = path::to::Kv`, where `KvCall` and `KvCast` stand beside the trait, and
/// `protocol = Store<K, V>` are well. An argument that is not used can have an underscore before its name. Each may be
/// async, or take the context; a call may be `deferred`, or `skip_expired`, whatever the protocol says. What the server
/// has beside them, such as `#[init]` and `#[info]`, is its own; the handle, and the enums of calls and casts, are the
/// protocol's. The block also implements the trait, `impl Kv for Memory`.
///
/// By hand it is a `GenServer` with `type Protocol = dyn Kv`.
///
/// A method under a `cfg` is demanded of servers only where it is compiled.
///
/// # The mock
///
/// With feature `test` of `ambit` there is `MockKv`, a server that does what a test says, and counts.
///
/// ```ignore
/// let mock = MockKv::new().on_get(|key| (key == "one").then_some(1)).on_put(|key, value| println!("{key}: {value}"));
/// let kv: KvSubject = mock.start().await?;
/// assert_eq!(kv.get("one".into()).await?, Some(1));
/// assert_eq!(mock.counts().get, 1);
/// ```
///
/// A closure takes what the method takes, that of a deferred call the port as well, and is `FnMut + Send + 'static`. A
/// call without one ends the mock with a panic that names the method, so the caller gets `CallError::Exited`; a cast
/// without one is counted and ignored. Clones are the same mock, also while it runs, so `on_get` can be said again.
///
/// # In tasks
///
/// A future that awaits calls and casts of a protocol can move between threads. What keeps a future beside its output, as
/// `join!` and `join_all` do, wants `kv.get(..).send()` there: the compiler cannot see through `dyn Kv` in that place.
///
/// # Options
///
/// - `crate = path`: where to find `ambit`.
#[proc_macro_attribute]
pub fn protocol(options: TokenStream, item: TokenStream) -> TokenStream {
    protocol::expand(options.into(), &item.into()).into()
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

/// Answers a request, in a [`#[gen_server]`](macro@gen_server) block or a [`#[protocol]`](macro@protocol).
///
/// `#[call] pub fn add(&mut self, by: u64) -> u64` gives `CounterSubject::add`, a future of
/// `Result<u64, CallError>`. Options:
///
/// - `timeout = Duration::from_secs(1)`: how long callers wait unless they say otherwise.
/// - `deferred`: the last argument is a `ReplyTo<T>`, to be answered whenever it suits.
/// - `skip_expired`: a request whose caller has gone is dropped unhandled.
/// - `tag = "add"`: its name on the wire, of a server with `remote`; without it the method's own. It lets a method be
///   renamed while other nodes still run the old version.
#[proc_macro_attribute]
pub fn call(_: TokenStream, item: TokenStream) -> TokenStream {
    markers::outside("call", &item.into()).into()
}

/// Takes a message that nobody waits for, in a [`#[gen_server]`](macro@gen_server) block or a [`#[protocol]`](macro@protocol).
///
/// `#[cast] pub fn reset(&mut self)` gives `CounterSubject::reset`, a future that is ready once the
/// message is in the mailbox. The method returns nothing, `Flow` or `Result<(), E>`. Its one option is `tag`, as of
/// [`#[call]`](macro@call).
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
/// - `mailbox`, `overflow`, `in_place`, `remote`, `vis`, `crate`: as of [`#[gen_server]`](macro@gen_server).
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
/// `CallError::NoProcess`, or waits if the handle is `.when_available()`.
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

/// Lets a type be sent to plain processes and, with a name, to other nodes.
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
/// The type must be owned, and its parameters `Send + 'static`. Without a name nothing is written for other nodes, and
/// there is no option besides `crate`.
///
/// # With a name
///
/// The name, the tags and the order of the fields are what nodes agree on; the names in the source are not, where a tag
/// stands beside them. So variants may be moved, and with a tag renamed. Two nodes whose types differ understand
/// each other as far as the types are compatible: a field may be added if it has a `default` or is an `Option`, and a
/// variant with `since`.
///
/// It needs the feature `remote` of ambit and writes the impls of `Schema`, `Named` and `Wire` of `ambit::message`, and the
/// constants `NAME`, `VERSION` and `TAGS` of the type, which the type cannot have itself. Nothing
/// of it needs serde. All fields must travel themselves: std types do, your own with this derive, and those of other
/// crates inside a wrapper with [`#[wire]`](macro@wire). Parameters must travel, and go into the name:
/// `shop.page<u64>`. A type may hold itself, in a `Box` or a `Vec`.
///
/// # Options
///
/// On the type:
/// - `name = "shop.event"`: what nodes call it; letters, digits, `_`, `.` and `-`.
/// - `version = 2`: counted up when variants are added; 1 unless given.
/// - `crate = path`: where to find `ambit`.
///
/// On a variant:
/// - `tag = "paid"`, or `rename = "paid"`: what it is on the wire, if not its name.
/// - `since = 2`: the version that added it. It is not sent to a peer that runs an older one: that is an error before
///   anything is sent.
///
/// On a field:
/// - `rename = "price"`, or `tag = "price"`: what it is on the wire, if not its name; without a name it is `0`, `1`, ..
/// - `default`, `default = 1 + 1`: what it is when it comes from a peer that does not have it.
///
/// Two names of one type that are equal, or have the same number (the 32 bits of `ambit::message::tag`), are refused.
#[proc_macro_derive(Message, attributes(message))]
pub fn derive_message(item: TokenStream) -> TokenStream {
    message::expand(item.into()).into()
}

/// Takes a type of another crate to other nodes: goes on a struct around it.
///
/// ```ignore
/// #[ambit::wire(name = "uuid.Uuid", version = 1)]
/// #[derive(Clone, Copy, Debug)]
/// pub struct Id(uuid::Uuid);
/// ```
///
/// What is in it is written and read by serde, which the type must support; many crates do behind a feature
/// `serde`. Nodes compare its name and its version, not what is in it: count the version up when the crate writes it in
/// another way.
///
/// It writes the impls of `Message`, of `Schema`, `Named` and `Wire` (with the feature `remote` of ambit, which it
/// needs), and `From` both ways. The struct has one field, with or without a name, and no parameters.
///
/// # Options
///
/// - `name = "uuid.Uuid"`: what nodes call it; letters, digits, `_`, `.` and `-`.
/// - `version = 2`: 1 unless given. Different versions do not understand each other.
/// - `crate = path`: where to find `ambit`.
#[proc_macro_attribute]
pub fn wire(options: TokenStream, item: TokenStream) -> TokenStream {
    wire::expand(options.into(), &item.into()).into()
}

/// Makes a function one that other nodes can run.
///
/// ```ignore
/// #[rpc]
/// async fn area(w: f64, h: f64) -> f64 { w * h }
///
/// node.expose_rpc::<area>();                                  // where it runs
/// let six = node.on("b").call(area(2.0, 3.0)).await?;         // where it is asked for
/// ```
///
/// The name of the function is then that of a type too, a request, which implements `ambit::message::Rpc`; to call the
/// function is to make a request. It runs where the request goes; `area(2.0, 3.0).run().await` runs it here. Inside its own
/// body its name still means itself.
///
/// The function is free, `async` or not, and has no parameters for types or lifetimes. What it takes and returns travels:
/// see [`Message`](macro@Message). Its future must be `Send`. It needs the feature `remote` of ambit.
///
/// # Options
///
/// - `name = "geo.area"`: what nodes call it, if not as it is called here; letters, digits, `_`, `.` and `-`.
/// - `timeout = Duration::from_secs(1)`: how long a caller waits unless it says otherwise; 5 s unless given.
/// - `crate = path`: where to find `ambit`.
#[proc_macro_attribute]
pub fn rpc(options: TokenStream, item: TokenStream) -> TokenStream {
    rpc::expand(options.into(), &item.into()).into()
}

/// Runs an async function as the program, and as a process.
///
/// The function takes nothing or `inbox: Inbox<M>`. Options: `flavor = "current_thread"` or
/// `"multi_thread"` (the default), `worker_threads = n` with several threads, `stderr_reports = false` to keep crashes from
/// standard error while there is no `tracing` subscriber, `crate = path`.
///
/// When `main` returns an `Err` with an error or a boxed one, its sentence is printed to standard error with its causes,
/// `Error: the server failed to start: Address already in use`, and the program ends with status 1. An error of any other
/// type is printed by the standard library, by its `Debug`.
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
