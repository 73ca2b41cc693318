//! Whether callers run handlers of idle servers on their own stack.

/// The inline policy of a server: whether a caller may run the synchronous handler of a call on its own stack while the
/// server is idle.
///
/// An inline call wakes no task. The server behaves the same in both cases; [`gen_server`](macro@crate::gen_server)
/// lists the visible differences. Under every policy, the following are never inline: async methods, casts and infos, a
/// call that is sent with `.send()`, a call from another runtime or from a plain thread, and a call to a busy server.
///
/// ```
/// use ambit::prelude::*;
/// struct Index(Vec<u64>);
/// #[gen_server(in_place = never)]
/// impl Index {
///     #[call]
///     fn rebuild(&mut self) -> usize { self.0.sort(); self.0.len() }
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum InPlace {
    /// Calls run inline unless the method is slow: a method that takes longer than 20 µs twice in a row goes through
    /// the queue until it takes less than 5 µs again.
    #[default]
    Auto,
    /// No call runs inline: every call goes through the queue, and the server runs only in its own task, concurrently
    /// with its callers.
    Never,
    /// Calls run inline whenever possible, however long they take. A caller that sends requests to several servers at
    /// once may then wait for one after the other.
    Always,
}
