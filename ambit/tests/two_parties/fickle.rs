//! A server that one party starts on the other side, with a configurable start and end.

use std::time::Duration;

use ambit::prelude::*;
use ambit::server::Ignore;

/// How it starts, and how it ends.
#[derive(Message, Clone, Debug)]
#[message(name = "two.how")]
pub(crate) enum How {
    Well,
    /// Its init takes this many milliseconds.
    Slowly(u64),
    Refuses,
    Ignores,
    Panics,
    /// Its init never completes.
    Hangs,
    /// It ends by itself before its first message.
    Ends(ExitReason),
    /// It panics in its terminate.
    Fails,
}

pub(crate) struct Fickle {
    how: How,
}

#[gen_server(remote = "two.fickle")]
impl Fickle {
    #[init]
    pub(crate) async fn init(ctx: &mut Context<Self>, how: How) -> Result<Self, ExitReason> {
        match &how {
            How::Slowly(millis) => tokio::time::sleep(Duration::from_millis(*millis)).await,
            How::Refuses => return Err(ExitReason::error("no luck")),
            How::Ignores => return Err(Ignore.into()),
            How::Panics => panic!("no luck"),
            How::Hangs => std::future::pending().await,
            How::Ends(reason) => {
                let reason = reason.clone();
                ctx.continue_with(FickleContinue::End { reason });
            }
            How::Well | How::Fails => {}
        }
        Ok(Self { how })
    }

    #[continue_with]
    fn end(&mut self, ctx: &mut Context<Self>, reason: ExitReason) {
        ctx.stop(reason);
    }

    #[call]
    pub(crate) fn ping(&self) -> u64 {
        7
    }

    #[terminate]
    fn bye(&mut self, _reason: &ExitReason) {
        assert!(!matches!(self.how, How::Fails), "no luck at the end");
    }
}
