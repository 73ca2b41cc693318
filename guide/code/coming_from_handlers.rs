//! The handlers on the pages "Coming from" that have no one-to-one counterpart in other libraries, as tests.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::test::{Probe, settle};

const SECOND: Duration = Duration::from_secs(1);

/// Represents a slow request.
async fn fetch(url: String) -> usize {
    tokio::time::sleep(SECOND).await;
    url.len()
}

// ANCHOR: later
/// Replies when the work is done, and handles other messages meanwhile.
struct Downloads {
    running: usize,
}

struct Done {
    bytes: usize,
    reply: ReplyTo<usize>,
}

#[gen_server]
impl Downloads {
    #[init]
    fn new() -> Self {
        Self { running: 0 }
    }

    #[call(deferred)]
    fn download(&mut self, ctx: &mut Context<Self>, url: String, reply: ReplyTo<usize>) {
        self.running += 1;
        ctx.spawn_task(async move {
            let bytes = fetch(url).await;
            Done { bytes, reply } // arrives as an info
        });
    }

    #[info]
    fn on_done(&mut self, Done { bytes, reply }: Done) {
        self.running -= 1;
        reply.send(bytes);
    }

    #[call]
    fn running(&self) -> usize {
        self.running
    }
}
// ANCHOR_END: later

#[ambit::test]
async fn a_server_stays_responsive() -> Result<(), Box<dyn Error>> {
    let downloads = Downloads::start().await?;
    let one = downloads.download("abc".into()).send();
    let two = downloads.download("abcdef".into()).send();
    assert_eq!(downloads.running().await?, 2);
    assert_eq!((one.await?, two.await?), (3, 6));
    assert_eq!(downloads.running().await?, 0);
    Ok(())
}

struct Session {
    user: String,
}

#[gen_server]
impl Session {
    #[init]
    fn new(user: String) -> Self {
        Self { user }
    }

    #[call]
    fn greet(&self) -> String {
        format!("hello {}", self.user)
    }

    #[cast]
    fn leave(&mut self, ctx: &mut Context<Self>) {
        ctx.stop(ExitReason::Normal);
    }
}

// ANCHOR: children
/// Starts a session per user, and monitors it.
struct Lobby {
    sessions: DynamicSupervisor,
    users: BTreeMap<MonitorRef, String>,
    left: Recipient<String>,
}

#[gen_server]
impl Lobby {
    #[init]
    fn new(sessions: DynamicSupervisor, left: Recipient<String>) -> Self {
        let users = BTreeMap::new();
        Self {
            sessions,
            users,
            left,
        }
    }

    #[call]
    async fn enter(
        &mut self,
        ctx: &mut Context<Self>,
        user: String,
    ) -> Result<SessionSubject, ChildError> {
        let spec = Session::child_spec(user.clone()).restart(Restart::Temporary);
        let session = self.sessions.start_child(spec).await?;
        self.users.insert(ctx.monitor(&session), user);
        Ok(session)
    }

    #[info]
    fn on_down(&mut self, down: Down) {
        if let Some(user) = self.users.remove(&down.monitor) {
            self.left.send(user).now().ok();
        }
    }
}
// ANCHOR_END: children

#[ambit::test]
async fn a_lobby_notices_the_end_of_a_session() -> Result<(), Box<dyn Error>> {
    let mut left = Probe::<String>::new();
    let sessions = DynamicSupervisor::builder().start().await?;
    let lobby = Lobby::start(sessions.clone(), left.recipient()).await?;
    let ada = lobby.enter("Ada".into()).await??;
    assert_eq!(ada.greet().await?, "hello Ada");
    ada.leave().await?;
    assert_eq!(left.expect().await, "Ada");
    settle().await;
    assert_eq!(sessions.count_children().await?.specs, 0);
    Ok(())
}
