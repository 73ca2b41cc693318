//! Messages that contain messages and handles of their own server, or of one another.

use ambit::prelude::*;

struct Log(u64);

#[gen_server]
impl Log {
    #[call]
    fn count(&self) -> u64 {
        self.0
    }

    #[cast]
    fn add(&mut self, by: u64) {
        self.0 += by;
    }

    #[cast]
    async fn replay(
        &mut self,
        ctx: &mut Context<Self>,
        casts: Vec<LogCast>,
    ) -> Result<(), CastError> {
        let own = ctx.subject();
        for cast in casts {
            own.send(cast).await?;
        }
        Ok(())
    }

    #[allow(clippy::boxed_local)]
    #[cast]
    fn again(&mut self, ctx: &mut Context<Self>, message: Box<LogCast>, own: LogSubject) {
        assert_eq!(own, ctx.subject());
        ctx.send_after(std::time::Duration::ZERO, *message);
    }

    #[info]
    fn on_cast(&mut self, cast: LogCast) {
        if let LogCast::Add { by } = cast {
            self.0 += by;
        }
    }
}

#[ambit::test]
async fn casts_hold_casts() {
    let log = Log(0).start().await.unwrap();
    let casts = vec![LogCast::Add { by: 1 }, LogCast::Add { by: 2 }];
    log.replay(casts).await.unwrap();
    log.again(Box::new(LogCast::Add { by: 4 }), log.clone())
        .await
        .unwrap();
    ambit::test::settle().await;
    assert_eq!(log.count().await, Ok(7));
    let replay = LogCast::Replay { casts: vec![] };
    assert_eq!(format!("{replay:?}"), "Replay { casts: [] }");
}

struct Ping {
    seen: Vec<PongCast>,
}

struct Pong {
    seen: Vec<PingCast>,
}

#[gen_server]
impl Ping {
    #[cast]
    fn ping(&mut self, from: Option<PongSubject>, casts: Vec<PongCast>) {
        let _ = from;
        self.seen.extend(casts);
    }

    #[call]
    fn seen(&mut self) -> usize {
        self.seen.drain(..).count()
    }
}

#[gen_server]
impl Pong {
    #[cast]
    fn pong(&mut self, from: Option<PingSubject>, casts: Vec<PingCast>) {
        let _ = from;
        self.seen.extend(casts);
    }

    #[call]
    fn seen(&mut self) -> usize {
        self.seen.drain(..).count()
    }
}

#[ambit::test]
async fn messages_of_two_servers_hold_one_another() {
    let ping = Ping { seen: vec![] }.start().await.unwrap();
    let pong = Pong { seen: vec![] }.start().await.unwrap();
    let inner = PongCast::Pong {
        from: Some(ping.clone()),
        casts: vec![],
    };
    ping.ping(Some(pong.clone()), vec![inner]).await.unwrap();
    assert_eq!(ping.seen().await, Ok(1));
    pong.pong(None, vec![]).await.unwrap();
    assert_eq!(pong.seen().await, Ok(0));
}

/// The cast of a film: a user's type that is named like a message.
#[derive(Clone)]
struct Cast {
    actors: Vec<String>,
}

struct Film {
    actors: usize,
}

#[gen_server]
impl Film {
    #[cast]
    fn set(&mut self, cast: Cast) {
        self.actors = cast.actors.len();
    }

    #[call]
    fn actors(&self) -> usize {
        self.actors
    }
}

#[ambit::test]
async fn a_message_holds_a_type_that_is_named_cast() {
    let film = Film { actors: 0 }.start().await.unwrap();
    let group: ambit::group::Group<Film> = ambit::group::Group::new();
    group.join("films", &film).unwrap();
    let cast = Cast {
        actors: vec!["one".into(), "two".into()],
    };
    assert_eq!(group.broadcast("films", FilmCast::Set { cast }), 1);
    assert_eq!(film.actors().await, Ok(2));
}
