//! Aliases of types with a hidden lifetime, in servers whose futures hold them.

mod in_a_server {
    use std::collections::HashMap;
    use std::error::Error;
    use std::future::ready;
    use std::sync::Arc;

    use ambit::prelude::*;

    type Job = Box<dyn FnOnce(&mut u64) + Send>;
    type Hook = Arc<dyn for<'a> Fn(&'a str) -> &'a str + Send + Sync>;
    type Name = &'static str;
    type Static = Borrowed<'static>;
    type BoxError = Box<dyn Error + Send + Sync>;
    type Outcome<T> = Result<T, BoxError>;

    trait Port: Send + Sync {
        fn read<'a>(&'a self) -> Box<dyn Iterator<Item = &'a u8> + 'a>;
    }

    #[derive(Clone, Debug)]
    struct Borrowed<'a>(&'a str);

    struct Server {
        value: u64,
        hooks: Vec<Hook>,
    }

    #[gen_server]
    impl Server {
        #[init]
        async fn init(hooks: Vec<Hook>, name: Name) -> Outcome<Self> {
            ready(()).await;
            let value = u64::try_from(name.len())?;
            Ok(Self { value, hooks })
        }

        #[cast]
        async fn run(&mut self, job: Job) {
            ready(()).await;
            job(&mut self.value);
        }

        #[call]
        async fn job(&mut self, port: Arc<dyn Port>) -> Option<Job> {
            ready(()).await;
            let sum: u64 = port.read().copied().map(u64::from).sum();
            Some(Box::new(move |value| *value += sum))
        }

        #[call]
        async fn hook(&mut self, hook: Hook) -> Vec<Hook> {
            ready(()).await;
            self.hooks.push(hook);
            self.hooks.clone()
        }

        #[cast]
        async fn set(&mut self, hooks: [Hook; 2 * 4]) {
            ready(()).await;
            self.hooks.extend(hooks);
        }

        #[call]
        async fn read(&self, ports: HashMap<Name, Box<dyn Port>>) -> Outcome<usize> {
            ready(()).await;
            Ok(ports.len())
        }

        #[call(deferred)]
        async fn later(&mut self, borrowed: Borrowed<'static>, reply: ReplyTo<Outcome<Static>>) {
            ready(()).await;
            reply.send(Ok(borrowed));
        }

        #[info]
        async fn on_borrowed(&mut self, message: Static) {
            ready(()).await;
            self.value += message.0.len() as u64;
        }

        #[terminate]
        async fn terminate(&mut self, _reason: &ExitReason) {
            ready(()).await;
        }
    }

    async fn use_it(hook: Hook, port: Arc<dyn Port>) -> Outcome<()> {
        let server = Server::start(vec![hook.clone()], "name").await?;
        server.run(Box::new(|value| *value += 1)).await?;
        drop(server.job(port).await?);
        drop(server.hook(hook.clone()).send().await?);
        server.set(std::array::from_fn(|_| hook.clone())).await?;
        server.read(HashMap::new()).await??;
        server.later(Borrowed("a")).await??;
        server.recipient::<Static>().send(Borrowed("b")).await?;
        Ok(())
    }

    fn is_sent<T: Send>(_: &T) {}

    #[test]
    fn futures_that_use_the_server_are_sent() {
        let _ = |hook, port| is_sent(&use_it(hook, port));
    }
}

mod in_a_machine {
    use std::sync::Arc;

    use ambit::prelude::*;

    type Rule = Arc<dyn Fn(&u64) -> bool + Send + Sync>;

    struct Door {
        rules: Vec<Rule>,
    }

    #[state_machine(states = [Shut, Open])]
    impl Door {
        #[call]
        async fn allow(&mut self, rule: Rule) -> usize {
            std::future::ready(()).await;
            self.rules.push(rule);
            self.rules.len()
        }

        #[cast(Shut => Open | stay, _ => ignore)]
        async fn open(&mut self, code: u64) -> DoorOpenTo {
            std::future::ready(()).await;
            match self.rules.iter().all(|rule| rule(&code)) {
                true => DoorOpenTo::Open,
                false => DoorOpenTo::Stay,
            }
        }
    }
}

mod of_a_protocol {
    use std::sync::Arc;

    use ambit::prelude::*;

    type Rule = Arc<dyn Fn(&u64) -> bool + Send + Sync>;

    #[protocol]
    trait Rules {
        #[call]
        fn add(&mut self, rule: Rule) -> Vec<Rule>;
    }

    struct InMemory(Vec<Rule>);

    #[gen_server(protocol = Rules)]
    impl InMemory {
        #[call]
        async fn add(&mut self, rule: Rule) -> Vec<Rule> {
            std::future::ready(()).await;
            self.0.push(rule);
            self.0.clone()
        }
    }
}

mod in_a_machine_with_one_async_method {
    use std::sync::Arc;

    use ambit::prelude::*;

    type Rule = Arc<dyn Fn(&u64) -> bool + Send + Sync>;

    struct Door {
        rules: Vec<Rule>,
    }

    #[state_machine(states = [Shut, Open])]
    impl Door {
        #[cast(Shut => Open, _ => ignore)]
        fn open(&mut self, rule: Rule) {
            self.rules.push(rule);
        }

        #[enter(Open)]
        async fn entered(&mut self) {
            let first: Option<Rule> = self.rules.first().cloned();
            std::future::ready(()).await;
            drop(first);
        }
    }
}
