//! A server that is part of a public interface whose documentation must be complete.

/// The public interface.
pub mod interface {
    #![deny(missing_docs, unreachable_pub, missing_debug_implementations)]
    #![deny(
        clippy::all,
        clippy::missing_errors_doc,
        clippy::missing_panics_doc,
        clippy::must_use_candidate
    )]

    use ambit::prelude::*;

    /// Counts.
    #[derive(Debug)]
    pub struct Counter {
        value: u64,
    }

    #[gen_server]
    impl Counter {
        /// Starts at `value`.
        #[must_use]
        #[init]
        pub fn new(value: u64) -> Self {
            Self { value }
        }

        /// The value.
        #[must_use]
        #[call]
        pub fn get(&self) -> u64 {
            self.value
        }

        /// Sets it.
        #[cast]
        pub fn set(&mut self, value: u64) {
            self.value = value;
        }

        /// Sets it as well.
        #[info]
        fn on_number(&mut self, number: u64) {
            self.value = number;
        }
    }
}

#[ambit::test]
async fn a_public_server_is_documented() {
    use ambit::prelude::*;
    let counter = interface::Counter::start(1).await.unwrap();
    counter.set(2).await.unwrap();
    assert_eq!(counter.get().await, Ok(2));
    let message: interface::CounterCast = interface::CounterCast::Set { value: 3 };
    Subject::send(counter.as_ref(), message).await.unwrap();
    assert_eq!(counter.get().await, Ok(3));
}
