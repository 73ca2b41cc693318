//! A chat room that closes after a silence, with ambit: the program of `actix_before.rs`.

// ANCHOR: program
use std::time::Duration;

use ambit::prelude::*;

const SILENCE: Duration = Duration::from_millis(500);

#[derive(Message, Clone)]
struct Line {
    from: String,
    text: String,
}

struct Room {
    members: Vec<Recipient<Line>>,
}

#[gen_server]
impl Room {
    #[init]
    fn new(ctx: &mut Context<Self>) -> Self {
        ctx.idle_timeout(SILENCE);
        Self {
            members: Vec::new(),
        }
    }

    #[call]
    fn join(&mut self, ctx: &mut Context<Self>, member: Recipient<Line>) -> usize {
        ctx.idle_timeout(SILENCE);
        self.members.push(member);
        self.members.len()
    }

    #[call]
    fn say(&mut self, ctx: &mut Context<Self>, line: Line) {
        ctx.idle_timeout(SILENCE);
        for member in &self.members {
            member.send(line.clone()).now().ok();
        }
    }

    #[info]
    fn on_silence(&mut self, ctx: &mut Context<Self>, _: IdleTimeout) {
        ctx.stop(ExitReason::Normal);
    }

    #[terminate]
    fn close(&mut self, _: &ExitReason) {
        println!("the room closes");
    }
}

#[derive(Default)]
struct Member {
    heard: Vec<String>,
}

#[gen_server]
impl Member {
    #[info]
    fn on_line(&mut self, Line { from, text }: Line) {
        self.heard.push(format!("{from}: {text}"));
    }

    #[call]
    fn heard(&self) -> Vec<String> {
        self.heard.clone()
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let room = Room::start().await?;
    let ada = Member::default().start().await?;
    let bob = Member::default().start().await?;
    room.join(ada.recipient()).await?;
    let members = room.join(bob.recipient()).await?;
    println!("{members} members");

    let line = |from: &str, text: &str| Line {
        from: from.into(),
        text: text.into(),
    };
    room.say(line("ada", "hello")).await?;
    room.say(line("bob", "good evening")).await?;
    for heard in ada.heard().await? {
        println!("ada heard {heard}");
    }

    room.closed().await;
    match room.join(bob.recipient()).await {
        Ok(members) => println!("{members} members"),
        Err(CallError::NoProcess) => println!("nothing can be sent to the room"),
        Err(error) => println!("{error}"),
    }
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
