//! Types of one name in several modules, each with its own block.

use ambit::prelude::*;

pub(crate) struct Counter {
    value: u64,
}

#[gen_server(vis = pub(crate))]
impl Counter {
    #[call]
    pub(crate) fn get(&self) -> u64 {
        self.value
    }

    #[info]
    fn on_down(&mut self, _down: Down) {
        self.value = 0;
    }
}

mod texts {
    use ambit::prelude::*;

    pub(super) struct Counter(pub(super) String);

    #[gen_server(vis = pub(super), remote = "one_name.texts")]
    impl Counter {
        #[init]
        pub(super) fn new(text: String) -> Self {
            Self(text)
        }

        #[call]
        pub(super) fn get(&self) -> String {
            self.0.clone()
        }

        #[cast]
        pub(super) async fn add(&mut self, ctx: &mut Context<Self>, text: String) {
            self.0.push_str(&text);
            ctx.continue_with(CounterContinue::Grown);
        }

        #[continue_with]
        fn grown(&mut self) {
            self.0.push('!');
        }

        #[info]
        fn on_down(&mut self, _down: Down) {
            self.0.clear();
        }
    }

    pub(super) mod generic {
        use ambit::prelude::*;

        pub(crate) struct Counter<T>(pub(crate) T);

        #[gen_server(vis = pub(crate))]
        impl<T: Clone> Counter<T> {
            #[call]
            pub(crate) fn get(&self) -> T {
                self.0.clone()
            }
        }
    }
}

mod machines {
    use ambit::prelude::*;

    pub(super) struct Counter;

    #[supervisor(vis = pub(super))]
    impl Counter {
        #[child]
        pub(super) fn sessions(&self) -> ChildSpec<DynamicSupervisor> {
            DynamicSupervisor::child_spec()
        }
    }
}

#[ambit::test]
async fn types_of_one_name_are_servers() {
    let Ok(counter) = (Counter { value: 7 }).start().await else {
        unreachable!()
    };
    assert_eq!(counter.get().await, Ok(7));
    let Ok(text) = texts::Counter::start("a".to_owned()).await else {
        unreachable!()
    };
    assert_eq!(text.add("b".to_owned()).await, Ok(()));
    assert_eq!(text.get().await, Ok("ab!".to_owned()));
    let Ok(generic) = texts::generic::Counter('a').start().await else {
        unreachable!()
    };
    assert_eq!(generic.get().await, Ok('a'));
    assert!(machines::Counter.start().await.is_ok());
}
