//! Two servers of one generic type: their protocols share a wire name, and the nodes compare each method.

use ambit::prelude::*;

use super::pair::pair;

struct Cache<T> {
    value: T,
    puts: u64,
}

#[gen_server(remote = "test.cache")]
impl<T: Clone> Cache<T> {
    #[call]
    fn get(&self) -> T {
        self.value.clone()
    }

    #[cast]
    fn put(&mut self, value: T) {
        self.value = value;
        self.puts += 1;
    }

    #[call]
    fn puts(&self) -> u64 {
        self.puts
    }
}

/// The server as one node has it.
mod theirs {
    use super::*;

    pub(super) struct Holder(CacheSubject<u32>);

    #[gen_server(remote = "test.holder")]
    impl Holder {
        #[init]
        async fn new() -> Result<Self, StartError> {
            let cache = Cache { value: 7, puts: 0 };
            cache.start().await.map(Self)
        }

        #[call]
        fn held(&self) -> CacheSubject<u32> {
            self.0.clone()
        }
    }
}

/// The same server as the other node has it.
mod ours {
    use super::*;

    pub(super) struct Holder(CacheSubject<String>);

    #[gen_server(remote = "test.holder")]
    impl Holder {
        #[init]
        async fn new() -> Result<Self, StartError> {
            let value = String::new();
            Cache { value, puts: 0 }.start().await.map(Self)
        }

        #[call]
        pub(super) fn held(&self) -> CacheSubject<String> {
            self.0.clone()
        }
    }
}

#[ambit::test(real_time)]
async fn a_handle_of_other_parameters_calls_only_what_they_have_in_common() {
    let pair = pair().await;
    pair.far.expose::<theirs::Holder>();
    let holder = pair.near.on("far").start::<ours::Holder>(()).await.unwrap();
    let cache: CacheSubject<String> = holder.held().await.unwrap();
    let got = cache.get().await;
    assert!(
        matches!(&got, Err(CallError::Incompatible { .. })),
        "{got:?}"
    );
    let put = cache.put("eight".to_owned()).await;
    assert!(
        matches!(put, Err(CastError::Incompatible { .. })),
        "{put:?}"
    );
    assert_eq!(cache.puts().await, Ok(0));
}
