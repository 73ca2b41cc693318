//! Servers in functions, in modules inside closures, behind aliases and paths, and two with the same methods.

use ambit::prelude::*;

#[ambit::test]
async fn in_a_function_beside_another_of_the_same_name() {
    struct Local(u64);

    #[gen_server]
    impl Local {
        #[call]
        fn get(&self) -> u64 {
            self.0
        }
    }

    async fn inner() -> u64 {
        struct Local(u64);

        #[gen_server]
        impl Local {
            #[call]
            fn get(&self) -> u64 {
                self.0 * 2
            }
        }

        Local(4).start().await.unwrap().get().await.unwrap()
    }

    let outer = Local(1).start().await.unwrap();
    assert_eq!(outer.get().await, Ok(1));
    assert_eq!(inner().await, 8);
    let block = {
        struct Local;

        #[gen_server]
        impl Local {
            #[call]
            fn get(&self) -> &'static str {
                "block"
            }
        }

        Local.start().await.unwrap().get().await
    };
    assert_eq!(block, Ok("block"));
}

mod two_with_the_same_methods {
    use ambit::prelude::*;

    pub(super) struct First(pub(super) u64);
    pub(super) struct Second(pub(super) String);

    #[gen_server(vis = pub(super))]
    impl First {
        #[call]
        pub(super) fn get(&self) -> u64 {
            self.0
        }

        #[cast]
        pub(super) fn set(&mut self, value: u64) {
            self.0 = value;
        }

        #[info]
        fn on_down(&mut self, _: Down) {
            self.0 = 0;
        }
    }

    #[gen_server(vis = pub(super))]
    impl Second {
        #[call]
        pub(super) fn get(&self) -> String {
            self.0.clone()
        }

        #[cast]
        pub(super) fn set(&mut self, value: String) {
            self.0 = value;
        }

        #[info]
        fn on_down(&mut self, _: Down) {
            self.0.clear();
        }
    }
}

#[ambit::test]
async fn two_in_one_module_have_the_same_methods() {
    use two_with_the_same_methods::{First, Second};
    let first = First(0).start().await.unwrap();
    let second = Second(String::new()).start().await.unwrap();
    first.set(1).await.unwrap();
    second.set("two".into()).await.unwrap();
    assert_eq!(first.get().await, Ok(1));
    assert_eq!(second.get().await.as_deref(), Ok("two"));
}

/// The block and the type are in different modules.
mod apart {
    pub(super) mod state {
        pub(in super::super) struct Apart {
            pub(in super::super) value: u64,
        }
    }

    mod server {
        use ambit::prelude::*;

        #[gen_server(vis = pub(in super::super))]
        #[allow(clippy::needless_arbitrary_self_type)]
        impl super::state::Apart {
            #[call]
            pub(in super::super) fn get(&self) -> u64 {
                self.value
            }

            #[call]
            pub(in super::super) fn itself(self: &Self) -> u64 {
                self.value
            }

            #[cast]
            pub(in super::super) fn add(self: &mut Self, by: u64) {
                self.value += by;
            }
        }
    }
}

#[ambit::test]
async fn the_impl_block_can_be_separate_from_the_type() {
    let apart = apart::state::Apart { value: 3 }.start().await.unwrap();
    apart.add(1).await.unwrap();
    assert_eq!(apart.get().await, Ok(4));
    assert_eq!(apart.itself().await, Ok(4));
}

/// A server on an enum and one on a type alias.
mod kinds {
    use ambit::prelude::*;

    pub(super) enum Light {
        On,
        Off { since: u64 },
    }

    #[gen_server(vis = pub(super))]
    impl Light {
        #[call]
        pub(super) fn is_on(&self) -> bool {
            matches!(self, Self::On)
        }

        #[cast]
        pub(super) fn turn(&mut self, at: u64) {
            *self = match self {
                Self::On => Self::Off { since: at },
                Self::Off { since } if *since > at => Self::Off { since: *since },
                Self::Off { .. } => Self::On,
            };
        }
    }

    pub(super) struct Wrapper<T>(pub(super) T);
    pub(super) type Numbers = Wrapper<Vec<u64>>;

    #[gen_server(vis = pub(super))]
    impl Numbers {
        #[call]
        pub(super) fn sum(&self) -> u64 {
            self.0.iter().sum()
        }
    }
}

#[ambit::test]
async fn an_enum_and_an_alias_are_servers() {
    let light = kinds::Light::On.start().await.unwrap();
    light.turn(1).await.unwrap();
    assert_eq!(light.is_on().await, Ok(false));
    light.turn(2).await.unwrap();
    assert_eq!(light.is_on().await, Ok(true));
    let numbers = kinds::Wrapper(vec![1, 2]).start().await.unwrap();
    let numbers: kinds::NumbersSubject = numbers;
    assert_eq!(numbers.sum().await, Ok(3));
}
