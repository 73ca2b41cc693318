//! Servers that must compile, without a warning, under strict lints.

#![deny(
    warnings,
    missing_docs,
    unreachable_pub,
    elided_lifetimes_in_paths,
    unused_qualifications
)]
#![deny(missing_debug_implementations, unnameable_types)]

mod private_server {
    use ambit::prelude::*;

    struct Private {
        value: Secret,
    }

    struct Secret(u64);

    #[gen_server]
    impl Private {
        #[init]
        fn new(value: Secret) -> Self {
            Self { value }
        }

        #[call]
        fn replace(&mut self, value: Secret) -> Secret {
            std::mem::replace(&mut self.value, value)
        }

        #[call]
        async fn value(&mut self) -> u64 {
            self.value.0
        }

        #[cast]
        fn never_sent(&mut self) {}

        #[info]
        fn on_secret(&mut self, secret: Secret) {
            self.value = secret;
        }
    }
}

mod in_a_function {
    use ambit::prelude::*;

    #[test]
    fn server_in_a_function() {
        struct Local {
            value: u64,
        }

        #[gen_server]
        impl Local {
            #[call]
            fn get(&self) -> u64 {
                self.value
            }

            #[info]
            fn on_number(&mut self, number: u64) {
                self.value = number;
            }
        }

        assert_eq!(Local { value: 1 }.get(), 1);
    }
}

mod generic_servers {
    use std::collections::HashMap;
    use std::fmt::Debug;
    use std::hash::Hash;

    use ambit::prelude::*;

    struct Cache<K, V> {
        entries: HashMap<K, V>,
    }

    struct Expire<K>(K);

    #[gen_server]
    impl<K: Hash + Eq, V: Clone> Cache<K, V>
    where
        K: Debug,
    {
        #[init]
        async fn new(first: (K, V)) -> Result<Self, std::io::Error> {
            std::future::ready(()).await;
            Ok(Self {
                entries: HashMap::from([first]),
            })
        }

        #[call]
        async fn get(&mut self, key: K) -> Option<V> {
            let found = self.entries.get(&key).cloned();
            std::future::ready(()).await;
            found
        }

        #[call(deferred)]
        fn later(&mut self, key: K, port: ReplyTo<Option<V>>) {
            port.send(self.entries.get(&key).cloned());
        }

        #[cast]
        fn put(&mut self, key: K, value: V) {
            self.entries.insert(key, value);
        }

        #[info]
        fn on_expire(&mut self, Expire(key): Expire<K>) {
            self.entries.remove(&key);
        }
    }

    async fn use_it(cache: CacheSubject<u64, String>) -> Result<Option<String>, CallError> {
        drop(Cache::<u64, String>::start((1, String::new())));
        drop(cache.recipient::<Expire<u64>>());
        drop(cache.put(1, String::new()).now());
        cache.get(1).await
    }

    async fn use_any<K, V>(cache: &CacheSubject<K, V>, key: K) -> Option<V>
    where
        K: Hash + Eq + Debug + Send + 'static,
        V: Clone + Send + 'static,
    {
        cache.later(key).await.ok().flatten()
    }

    struct Unused<T: ?Sized, const N: usize> {
        value: Box<T>,
    }

    #[gen_server]
    impl<T: ?Sized, const N: usize> Unused<T, N> {
        #[call]
        fn size(&self) -> usize {
            let _ = &self.value;
            N
        }

        #[call]
        fn replace(&mut self, value: Box<T>) -> Box<T> {
            std::mem::replace(&mut self.value, value)
        }
    }

    async fn use_unsized(server: UnusedSubject<str, 1>) -> Result<Box<str>, CallError> {
        let boxed: Box<dyn Debug + Send> = Box::new(1);
        drop(Unused::<dyn Debug + Send, 1> { value: boxed }.start());
        server.replace("text".into()).await
    }

    struct Special<T>(T);

    #[gen_server]
    impl Special<u64> {
        #[call]
        fn get(&self) -> u64 {
            self.0
        }
    }

    #[test]
    fn callers_compile() {
        let _ = (use_it, use_any::<u64, String>, use_unsized);
        let _ = Unused::<u64, 1> { value: Box::new(1) }.size() + usize::from(Special(0).get() == 1);
    }
}

mod odd_names {
    use ambit::prelude::*;

    struct Named<R, __T>(R, __T);

    #[gen_server]
    impl<R: Clone, __T: Clone> Named<R, __T> {
        #[call]
        fn pair(&self) -> (R, __T) {
            (self.0.clone(), self.1.clone())
        }
    }

    struct Counter {
        value: u64,
    }

    #[gen_server]
    impl Counter {
        #[call]
        fn stop(&mut self, ctx: &mut Context<Self>) -> u64 {
            ctx.stop(ExitReason::Normal);
            self.value
        }

        #[call]
        fn pid(&self) -> u64 {
            self.value
        }

        #[cast]
        fn send(&mut self, value: u64) {
            self.value = value;
        }

        #[cast]
        fn reserve(&mut self, seats: u64) {
            self.value += seats;
        }

        #[call]
        fn r#match(&self, r#type: u64, message: u64, args: u64, handler: u64, ctx: u64) -> u64 {
            self.value + r#type + message + args + handler + ctx
        }

        #[cast]
        fn reply(&mut self, reply: u64) {
            self.value = reply;
        }

        #[call(deferred)]
        fn port(&mut self, port: ReplyTo<u64>) {
            port.send(self.value);
        }

        #[cast]
        fn _underscored(&mut self, _value: u64) {}
    }

    fn process(counter: &CounterSubject) {
        drop(Process::stop(counter));
        drop(Subject::send(
            counter.as_ref(),
            CounterCast::Send { value: 1 },
        ));
    }

    #[test]
    fn callers_compile() {
        let _ = (process, Named(1, 2).pair());
    }
}

mod own_functions {
    use ambit::prelude::*;

    struct Server;

    impl Server {
        fn handle_now(&self) {}
    }

    #[gen_server]
    impl Server {
        #[call]
        fn get(&self) -> u64 {
            self.handle_now();
            1
        }

        #[call]
        async fn later(&mut self) -> u64 {
            2
        }
    }

    #[test]
    fn callers_compile() {
        drop(Server.start());
    }
}

mod odd_style {
    use ambit::prelude::*;

    #[allow(non_camel_case_types)]
    struct word_count(u64);

    #[gen_server]
    #[allow(non_snake_case)]
    impl word_count {
        #[call]
        fn getURL(&self, baseURL: String) -> String {
            format!("{baseURL}/{}", self.0)
        }

        #[cast]
        fn setURL(&mut self, newURL: u64) {
            self.0 = newURL;
        }
    }

    #[test]
    fn callers_compile() {
        drop(word_count(1).start());
    }
}

mod shadowed_names {
    /// Each of these has the name of something that generated code uses.
    mod own {
        pub(super) struct Result;
        pub(super) struct Option;
        pub(super) struct String;
        pub(super) struct Flow;
        pub(super) struct Incoming;
        pub(super) struct Subject;
        pub(super) struct Call;
    }

    use ambit::gen_server;
    use own::{Call, Flow, Incoming, Option, Result, String, Subject};

    struct Server;

    #[gen_server]
    impl Server {
        #[ambit::init]
        fn new(_first: Result, _second: Option) -> Self {
            Self
        }

        #[ambit::call]
        fn all(&self, _flow: Flow, _incoming: Incoming) -> (Subject, Call) {
            (Subject, Call)
        }

        #[ambit::prelude::cast]
        async fn text(&mut self, _text: String) {}
    }

    #[test]
    fn are_constructed() {
        let _ = (Result, Option, Flow, Incoming, String);
    }
}

mod conditional {
    use ambit::prelude::*;

    struct Server;

    #[gen_server]
    impl Server {
        #[cfg(test)]
        #[init]
        fn new(value: u64) -> Self {
            let _ = value;
            Self
        }

        #[cfg(not(test))]
        #[init]
        fn new(value: NoSuchType) -> Self {
            Self
        }

        #[cfg(not(test))]
        #[call]
        fn missing(&self, value: NoSuchType) -> NoSuchType {
            value
        }

        #[cfg(test)]
        #[call]
        fn value(&self) -> u64 {
            1
        }

        #[cfg(not(test))]
        #[call]
        async fn value(&self, value: NoSuchType) -> u64 {
            2
        }

        #[cfg(not(test))]
        #[info]
        fn on_missing(&mut self, value: NoSuchType) {}

        #[cfg(not(test))]
        #[terminate]
        fn bye(&mut self, reason: &ExitReason) {}
    }

    #[gen_server]
    #[cfg(not(test))]
    impl Server {
        #[cast]
        fn reset(&mut self) {}
    }

    struct Never;

    /// A method that is not compiled hides no method of the handle.
    async fn sends(server: &NeverSubject) -> Result<(), CastError> {
        server.send(NeverCast::Reset).await
    }

    #[gen_server]
    #[cfg(test)]
    impl Never {
        #[cast]
        fn reset(&mut self) {}

        #[cfg(not(test))]
        #[cast]
        fn send(&mut self) {}

        #[cfg(not(test))]
        #[init]
        fn new(value: NoSuchType) -> Self {
            Self
        }

        #[cfg(not(test))]
        #[cast]
        fn missing(&mut self, value: NoSuchType) {}
    }

    #[test]
    fn callers_compile() {
        let _ = (Server::start(1), Never.start(), sends);
    }
}

mod beside_globs {
    #[allow(unused_imports)]
    use ::log::*;
    #[allow(unused_imports)]
    use anyhow::*;
    #[allow(unused_imports)]
    use tokio::test;
    #[allow(unused_imports)]
    use tracing::*;

    #[allow(unused_imports)]
    use ambit::prelude::*;

    struct Counter {
        value: u64,
    }

    #[gen_server]
    impl Counter {
        #[init]
        fn new(value: u64) -> Self {
            tracing::info!(value);
            Self { value }
        }

        #[call]
        fn get(&self) -> u64 {
            self.value
        }

        #[info]
        fn on_number(&mut self, number: u64) {
            self.value = number;
        }
    }

    #[test]
    async fn is_tokios() {}
}

mod without_parts {
    use ambit::prelude::*;

    struct Empty;

    #[gen_server]
    impl Empty {}

    struct OnlyCasts;

    #[gen_server]
    impl OnlyCasts {
        #[cast]
        fn reset(&mut self) {}
    }

    struct OnlyInfos;

    #[gen_server]
    impl OnlyInfos {
        #[info]
        fn on_down(&mut self, ctx: &Context<Self>, _: Down) {
            let _ = ctx.pid();
        }
    }

    struct OnlyAsync;

    #[gen_server]
    impl OnlyAsync {
        #[call]
        async fn get(&self) -> u64 {
            1
        }

        #[cast]
        async fn reset(&mut self) -> Flow {
            Flow::Stop(ExitReason::Normal)
        }

        #[terminate(not_after_panic)]
        async fn bye(&mut self, _: &ExitReason) {}
    }

    #[test]
    fn the_value_is_the_argument() {
        let _ = (
            Empty.start(),
            OnlyCasts.start(),
            OnlyInfos.start(),
            OnlyAsync.start(),
        );
    }
}

mod shared_context {
    use std::cell::Cell;

    use ambit::prelude::*;

    #[derive(Default)]
    struct Server {
        value: u64,
    }

    #[gen_server]
    impl Server {
        #[call]
        async fn get(&mut self, ctx: &Context<Self>, cell: Cell<u64>) -> u64 {
            std::future::ready(()).await;
            self.value = cell.get();
            ctx.pid();
            self.value
        }

        #[cast]
        async fn set(&self, ctx: &Context<Self>) {
            std::future::ready(ctx).await.pid();
        }

        #[info]
        async fn on_cell(&mut self, ctx: &Context<Self>, _: Cell<u64>) {
            std::future::ready(ctx).await.pid();
        }

        #[continue_with]
        fn keep(&mut self, _cell: Cell<u64>) {}
    }

    fn is_sync<T: Send + Sync>() {}

    #[test]
    fn the_context_is_sync_whatever_the_messages_are() {
        is_sync::<Context<Server>>();
        drop(Server::default().start());
    }
}

mod types_in_messages {
    use std::borrow::Cow;

    use ambit::prelude::*;
    use ambit::server::Call;

    type Port = ReplyTo<Option<u64>>;
    type Ctx = Context<Server>;

    #[derive(Clone)]
    struct Server {
        names: Vec<Cow<'static, str>>,
    }

    #[gen_server]
    impl Server {
        const LIMIT: usize = 4;

        #[call]
        fn state(&self) -> Self {
            self.clone()
        }

        #[call]
        fn array(&self, array: [u8; Self::LIMIT]) -> Option<[u8; Self::LIMIT]> {
            Some(array)
        }

        #[call]
        fn name(&mut self, name: &'static str) -> Cow<'static, str> {
            self.names.push(name.into());
            name.into()
        }

        #[call(deferred)]
        fn later(&mut self, #[ctx] _context: &mut Ctx, port: Port) {
            port.send(None);
        }

        #[cast]
        fn run(&mut self, job: Box<dyn FnOnce(&str) -> u64 + Send>, pointer: fn(&str) -> &str) {
            job(pointer("text"));
        }

        #[cast]
        fn merge(&mut self, mut other: Self) {
            self.names.append(&mut other.names);
        }
    }

    fn reads_the_value_of_an_alias(server: &ServerSubject) -> Call<'_, Server, Option<u64>> {
        server.later()
    }

    #[test]
    fn callers_compile() {
        let _ = reads_the_value_of_an_alias;
    }
}

mod cycles {
    use ambit::prelude::*;

    struct Ping {
        pong: Option<PongSubject>,
        own: Option<PingSubject>,
    }

    #[gen_server]
    impl Ping {
        #[cast]
        fn meet(&mut self, pong: PongSubject) {
            self.pong = Some(pong);
        }

        #[call]
        async fn own(&mut self, ctx: &mut Context<Self>) -> PingSubject {
            self.own.get_or_insert_with(|| ctx.subject()).clone()
        }
    }

    struct Pong {
        ping: Option<PingSubject>,
    }

    #[gen_server]
    impl Pong {
        #[cast]
        async fn meet(&mut self, ping: PingSubject) -> Result<(), CastError> {
            self.ping
                .insert(ping)
                .meet(PongSubject::named("pong"))
                .await
        }

        #[call]
        fn known(&self) -> Option<PingSubject> {
            self.ping.clone()
        }
    }

    fn is_message<T: Send + Sync + Clone + std::fmt::Debug + Eq + std::hash::Hash>() {}

    #[test]
    fn handles_are_values() {
        is_message::<PingSubject>();
        is_message::<PongSubject>();
        let _ = (
            Ping {
                pong: None,
                own: None,
            }
            .start(),
            Pong { ping: None }.start(),
        );
    }
}

mod attributes {
    use std::time::Duration;

    use ambit::prelude::*;

    struct Server {
        value: u64,
    }

    #[gen_server(mailbox = 8, overflow = reject, in_place = always, vis = pub(crate))]
    impl Server {
        #[deprecated = "ask for `value`"]
        #[call]
        fn old(&self) -> u64 {
            self.value
        }

        #[must_use]
        #[call(timeout = Duration::from_millis(10), skip_expired)]
        fn value(&self) -> u64 {
            self.value
        }

        #[expect(unused_variables)]
        #[cast]
        fn ignored(&mut self, value: u64) {}

        #[expect(clippy::too_many_arguments)]
        #[rustfmt::skip]
        #[cast]
        fn many(&mut self, _a: u8, _b: u8, _c: u8, _d: u8, _e: u8, _f: u8, _g: u8) {}

        #[doc(hidden)]
        #[cast]
        fn hidden(&mut self) {}

        fn helper(&self) -> u64 {
            self.value
        }
    }

    mod renamed {
        pub(super) use ::ambit as runtime;

        use runtime::gen_server;

        struct Elsewhere;

        #[gen_server(crate = self::runtime, mailbox = unbounded)]
        impl Elsewhere {
            #[call]
            fn get(&self) -> u64 {
                1
            }

            #[runtime::cast]
            fn reset(&mut self) {}

            #[self::runtime::prelude::terminate]
            fn bye(&mut self, #[runtime::ctx] _: &mut Ctx, _: &runtime::ExitReason) {}
        }

        type Ctx = runtime::Context<Elsewhere>;
    }

    #[test]
    fn stays_a_struct() {
        assert_eq!(Server { value: 1 }.helper(), 1);
    }
}

mod from_macros {
    use ambit::prelude::*;

    macro_rules! server {
        ($name:ident, $state:ty, $call:ident($($argument:ident: $argument_type:ty),*) -> $reply:ty $body:block) => {
            struct $name {
                #[allow(dead_code)]
                state: $state,
            }

            #[gen_server]
            impl $name {
                #[call]
                fn $call(&mut self, $($argument: $argument_type),*) -> $reply $body
            }
        };
    }

    macro_rules! server_of_vis {
        ($vis:vis $name:ident) => {
            $vis struct $name;

            #[gen_server(vis = $vis)]
            impl $name {
                #[cast]
                fn reset(&mut self) {}
            }
        };
    }

    server_of_vis!(pub(super) Visible);
    server_of_vis!(Hidden);

    server!(First, u64, add(by: u64, again: Vec<u64>) -> Option<u64> { again.first().map(|first| first + by) });
    server!(Second, String, get() -> String { String::new() });
}

mod messages {
    use ambit::prelude::*;

    #[derive(Message)]
    struct Unit;

    #[derive(Message)]
    #[message(crate = ::ambit)]
    enum Tree<T: Clone, const N: usize>
    where
        T: PartialEq,
    {
        Leaf([T; N]),
        #[allow(dead_code)]
        Branches(Vec<Self>),
    }

    fn is_message<T: Message>() {}

    #[test]
    fn derived() {
        is_message::<Unit>();
        is_message::<Tree<u64, 2>>();
        let _ = [Tree::Leaf([1, 2]), Tree::Branches(Vec::new())];
    }
}

mod entries {
    use ambit::prelude::*;

    struct Echo;

    #[gen_server]
    impl Echo {
        #[call]
        fn echo(&self, text: String) -> String {
            text
        }
    }

    #[ambit::test]
    async fn without_an_inbox() -> Result<(), Box<dyn std::error::Error>> {
        let echo = Echo.start().await?;
        assert_eq!(echo.echo("text".into()).await?, "text");
        Ok(())
    }

    #[ambit::test(seed = 7)]
    async fn with_an_inbox(mut inbox: Inbox<u64>) {
        inbox.subject().send(1).now().unwrap();
        assert_eq!(inbox.recv().await, Some(1));
        assert_eq!(ambit::test::seed(), 7);
    }

    #[ambit::test(real_time)]
    #[should_panic(expected = "on purpose")]
    async fn keeps_other_attributes() {
        panic!("on purpose");
    }
}
