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

/// Methods that replace each other under different conditions.
mod alternatives {
    use std::time::Duration;

    use ambit::prelude::*;

    #[derive(Default)]
    struct Plug {
        entered: u32,
        volts: u32,
    }

    #[state_machine(states = [Off, On])]
    impl Plug {
        #[cfg(test)]
        #[call]
        fn volts(&self) -> u32 {
            self.volts
        }

        #[cfg(not(test))]
        #[call]
        fn volts(&self, unit: Missing) -> Missing {
            unit
        }

        #[cfg(any())]
        #[enter(On)]
        async fn entered(&mut self) {
            missing().await;
        }

        #[cfg(not(any()))]
        #[enter(On)]
        fn entered(&mut self) {
            self.entered += 1;
        }

        #[cfg(any())]
        #[cast(Off => On, event = press)]
        fn pressed(&mut self, by: u32) {
            missing(by);
        }

        #[cfg(not(any()))]
        #[cast(Off => On | stay, event = press)]
        fn pressed(&mut self, by: u32) -> PlugPressedTo {
            self.volts = by;
            PlugPressedTo::On
        }

        #[cast(On => Off, event = press)]
        fn released(&mut self, by: u32) {
            self.volts = by;
        }

        #[cfg(any())]
        #[cast(Off => On | stay, On => ignore)]
        fn set(&mut self, volts: u32) -> PlugSetTo {
            missing(volts)
        }

        #[cfg(test)]
        #[cast(On => Off | stay, _ => ignore)]
        fn set(&mut self, volts: u32) -> PlugSetTo {
            self.volts = volts;
            PlugSetTo::Stay
        }

        #[cfg(any())]
        #[state_timeout(On => Off, after = missing())]
        fn over(&mut self) {}

        #[cfg(not(any()))]
        #[state_timeout(On => Off, after = Duration::from_secs(1))]
        fn over(&mut self) {}

        #[cfg(any())]
        #[timeout(_ => stay)]
        fn rest(&mut self, ctx: &mut Context<Self>) {}

        #[cfg(not(any()))]
        #[timeout(_ => stay)]
        fn rest(&mut self, ctx: &mut Context<Self>) {
            ctx.label("rest");
        }

        #[cfg(any())]
        #[info(_ => stay)]
        fn on_number(&mut self, number: Missing) {}

        #[cfg(not(any()))]
        #[info(_ => stay)]
        fn on_number(&mut self, number: u32) {
            self.volts = number;
        }

        #[call]
        fn count(&self) -> u32 {
            self.entered
        }
    }

    #[ambit::test]
    async fn the_method_that_is_compiled_handles_the_event() {
        let plug = Plug::default().start().await.unwrap();
        plug.press(5).await.unwrap();
        assert_eq!(plug.volts().await, Ok(5));
        assert_eq!(plug.count().await, Ok(1));
        plug.set(6).await.unwrap();
        plug.press(7).await.unwrap();
        assert_eq!(plug.volts().await, Ok(7));
        plug.set(8).await.unwrap();
        assert_eq!(plug.volts().await, Ok(7));
        plug.press(9).await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        plug.press(10).await.unwrap();
        assert_eq!(plug.count().await, Ok(3));
        plug.recipient::<u32>().send(1).await.unwrap();
        assert_eq!(plug.volts().await, Ok(1));
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
