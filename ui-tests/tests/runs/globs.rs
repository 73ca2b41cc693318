//! Globs of other crates together with that of ambit.

mod with_all {
    #![allow(unused_imports)]
    use ::log::*;
    use anyhow::*;
    use std::borrow::*;
    use std::collections::*;
    use std::future::*;
    use std::io::prelude::*;
    use std::ops::*;
    use std::sync::*;
    use std::time::*;
    use tokio::time::*;
    use tracing::*;

    use ambit::prelude::*;
    use ambit::server::Context;

    struct Counter {
        value: u64,
    }

    #[gen_server]
    impl Counter {
        #[init]
        async fn new(ctx: &mut Context<Self>, value: u64) -> Result<Self> {
            ctx.label("globs");
            ensure!(value > 0, "nothing");
            Ok(Self { value })
        }

        #[call]
        fn get(&self) -> u64 {
            ::tracing::info!(self.value);
            self.value
        }

        #[call]
        async fn half(&mut self) -> Result<u64> {
            ensure!(self.value.is_multiple_of(2), "odd");
            Ok(self.value / 2)
        }

        #[cast]
        fn set(&mut self, value: u64) -> Result<()> {
            self.value = value;
            Ok(())
        }

        #[info]
        fn on_number(&mut self, number: u64) {
            self.value = number;
        }
    }

    #[ambit::test]
    async fn globs_of_other_crates_stand_beside_the_prelude() -> Result<()> {
        let counter = Counter::start(1).await?;
        counter.set(4).await?;
        assert_eq!(counter.half().await??, 2);
        counter.recipient::<u64>().send(5).await?;
        assert_eq!(counter.get().await?, 5);
        assert_eq!(counter.half().await?.unwrap_err().to_string(), "odd");
        Ok(())
    }
}

/// A glob that hides the types of Rust's prelude.
mod with_result_of_another {
    use ambit::prelude::*;
    use std::io::Result;

    struct Reader(Vec<u8>);

    #[gen_server]
    impl Reader {
        #[call]
        fn read(&mut self, count: usize) -> Result<Vec<u8>> {
            Ok(self.0.drain(..count.min(self.0.len())).collect())
        }

        #[cast]
        fn write(&mut self, bytes: Vec<u8>) -> Result<()> {
            self.0.extend(bytes);
            Ok(())
        }
    }

    #[ambit::test]
    async fn an_alias_of_result_is_as_good() {
        let reader = Reader(vec![1]).start().await.unwrap();
        reader.write(vec![2, 3]).await.unwrap();
        assert_eq!(reader.read(2).await.unwrap().unwrap(), [1, 2]);
    }
}

/// A server with the same name as one that a glob imports.
mod of_a_parent {
    use ambit::prelude::*;

    struct Counter;

    #[gen_server]
    impl Counter {
        #[call]
        fn get(&self) -> u64 {
            1
        }
    }

    mod child {
        #[allow(unused_imports, reason = "it brings what it must not disturb")]
        use super::*;

        struct Counter;

        #[gen_server]
        impl Counter {
            #[call]
            fn get(&self) -> u64 {
                2
            }
        }

        #[ambit::test]
        async fn a_server_may_have_the_name_of_one_behind_a_glob() {
            let own = Counter.start().await.unwrap().get().await;
            assert_eq!((own, one().await), (Ok(2), Some(1)));
        }
    }

    async fn one() -> Option<u64> {
        Counter.start().await.ok()?.get().await.ok()
    }
}
