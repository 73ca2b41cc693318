//! Programs with unusual types of servers and messages.

mod an_alias_named_like_a_port {
    use ambit::prelude::*;

    struct Refused;

    type ReplyTo<T> = ambit::server::ReplyTo<Result<T, Refused>>;

    trait Item {
        type Item;
    }

    struct Server {
        value: u64,
    }

    impl Item for Server {
        type Item = u64;
    }

    #[gen_server]
    impl Server {
        #[call(deferred)]
        fn value(&mut self, reply: ReplyTo<u64>) {
            reply.send(Ok(self.value));
        }

        #[call(deferred)]
        fn item(&mut self, reply: ReplyTo<<Self as Item>::Item>) {
            reply.send(Err(Refused));
        }
    }

    async fn use_it(server: &ServerSubject) -> Result<u64, CallError> {
        drop(server.item().await?);
        Ok(server.value().await?.unwrap_or_default())
    }

    #[test]
    fn its_users_compile() {
        let _ = use_it;
        drop(Server { value: 1 }.start());
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
