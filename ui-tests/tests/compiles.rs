//! Servers that must compile, without a warning, under strict lints.

#![deny(
    warnings,
    missing_docs,
    unreachable_pub,
    elided_lifetimes_in_paths,
    unused_qualifications
)]
#![deny(missing_debug_implementations, unnameable_types)]

mod closures;
mod names;
mod types;

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
