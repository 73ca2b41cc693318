//! Methods under `cfg`, and attributes of other kinds.

use ambit::prelude::*;

struct Server {
    value: u64,
    #[cfg(test)]
    only_here: u64,
}

#[gen_server]
impl Server {
    #[init]
    #[cfg(test)]
    fn new(value: u64) -> Self {
        Self {
            value,
            only_here: 1,
        }
    }

    #[cfg(not(test))]
    #[init]
    fn new(value: Missing) -> Self {
        Self { value }
    }

    #[call]
    #[cfg(test)]
    fn get(&self) -> u64 {
        self.value + self.only_here
    }

    #[call]
    #[cfg(not(test))]
    fn get(&self, how: Missing) -> u64 {
        self.value
    }

    #[cfg(all(test, not(doc)))]
    #[cast]
    async fn set(&mut self, value: u64) {
        self.value = value;
    }

    #[info]
    #[cfg(test)]
    fn on_number(&mut self, number: u64) {
        self.value = number;
    }

    #[info]
    #[cfg(any())]
    fn on_text(&mut self, text: Missing) {}

    #[continue_with]
    #[cfg(any())]
    fn never(&mut self, text: Missing) {}

    #[terminate]
    #[cfg(any())]
    fn bye(&mut self, _: &ExitReason) {}

    #[cfg_attr(test, doc = "Documented where it is compiled for tests.")]
    #[inline(never)]
    #[must_use]
    #[call]
    fn inlined(&self) -> u64 {
        self.value
    }

    #[cold]
    #[track_caller]
    #[cast]
    fn traced(&mut self) {
        self.value += 1;
    }

    #[rustfmt::skip]
    #[call]    fn  odd ( & self , ) ->  u64  { self . value }

    #[expect(clippy::unused_async)]
    #[call]
    async fn spanned(&mut self, by: u64) -> u64 {
        self.value + by
    }
}

#[ambit::test]
#[allow(clippy::let_underscore_future)]
async fn methods_under_cfg_are_compiled_conditionally() {
    let server = Server::start(1).await.unwrap();
    assert_eq!(server.get().await, Ok(2));
    server.set(3).await.unwrap();
    server.recipient::<u64>().send(4).await.unwrap();
    server.traced().await.unwrap();
    assert_eq!(server.inlined().await, Ok(5));
    assert_eq!(server.odd().await, Ok(5));
    assert_eq!(server.spanned(1).await, Ok(6));
}
