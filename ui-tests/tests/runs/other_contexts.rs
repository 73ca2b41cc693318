//! The word `Context` in handlers beside a trait of this name, and as an import of its own.

mod of_anyhow {
    use ambit::prelude::*;
    use anyhow::Context;

    pub(super) struct Parsed(u64);

    #[gen_server(vis = pub(super))]
    impl Parsed {
        #[init]
        pub(super) fn new(ctx: &mut Context<Self>, text: String) -> anyhow::Result<Self> {
            ctx.label("parsed");
            Ok(Self(text.parse().context("expected a number")?))
        }

        #[call]
        pub(super) fn get(&self, ctx: &mut Context<Self>) -> (Pid, u64) {
            (ctx.pid(), self.0)
        }

        #[cast]
        pub(super) async fn put(&mut self, _ctx: &mut Context<Self>, value: u64) {
            self.0 = value;
        }
    }
}

/// The import is under the `cfg` of the handlers that use it.
mod under_cfg {
    #[cfg(any())]
    use ambit::Context;
    use ambit::gen_server;

    pub(super) struct Plain;

    #[gen_server(vis = pub(super))]
    impl Plain {
        #[cfg(any())]
        #[cast]
        pub(super) fn end(&mut self, ctx: &mut Context<Self>) {
            ctx.stop(ambit::ExitReason::Normal);
        }

        #[cfg_attr(all(), cfg(any()))]
        #[call]
        pub(super) fn name(&self, ctx: &mut Context<Self>) -> ambit::Pid {
            ctx.pid()
        }

        #[call]
        pub(super) fn value(&self) -> u64 {
            7
        }
    }
}

/// It has another name here.
mod renamed {
    use ambit::Context as Ctx;
    use ambit::gen_server;

    pub(super) struct Named(Option<u64>);

    #[gen_server(vis = pub(super))]
    impl Named {
        #[init]
        pub(super) fn new(ctx: &mut Ctx<Self>, value: u64) -> Self {
            ctx.label("named");
            Self(Some(value))
        }

        #[call]
        pub(super) fn get(&self, ctx: &mut Ctx<Self>) -> (ambit::Pid, Option<u64>) {
            (ctx.pid(), self.0)
        }

        #[info]
        fn on_number(&mut self, ctx: &mut Ctx<Self>, value: u64) {
            ctx.label("changed");
            self.0 = Some(value);
        }
    }
}

mod imported {
    use ambit::{Context, gen_server};

    pub(super) struct Plain;

    #[gen_server(vis = pub(super))]
    impl Plain {
        #[cast]
        pub(super) fn end(&mut self, ctx: &mut Context<Self>) {
            ctx.stop(ambit::ExitReason::Normal);
        }
    }
}

#[allow(
    unused_qualifications,
    clippy::use_self,
    reason = "the longer path is the case"
)]
mod spelled {
    use ambit::prelude::*;

    pub(super) struct Held<T>(pub(super) T);

    #[gen_server(vis = pub(super))]
    impl<T: Clone> Held<T> {
        #[call]
        pub(super) fn get(&self, ctx: &'_ mut Context<Self>) -> (Pid, T) {
            (ctx.pid(), self.0.clone())
        }

        #[cast]
        pub(super) fn put(&mut self, ctx: &mut Context<self::Held<T>>, value: T) {
            ctx.label("held");
            self.0 = value;
        }
    }
}

#[ambit::test]
async fn the_context_may_have_another_name() {
    let Ok(named) = renamed::Named::start(7).await else {
        unreachable!()
    };
    assert_eq!(named.get().await, Ok((named.pid(), Some(7))));
    assert!(named.recipient::<u64>().send(8).await.is_ok());
    assert_eq!(named.get().await, Ok((named.pid(), Some(8))));
}

#[ambit::test]
async fn the_context_may_have_an_elided_lifetime_and_a_longer_path() {
    let Ok(held) = spelled::Held(1).start().await else {
        unreachable!()
    };
    assert_eq!(held.put(2).await, Ok(()));
    assert_eq!(held.get().await, Ok((held.pid(), 2)));
}

#[ambit::test]
async fn the_context_is_taken_beside_other_contexts() {
    let Ok(parsed) = of_anyhow::Parsed::start("7".to_owned()).await else {
        unreachable!()
    };
    assert_eq!(parsed.get().await, Ok((parsed.pid(), 7)));
    assert_eq!(parsed.put(8).await, Ok(()));
    let failed = of_anyhow::Parsed::start("seven".to_owned()).await;
    assert!(failed.is_err());

    fn in_a_function() {
        use ambit::prelude::*;
        use anyhow::Context as _;

        struct Local<T>(T);

        #[gen_server(vis = pub(self))]
        impl<T: Clone> Local<T> {
            #[call]
            fn get(&self, ctx: &mut Context<Self>) -> T {
                let _ = ctx.pid();
                self.0.clone()
            }
        }
        drop(Local(1).start());
        drop("1".parse::<u8>().context("no"));
    }
    let _ = in_a_function;
    let Ok(plain) = imported::Plain.start().await else {
        unreachable!()
    };
    assert_eq!(plain.end().await, Ok(()));
    let Ok(plain) = under_cfg::Plain.start().await else {
        unreachable!()
    };
    assert_eq!(plain.value().await, Ok(7));
}
