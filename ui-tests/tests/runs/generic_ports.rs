//! Reply ports of generic servers, and ports that are passed on.

use ambit::message::Wire;
use ambit::prelude::*;

struct Stack<T>(Vec<T>);

#[gen_server(remote = "ports.stack")]
impl<T: Wire> Stack<T> {
    #[call]
    fn pop(&mut self) -> Option<T> {
        self.0.pop()
    }

    #[call(deferred)]
    fn pop_later(&mut self, reply: ReplyTo<Option<T>>) {
        reply.send(self.0.pop());
    }
}

struct Bytes<const N: usize>([u8; N]);

#[gen_server(remote = "ports.bytes")]
impl<const N: usize> Bytes<N> {
    #[call(deferred)]
    fn all(&self, reply: ReplyTo<[u8; N]>) {
        reply.send(self.0);
    }
}

struct Clerk;

#[gen_server]
impl Clerk {
    #[call]
    fn pass_on(&mut self, other: ReplyTo<u64>) -> bool {
        other.send(1);
        true
    }

    #[call]
    fn pass_on_with(&mut self, other: ReplyTo<u64>, value: u64) {
        other.send(value);
    }
}

struct Desk(ClerkSubject);

#[gen_server]
impl Desk {
    #[call(deferred)]
    async fn ask(&mut self, reply: ReplyTo<u64>) {
        assert_eq!(self.0.pass_on(reply).await, Ok(true));
    }

    #[call(deferred)]
    async fn ask_for(&mut self, value: u64, reply: ReplyTo<u64>) {
        assert_eq!(self.0.pass_on_with(reply, value).await, Ok(()));
    }
}

#[ambit::test]
async fn ports_of_generic_types() {
    let stack = Stack(vec![1_u64, 2]).start().await.unwrap();
    assert_eq!(stack.pop_later().await, Ok(Some(2)));
    assert_eq!(stack.pop().await, Ok(Some(1)));
    let bytes = Bytes([1, 2, 3]).start().await.unwrap();
    assert_eq!(bytes.all().await, Ok([1, 2, 3]));
}

#[ambit::test]
async fn a_port_is_passed_on() {
    let clerk = Clerk.start().await.unwrap();
    let desk = Desk(clerk).start().await.unwrap();
    assert_eq!(desk.ask().await, Ok(1));
    assert_eq!(desk.ask_for(7).await, Ok(7));
}
