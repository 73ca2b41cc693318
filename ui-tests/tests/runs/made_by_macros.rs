//! Blocks that `macro_rules!` generates.

use ambit::prelude::*;

macro_rules! counter {
    ($(#[$attribute:meta])* $vis:vis $name:ident<$($param:ident: $bound:path),*> { $($field:ident: $ty:ty = $value:expr),* $(,)? } $step:literal $($method:tt)*) => {
        $(#[$attribute])*
        $vis struct $name<$($param: $bound),*> { $($field: $ty),* }

        impl<$($param: $bound),*> $name<$($param),*> {
            #[allow(dead_code)]
            const STEP: u64 = $step;
        }

        #[gen_server(mailbox = $step, vis = $vis)]
        impl<$($param: $bound),*> $name<$($param),*> {
            #[init]
            $vis fn new($($field: $ty),*) -> Self {
                Self { $($field),* }
            }

            #[call(timeout = std::time::Duration::from_secs($step))]
            $vis fn step(&self) -> u64 { Self::STEP }

            $($method)*
        }
    };
}

counter! {
    /// Made by a macro.
    pub(crate) Made<> { value: u64 = 0, text: String = String::new() } 3

    #[call]
    pub(crate) fn get(&self, by: u64) -> (u64, String) {
        (self.value + by, self.text.clone())
    }

    #[cast]
    pub(crate) fn set(&mut self, value: u64) {
        self.value = value;
    }
}

counter! {
    Generic<T: Clone> { value: Vec<T> = Vec::new() } 4

    #[call]
    fn first(&self) -> Option<T> {
        self.value.first().cloned()
    }
}

#[ambit::test]
async fn a_macro_writes_the_block() {
    let made = Made::start(1, "one".into()).await.unwrap();
    assert_eq!(made.step().await, Ok(3));
    made.set(4).await.unwrap();
    assert_eq!(made.get(1).await, Ok((5, "one".into())));
    let generic = Generic::start(vec!['a']).await.unwrap();
    assert_eq!(generic.first().await, Ok(Some('a')));
    assert_eq!(generic.step().await, Ok(4));
}

/// The names of arguments come from two macros, which use the same name.
macro_rules! two_of_one_name {
    ($name:ident, $argument:ident) => {
        struct $name;

        #[gen_server]
        impl $name {
            #[call]
            fn both(&self, value: u64, $argument: u64) -> (u64, u64) {
                (value, $argument)
            }

            #[cast]
            fn keep(&mut self, ctx: u64, message: u64, $argument: u64) {
                assert_eq!((ctx, message, $argument), (1, 2, 3));
            }

            #[info]
            fn on_pair(&mut self, (left, $argument): (u64, u64)) {
                assert!(left < $argument);
            }
        }
    };
}

two_of_one_name!(Hygienic, other);

#[ambit::test]
async fn names_of_a_macro_and_of_its_caller_do_not_mix() {
    let server = Hygienic.start().await.unwrap();
    assert_eq!(server.both(1, 2).await, Ok((1, 2)));
    server.keep(1, 2, 3).await.unwrap();
    server.recipient::<(u64, u64)>().send((1, 2)).await.unwrap();
    assert_eq!(server.both(3, 4).await, Ok((3, 4)));
}

#[protocol]
trait Length {
    #[call]
    fn length(&self) -> usize;
}

/// The protocol is a path, and the name on the wire comes from the caller.
macro_rules! server_of {
    ($name:ident, $protocol:path, $wire:literal) => {
        struct $name;

        #[gen_server(protocol = $protocol)]
        impl $name {
            #[call]
            fn length(&self) -> usize {
                5
            }
        }

        #[derive(Debug, Message)]
        #[message(name = $wire)]
        struct Sent(usize);
    };
}

server_of!(Five, self::Length, "ui.sent");

#[ambit::test]
async fn a_macro_passes_the_protocol_on() {
    let five = Five.start().await.unwrap();
    let of_any: LengthSubject = five;
    assert_eq!(of_any.length().await, Ok(5));
    assert_eq!(Sent(5).0, 5);
}

macro_rules! methods_by_name {
    ($name:ident { $($method:ident -> $ty:ty = $value:expr;)* }) => {
        struct $name;

        #[gen_server]
        impl $name {
            $(
                #[call]
                fn $method(&self) -> $ty { $value }
            )*
        }
    };
}

methods_by_name!(Constants { one -> u64 = 1; text -> &'static str = "text"; unit -> () = (); });

#[ambit::test]
async fn a_macro_repeats_methods() {
    let constants = Constants.start().await.unwrap();
    assert_eq!(constants.one().await, Ok(1));
    assert_eq!(constants.text().await, Ok("text"));
    assert_eq!(constants.unit().await, Ok(()));
}

mod renamed {
    mod facade {
        pub(super) use ::ambit as actors;
    }

    use facade::actors;
    use facade::actors::prelude::*;

    struct Server(u64);

    #[gen_server(crate = facade::actors)]
    impl Server {
        #[actors::init]
        fn new(ctx: &mut Context<Self>, value: u64) -> Result<Self, String> {
            let _ = ctx.pid();
            Ok(Self(value))
        }

        #[call]
        async fn get(&mut self) -> u64 {
            self.0
        }

        #[facade::actors::cast]
        fn set(&mut self, value: u64) {
            self.0 = value;
        }

        #[actors::info]
        fn on_number(&mut self, number: u64) {
            self.0 = number;
        }
    }

    #[actors::test(crate = actors)]
    async fn the_crate_has_another_name() {
        let server = Server::start(1).await.unwrap();
        server.set(2).await.unwrap();
        assert_eq!(server.get().await, Ok(2));
        server.recipient::<u64>().send(3).await.unwrap();
        assert_eq!(server.get().await, Ok(3));
    }
}

/// The types of arguments and results come from the caller of the macro.
macro_rules! typed {
    ($server:ident, $machine:ident, $app:ident: $unit:ty, $pair:ty, $ctx:ty, $reason:ty, $spec:ty, $subject:ty) => {
        struct $server;

        #[gen_server]
        impl $server {
            #[cast]
            fn set(&mut self, ctx: &mut $ctx) -> $unit {
                ctx.label("set");
            }

            #[call]
            fn is_here(&self, ctx: &$ctx) -> bool {
                let _ = ctx.pid();
                true
            }

            #[terminate]
            fn bye(&mut self, reason: $reason) -> $unit {
                assert!(reason.is_clean());
            }
        }

        struct $machine;

        #[state_machine(states = [Open, Shut])]
        impl $machine {
            #[call(_ => Open | Shut)]
            fn choose(&mut self, open: bool) -> $pair {
                let to = if open {
                    LidChooseTo::Open
                } else {
                    LidChooseTo::Shut
                };
                (to, open)
            }
        }

        struct $app;

        #[supervisor]
        impl $app {
            #[child]
            fn typed(&self) -> $spec {
                $server::child_spec(|| $server)
            }

            #[child]
            fn other(&self, app: $subject) -> $spec {
                let _ = app;
                $server::child_spec(|| $server)
            }
        }
    };
}

typed!(Typed, Lid, TypedApp: (), (LidChooseTo, bool), Context<Typed>, &ExitReason, ChildSpec<Typed>, &TypedAppSubject);

#[ambit::test]
async fn a_macro_passes_types_on() {
    let app = TypedApp.start().await.unwrap();
    app.typed().set().await.unwrap();
    assert_eq!(app.other().is_here().await, Ok(true));
    let lid = Lid.start().await.unwrap();
    assert_eq!(lid.choose(false).await, Ok(false));
}

/// The states and the event of a machine come from the caller of the macro.
macro_rules! lamp {
    ($lamp:ident, $states:expr, $event:expr) => {
        struct $lamp;

        #[state_machine(states = $states)]
        impl $lamp {
            #[call(On => Off, event = $event)]
            fn off(&mut self) -> bool {
                false
            }

            #[call(Off => On, event = $event)]
            fn on(&mut self) -> bool {
                true
            }
        }
    };
}

lamp!(Lamp, [On, Off], turn);

#[ambit::test]
async fn a_macro_passes_the_states_and_an_event_on() {
    let lamp = Lamp.start().await.unwrap();
    assert_eq!(lamp.turn().await, Ok(false));
    assert_eq!(lamp.turn().await, Ok(true));
}

/// A server whose block names it by a path through `$crate`.
pub(crate) struct Pathed(u64);

macro_rules! through_crate {
    () => {
        #[gen_server]
        impl $crate::runs::made_by_macros::Pathed {
            #[call]
            fn next(&mut self, ctx: &mut Context<Self>) -> u64 {
                let _ = ctx.pid();
                self.0 += 1;
                self.0
            }
        }
    };
}

through_crate!();

#[ambit::test]
async fn a_block_names_its_server_through_crate() {
    let pathed = Pathed(1).start().await.unwrap();
    assert_eq!(pathed.next().await, Ok(2));
}
