//! Attributes under `cfg_attr`, which apply to the generated items too.

use ambit::prelude::*;

struct Counter;

#[gen_server(remote = "conditional.counter")]
impl Counter {
    #[cfg_attr(all(), cfg(any()))]
    #[call]
    fn gone(&self) -> Missing {
        missing()
    }

    #[cfg_attr(all(), cfg_attr(all(), cfg(any())))]
    #[cast]
    fn gone_deeper(&mut self, _missing: Missing) {}

    #[cfg_attr(any(), cfg(any()))]
    #[call]
    fn stays(&self) -> u8 {
        1
    }

    #[cfg_attr(all(), deprecated(note = "use `stays`"), must_use = "it is the answer")]
    #[call]
    fn old(&self) -> u8 {
        2
    }

    #[cfg_attr(
        all(),
        doc = "The documentation is conditional, with the `must_use`.",
        allow(non_snake_case)
    )]
    #[call]
    fn upperCase(&self) -> u8 {
        3
    }

    #[cfg_attr(all(), expect(non_snake_case))]
    #[cast]
    fn lowerCase(&mut self) {}

    #[cfg_attr(all(), cfg(any()))]
    #[info]
    fn on_missing(&mut self, _missing: Missing) {}
}

#[ambit::test]
async fn attributes_under_a_condition_are_those_of_the_handle() {
    let counter = Counter.start().await.unwrap();
    assert_eq!(counter.stays().await, Ok(1));
    #[expect(deprecated, reason = "that is what the user's attribute says")]
    let old = counter.old();
    assert_eq!(old.await, Ok(2));
    assert_eq!(counter.upperCase().await, Ok(3));
    counter.lowerCase().await.unwrap();
}
