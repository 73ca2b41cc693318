//! One server per session, started on demand, found by its user, and stopped when it is done.
#![forbid(unsafe_code)]

use std::error::Error;

use ambit::prelude::*;

/// The basket of one user.
#[derive(Default)]
struct Session {
    basket: Vec<String>,
}

#[gen_server]
impl Session {
    #[call]
    fn add(&mut self, item: String) -> usize {
        assert!(!item.is_empty(), "nobody can buy nothing");
        self.basket.push(item);
        self.basket.len()
    }

    #[call]
    fn check_out(&mut self, ctx: &mut Context<Self>) -> String {
        ctx.stop(ExitReason::Normal);
        self.basket.join(", ")
    }
}

struct Shop {
    sessions: DynamicSupervisor,
    users: Registry<String, Session>,
}

impl Shop {
    /// Returns the session of this user, and starts it if there is none.
    async fn session(&self, user: &str) -> Result<SessionSubject, ChildError> {
        if let Some(session) = self.users.lookup(user) {
            return Ok(session);
        }
        // Temporary: after a crash the next request starts it, and no restart competes for the key.
        let spec = Session::child_spec(Session::default).restart(Restart::Temporary);
        match self.sessions.start_child(spec.via(&self.users, user)).await {
            // A concurrent request was faster.
            Err(ChildError::Start(StartError::AlreadyRegistered { .. })) => {
                Ok(self.users.via(user))
            }
            started => started,
        }
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let builder = DynamicSupervisor::builder().max_children(2);
    let (sessions, users) = (builder.start().await?, Registry::unique());
    let shop = Shop { sessions, users };
    for (user, item) in [("ada", "a lamp"), ("bob", "a chair"), ("ada", "a rug")] {
        let items = shop.session(user).await?.add(item.into()).await?;
        println!("{user} has {items}");
    }
    if let Err(error) = shop.session("eve").await {
        println!("eve: {error}");
    }

    // A crash loses one basket; a session that is done frees its slot.
    let (ada, bob) = (shop.session("ada").await?, shop.session("bob").await?);
    let crashed = bob.add(String::new()).await.is_err();
    println!("bob's session has crashed: {crashed}");
    let end = ada.monitor();
    println!("ada buys {}", ada.check_out().await?);
    println!("ada's session: {}", end.await.reason);
    let count = shop.sessions.count_children().await?;
    println!("sessions: {}", count.active);
    for (user, item) in [("bob", "a desk"), ("eve", "a bed")] {
        let items = shop.session(user).await?.add(item.into()).await?;
        println!("{user} has {items}");
    }
    Ok(())
}
