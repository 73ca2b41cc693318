//! A parser and the actor that restarts it, with ractor.

// ANCHOR: program
use std::time::Duration;

use ractor::rpc::CallResult;
use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, SupervisionEvent, call};

const SECOND: Duration = Duration::from_secs(1);

struct Parser;

enum ParserMessage {
    Parse(String, RpcReplyPort<u64>),
    Add(u64),
}

impl Actor for Parser {
    type Msg = ParserMessage;
    type State = u64;
    type Arguments = u64;

    async fn pre_start(
        &self,
        _: ActorRef<ParserMessage>,
        start: u64,
    ) -> Result<u64, ActorProcessingErr> {
        Ok(start)
    }

    async fn handle(
        &self,
        _: ActorRef<ParserMessage>,
        message: ParserMessage,
        sum: &mut u64,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            ParserMessage::Parse(text, reply) => {
                *sum += text.parse::<u64>().expect("a number");
                reply.send(*sum)?;
            }
            ParserMessage::Add(number) => *sum += number,
        }
        Ok(())
    }
}

/// Starts the parser, starts it again when it fails, and gives out the current reference.
struct Keeper;

enum KeeperMessage {
    Current(RpcReplyPort<ActorRef<ParserMessage>>),
}

struct KeeperState {
    parser: ActorRef<ParserMessage>,
    restarts: u32,
}

impl Actor for Keeper {
    type Msg = KeeperMessage;
    type State = KeeperState;
    type Arguments = ();

    async fn pre_start(
        &self,
        own: ActorRef<KeeperMessage>,
        (): (),
    ) -> Result<KeeperState, ActorProcessingErr> {
        let (parser, _) = Actor::spawn_linked(None, Parser, 100, own.into()).await?;
        let restarts = 0;
        Ok(KeeperState { parser, restarts })
    }

    async fn handle(
        &self,
        _: ActorRef<KeeperMessage>,
        message: KeeperMessage,
        state: &mut KeeperState,
    ) -> Result<(), ActorProcessingErr> {
        let KeeperMessage::Current(reply) = message;
        reply.send(state.parser.clone())?;
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        own: ActorRef<KeeperMessage>,
        event: SupervisionEvent,
        state: &mut KeeperState,
    ) -> Result<(), ActorProcessingErr> {
        if let SupervisionEvent::ActorFailed(..) = event {
            state.restarts += 1;
            if state.restarts > 3 {
                return Err("too many restarts".into());
            }
            (state.parser, _) = Actor::spawn_linked(None, Parser, 100, own.into()).await?;
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (keeper, keeper_end) = Actor::spawn(Some("keeper".into()), Keeper, ()).await?;
    let parser = call!(keeper, KeeperMessage::Current)?;

    parser.cast(ParserMessage::Add(20))?;
    let sum = call!(parser, ParserMessage::Parse, "3".to_owned())?;
    println!("sum {sum}");

    let parse = |reply| ParserMessage::Parse("three".to_owned(), reply);
    match parser.call(parse, Some(SECOND)).await? {
        CallResult::Success(sum) => println!("sum {sum}"),
        CallResult::Timeout => println!("no answer in time"),
        CallResult::SenderError => println!("no answer"),
    }

    // The old reference leads nowhere, and the new one is there when the event has been handled.
    let parser = loop {
        let current = call!(keeper, KeeperMessage::Current)?;
        if current.get_id() != parser.get_id() {
            break current;
        }
        tokio::task::yield_now().await;
    };
    let sum = call!(parser, ParserMessage::Parse, "5".to_owned())?;
    println!("sum {sum} after the restart");

    keeper.stop(None);
    keeper_end.await?;
    println!("stopped");
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
