//! State machines that must compile: next to globs that export the same names, under `cfg`, behind an alias, or with a
//! renamed crate.

#![deny(
    warnings,
    missing_docs,
    unreachable_pub,
    elided_lifetimes_in_paths,
    unused_qualifications
)]
#![deny(missing_debug_implementations, unnameable_types)]
#![allow(dead_code, unused_imports, clippy::wildcard_imports)]

/// Globs that export functions with the names of attributes.
mod beside_others {
    use std::process::*;
    use std::time::Duration;

    use ambit::prelude::*;
    use tokio::time::*;

    struct Line;

    #[state_machine(states = [Closed, Open])]
    impl Line {
        #[cast(Closed => Open, Open => ignore)]
        fn open(&mut self, ctx: &mut Context<Self>) {
            ctx.timeout(LineTimeout::Ping, Duration::from_secs(1));
        }

        #[enter(Open)]
        fn opened(&mut self) {}

        #[exit(Open)]
        fn closed(&mut self) {}

        #[timeout]
        async fn ping(&mut self) {
            drop(timeout(Duration::from_secs(1), async {}).await);
        }

        #[event_timeout(Open => Closed)]
        fn idle(&mut self, ctx: &mut Context<Self>) {
            ctx.event_timeout(Duration::from_secs(1));
        }
    }
}

/// Methods that are compiled only under some conditions.
mod under_cfg {
    use std::time::Duration;

    use ambit::prelude::*;

    struct Line {
        entered: u32,
    }

    #[state_machine(states = [Closed, Open], vis = pub(crate))]
    impl Line {
        #[cast(Closed => Open, Open => Closed)]
        fn turn(&mut self) {}

        #[cfg(any())]
        #[call(Closed => refuse, Open => stay)]
        fn never(&mut self, missing: Missing) -> Missing {
            missing
        }

        #[cfg(test)]
        #[cast(Closed => stay, Open => postpone)]
        fn always(&mut self) {}

        #[cfg(any())]
        #[enter(Open)]
        async fn missing(&mut self) {}

        #[state_timeout(Open => Closed, after = Duration::from_secs(1))]
        fn over(&mut self) {
            self.entered += 1;
        }

        #[call]
        fn entered(&self) -> u32 {
            self.entered
        }
    }

    #[ambit::test]
    async fn a_state_timeout_does_not_need_the_method_that_enters() {
        let line = Line { entered: 0 }.start().await.unwrap();
        line.turn().await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        // The enter method is async and not always compiled; the method that sets the timeout must not need it.
        assert_eq!(line.entered().await, Ok(1));
    }
}

/// A renamed runtime crate, a context behind a type alias, and a name that is a keyword.
mod renamed {
    use ambit as runtime;
    use runtime::prelude::*;

    struct Line;
    type Ctx = Context<Line>;

    #[state_machine(states = [On, Off], crate = runtime)]
    impl Line {
        #[init(Off)]
        fn new(#[ctx] ctx: &mut Ctx, is_off: bool) -> Result<Self, std::io::Error> {
            if is_off {
                ctx.start_in(LineState::Off);
            }
            Ok(Self)
        }

        #[call(On => Off | stay, event = r#match)]
        fn turn_off(&mut self, #[ctx] _: &mut Ctx, r#in: u32) -> (LineTurnOffTo, u32) {
            (LineTurnOffTo::Stay, r#in)
        }

        #[call(Off => On | repeat, event = r#match)]
        fn turn_on(&mut self, #[ctx] _: &mut Ctx, r#in: u32) -> (LineTurnOnTo, u32) {
            (LineTurnOnTo::Repeat, r#in)
        }
    }
}
