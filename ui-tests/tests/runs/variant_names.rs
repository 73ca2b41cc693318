//! Enums whose variants have the names of associated types of ambit's traits.

use std::time::Duration;

use ambit::prelude::*;

#[derive(Debug, PartialEq)]
enum Line {
    Args(u8),
    Call,
    Cast,
    Info,
    Protocol,
    Subject,
}

#[gen_server(remote = "variants.line")]
impl Line {
    #[init]
    fn new(number: u8) -> Self {
        Self::Args(number)
    }

    #[call]
    fn is_busy(&self) -> bool {
        matches!(self, Self::Call | Self::Cast)
    }

    #[call(deferred)]
    fn later(&mut self, reply: ReplyTo<u8>) {
        *self = Self::Subject;
        reply.send(1);
    }

    #[cast]
    fn dial(&mut self, again: bool) {
        *self = if again { Self::Cast } else { Self::Call };
    }

    #[cast]
    async fn hang_up(&mut self) {
        *self = Self::Protocol;
    }

    #[info]
    fn on_down(&mut self, _: Down) {
        *self = Self::Info;
    }
}

enum Door {
    Internal,
    Message,
    State,
    Timeout,
}

#[state_machine(states = [Open, Shut], remote = "variants.door")]
impl Door {
    #[init]
    fn new() -> Self {
        Self::State
    }

    #[cast(Open => Shut | stay, Shut => postpone)]
    fn shut(&mut self, times: u64) -> DoorShutTo {
        *self = Self::Message;
        if times > 1 {
            DoorShutTo::Stay
        } else {
            DoorShutTo::Shut
        }
    }

    #[call(_ => stay)]
    async fn is_message(&self) -> bool {
        match self {
            Self::Message => true,
            Self::Internal | Self::State | Self::Timeout => false,
        }
    }

    #[state_timeout(Shut => Open, after = Duration::from_secs(1))]
    fn open(&mut self) {
        *self = Self::Timeout;
    }

    #[internal(_ => stay)]
    fn again(&mut self) {
        *self = Self::Internal;
    }
}

enum App {
    Args,
    Handle,
}

#[supervisor]
impl App {
    #[child]
    fn line(&self) -> ChildSpec<Line> {
        Line::child_spec(match self {
            Self::Args => 1,
            Self::Handle => 2,
        })
    }
}

#[protocol(remote = "variants.kv")]
trait Kv {
    #[call]
    fn get(&self, key: u64) -> u64;
}

enum Store {
    Args,
    Call,
    Info,
}

#[gen_server(protocol = Kv, remote = "variants.store")]
impl Store {
    #[init]
    fn new() -> Self {
        Self::Args
    }

    #[call]
    async fn get(&self, key: u64) -> u64 {
        match self {
            Self::Args => key,
            Self::Call | Self::Info => 0,
        }
    }

    #[info]
    fn on_number(&mut self, number: u64) {
        *self = if number > 1 { Self::Call } else { Self::Info };
    }
}

#[derive(Message, Clone, Debug, PartialEq)]
#[message(name = "variants.kind")]
enum Kind {
    Args,
    Name,
    Output,
}

#[ambit::test]
async fn variants_are_called_as_associated_types() {
    let app = App::Handle.start().await.unwrap();
    let line = app.line();
    assert_eq!(line.is_busy().await, Ok(false));
    line.dial(true).await.unwrap();
    assert_eq!(line.is_busy().await, Ok(true));
    assert_eq!(line.later().await, Ok(1));
    line.hang_up().await.unwrap();
    assert_eq!(line.is_busy().await, Ok(false));
    assert_ne!(Line::Info, Line::Args(1));
    let args = App::Args.start().await.unwrap();
    assert_eq!(args.line().is_busy().await, Ok(false));

    let door = Door::start().await.unwrap();
    assert_eq!(door.is_message().await, Ok(false));
    door.shut(2).await.unwrap();
    assert_eq!(door.is_message().await, Ok(true));

    let store = Store::start().await.unwrap();
    assert_eq!(store.get(3).await, Ok(3));
    assert_ne!(Kind::Args, Kind::Name);
    assert_ne!(Kind::Output, Kind::Name);
}
