//! Chat rooms: ten thousand members in a hundred rooms receive a million messages, and none is lost.
//!
//! Each room has a speaker, which waits for capacity in full mailboxes: slow members set the pace of their own room,
//! and of no other. `--members`, `--rooms` and `--messages` change the sizes; with `--forever` the rooms stay open
//! until Ctrl-C.
#![forbid(unsafe_code)]

mod member;
mod sizes;

use std::error::Error;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use ambit::group::Group;
use ambit::system::System;

use self::member::{Member, MemberCast, MemberSubject};
use self::sizes::Sizes;

/// How long a speaker waits for a member with a full mailbox.
const PATIENCE: Duration = Duration::from_secs(60);

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sizes = Sizes::from_args(std::env::args().skip(1))?;
    // From here on Ctrl-C no longer ends the program, but is handled below.
    let interrupted = sizes.forever.then(|| tokio::spawn(tokio::signal::ctrl_c()));
    let rooms: Group<Member> = Group::new();
    let members = open(&rooms, &sizes).await?;
    say(&format!(
        "{} members in {} rooms",
        members.len(),
        rooms.groups().len()
    ))?;

    let begun = Instant::now();
    let delivered = talk(&rooms, &sizes).await;
    let heard = report(&rooms).await?;
    let lost = sizes.expected() - heard;
    say(&format!(
        "{delivered} messages delivered, {heard} heard, {lost} lost"
    ))?;
    eprintln!("in {:.1?}", begun.elapsed());

    if let Some(interrupted) = interrupted {
        say("open until Ctrl-C")?;
        interrupted.await??;
        say("closing")?;
    }
    close(&rooms, &members).await
}

/// Starts the members and adds them to their rooms, one after the other.
async fn open(rooms: &Group<Member>, sizes: &Sizes) -> Result<Vec<MemberSubject>, Box<dyn Error>> {
    let mut members = Vec::with_capacity(sizes.members);
    for n in 0..sizes.members {
        let member = Member::start(sizes.is_slow(n)).await?;
        rooms.join(&sizes.room_of(n), &member)?;
        members.push(member);
    }
    Ok(members)
}

/// Runs a speaker per room; returns how many messages were delivered to members.
async fn talk(rooms: &Group<Member>, sizes: &Sizes) -> u64 {
    let mut speakers = Vec::new();
    for room in rooms.groups() {
        let (rooms, messages) = (rooms.clone(), sizes.messages);
        speakers.push(tokio::spawn(async move {
            let mut delivered = 0;
            for number in 0..messages {
                let hear = MemberCast::Hear { number };
                delivered += rooms.broadcast_within(&room, hear, PATIENCE).await as u64;
            }
            delivered
        }));
    }
    let mut delivered = 0;
    for speaker in speakers {
        delivered += speaker.await.unwrap_or(0);
    }
    delivered
}

/// Asks every member for its report, and prints the slow ones; returns the number of received messages.
async fn report(rooms: &Group<Member>) -> Result<u64, Box<dyn Error>> {
    let mut heard = 0;
    for room in rooms.groups() {
        for (place, member) in rooms.members(&room).iter().enumerate() {
            let report = member.report().no_timeout().await?;
            heard += u64::from(report.heard);
            if report.is_slow {
                let behind = report.deepest;
                say(&format!(
                    "slow: member {place} of {room}, up to {behind} messages behind"
                ))?;
            }
        }
    }
    Ok(heard)
}

/// Stops the members in start order, and checks that nothing is left.
async fn close(rooms: &Group<Member>, members: &[MemberSubject]) -> Result<(), Box<dyn Error>> {
    for member in members {
        member.stop().await?;
    }
    let own = ambit::self_pid()?;
    let processes = ambit::inspect::processes();
    let left = processes.iter().filter(|info| info.pid != own).count();
    let (rooms, letters) = (
        rooms.groups().len(),
        System::current().map_or(0, |own| own.dead_letters()),
    );
    say(&format!(
        "left: {left} processes, {rooms} rooms, {letters} messages"
    ))?;
    Ok(())
}

/// Prints a line and flushes it, so that it appears at once in a pipe too.
fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
