//! A chat room that closes after a silence, with actix.

// ANCHOR: program
use std::time::Duration;

use actix::prelude::*;

const SILENCE: Duration = Duration::from_millis(500);

#[derive(Message, Clone)]
#[rtype(result = "()")]
struct Line {
    from: String,
    text: String,
}

struct Room {
    members: Vec<Recipient<Line>>,
    silence: Option<SpawnHandle>,
}

impl Room {
    fn restart_silence(&mut self, ctx: &mut Context<Self>) {
        if let Some(old) = self.silence.take() {
            ctx.cancel_future(old);
        }
        self.silence = Some(ctx.run_later(SILENCE, |_, ctx| ctx.stop()));
    }
}

impl Actor for Room {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        self.restart_silence(ctx);
    }

    fn stopped(&mut self, _: &mut Context<Self>) {
        println!("the room closes");
    }
}

#[derive(Message)]
#[rtype(result = "usize")]
struct Join(Recipient<Line>);

impl Handler<Join> for Room {
    type Result = usize;

    fn handle(&mut self, Join(member): Join, ctx: &mut Context<Self>) -> usize {
        self.restart_silence(ctx);
        self.members.push(member);
        self.members.len()
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Say(Line);

impl Handler<Say> for Room {
    type Result = ();

    fn handle(&mut self, Say(line): Say, ctx: &mut Context<Self>) {
        self.restart_silence(ctx);
        for member in &self.members {
            member.do_send(line.clone());
        }
    }
}

#[derive(Default)]
struct Member {
    heard: Vec<String>,
}

impl Actor for Member {
    type Context = Context<Self>;
}

impl Handler<Line> for Member {
    type Result = ();

    fn handle(&mut self, Line { from, text }: Line, _: &mut Context<Self>) {
        self.heard.push(format!("{from}: {text}"));
    }
}

#[derive(Message)]
#[rtype(result = "Vec<String>")]
struct Heard;

impl Handler<Heard> for Member {
    type Result = Vec<String>;

    fn handle(&mut self, _: Heard, _: &mut Context<Self>) -> Vec<String> {
        self.heard.clone()
    }
}

#[actix::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let members = Vec::new();
    let room = Room {
        members,
        silence: None,
    }
    .start();
    let (ada, bob) = (Member::default().start(), Member::default().start());
    room.send(Join(ada.clone().recipient())).await?;
    let members = room.send(Join(bob.clone().recipient())).await?;
    println!("{members} members");

    let line = |from: &str, text: &str| Line {
        from: from.into(),
        text: text.into(),
    };
    room.send(Say(line("ada", "hello"))).await?;
    room.send(Say(line("bob", "good evening"))).await?;
    for heard in ada.send(Heard).await? {
        println!("ada heard {heard}");
    }

    // There is no monitor: ask now and then.
    while room.connected() {
        tokio::time::sleep(SILENCE / 10).await;
    }
    match room.send(Join(bob.recipient())).await {
        Ok(members) => println!("{members} members"),
        Err(MailboxError::Closed) => println!("nothing can be sent to the room"),
        Err(MailboxError::Timeout) => println!("no answer in time"),
    }
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
