//! Helper methods of generic servers that take the `Context` of the standard library.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{self, Poll, Waker};

use ambit::prelude::*;

struct Queue<T> {
    items: Vec<T>,
}

#[gen_server]
impl<T: Clone> Queue<T> {
    #[call]
    fn first(&self) -> Option<T> {
        self.items.first().cloned()
    }

    #[call]
    fn label(&self, ctx: &mut Context<Self>) -> u64 {
        ctx.label("queue");
        Self::length_of(ctx, &self.items)
    }

    fn length_of(ctx: &Context<Self>, items: &[T]) -> u64 {
        let _ = ctx.pid();
        items.len().try_into().unwrap_or(u64::MAX)
    }

    fn poll_item(&mut self, _: &mut task::Context<'_>) -> Poll<Option<T>> {
        Poll::Ready(self.items.pop())
    }

    fn poll_pinned(self: Pin<&mut Self>, _: &mut task::Context<'_>) -> Poll<usize>
    where
        T: Unpin,
    {
        Poll::Ready(self.items.len())
    }
}

#[ambit::test]
async fn helpers_with_a_context_of_std_have_no_bounds() {
    let mut queue = Queue {
        items: vec![Rc::new(1)],
    };
    let mut cx = task::Context::from_waker(Waker::noop());
    assert_eq!(Pin::new(&mut queue).poll_pinned(&mut cx), Poll::Ready(1));
    assert_eq!(queue.poll_item(&mut cx), Poll::Ready(Some(Rc::new(1))));
    let sent = Queue { items: vec![7] }.start().await.unwrap();
    assert_eq!(sent.first().await, Ok(Some(7)));
    assert_eq!(sent.label().await, Ok(1));
}
