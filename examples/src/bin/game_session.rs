//! A game session as a state machine, supervised and registered under a name.
#![forbid(unsafe_code)]

use std::{collections::BTreeMap, error::Error, time::Duration};

use ambit::prelude::*;

#[derive(Default)]
struct Session {
    points: BTreeMap<String, u32>,
    path: Vec<SessionState>,
}

#[state_machine(states = [Lobby, Countdown, Running, Finished])]
impl Session {
    /// The second player starts the countdown; later players are refused.
    #[call(Lobby => Countdown | stay, _ => refuse)]
    fn join(&mut self, player: String) -> (SessionJoinTo, usize) {
        self.points.insert(player, 0);
        let players = self.points.len();
        let is_full = players == 2;
        (
            if is_full {
                SessionJoinTo::Countdown
            } else {
                SessionJoinTo::Stay
            },
            players,
        )
    }

    #[state_timeout(Countdown => Running, after = Duration::from_millis(20))]
    fn go(&mut self) {}

    /// A point scored before the start is postponed until the game runs.
    #[cast(Countdown => postpone, Running => Finished | stay, _ => ignore)]
    fn score(&mut self, player: String) -> SessionScoreTo {
        let points = self.points.entry(player).or_default();
        *points += 1;
        if *points == 3 {
            SessionScoreTo::Finished
        } else {
            SessionScoreTo::Stay
        }
    }

    #[enter]
    fn entered(&mut self, ctx: &mut Context<Self>) {
        self.path.push(ctx.state());
    }

    /// Replies when there is a winner, however early the call arrives; then the session ends.
    #[call(Finished => stay, _ => postpone)]
    fn winner(&mut self, ctx: &mut Context<Self>) -> (Option<String>, Vec<SessionState>) {
        ctx.stop(ExitReason::Normal);
        let best = self.points.iter().max_by_key(|(_, points)| **points);
        (best.map(|(player, _)| player.clone()), self.path.clone())
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sessions = DynamicSupervisor::builder().start().await?;
    let names: Registry<String, Session> = Registry::unique();
    let spec = Session::child_spec(Session::default).restart(Restart::Temporary);
    sessions.start_child(spec.via(&names, "chess")).await?;
    let chess = names.lookup("chess").ok_or("no session")?;
    let (winner, end) = (chess.winner().send(), chess.monitor());
    for player in ["ada", "bob"] {
        println!("players: {}", chess.join(player.into()).await?);
    }
    println!("eve may join: {}", chess.join("eve".into()).await.is_ok());
    for player in ["ada", "bob", "ada", "ada", "bob"] {
        chess.score(player.into()).await?;
    }
    let (winner, path) = winner.await?;
    println!("{} wins after {path:?}", winner.ok_or("nobody")?);
    println!("the session: {}, names: {}", end.await.reason, names.len());
    Ok(())
}
