//! `recipient()` is one method: for the subject of a server, of one implemented by hand, and of a plain process.
use ambit::server::Protocol;

use ambit::prelude::*;
use ambit::server::Incoming;
use ambit::spawn;

struct Lines(Vec<String>);

#[gen_server]
impl Lines {
    #[init]
    fn init() -> Self {
        Self(Vec::new())
    }
    #[info]
    fn line(&mut self, line: String) {
        self.0.push(line);
    }
    #[info]
    fn number(&mut self, number: u8) {
        self.0.push(number.to_string());
    }
    #[call]
    fn lines(&self) -> Vec<String> {
        self.0.clone()
    }
}

/// A server implemented by hand: its handle is a `Subject` of itself.
struct ByHand(Option<u8>);

impl Protocol for ByHand {
    type Call = ReplyTo<Option<u8>>;
    type Cast = ();
    type Subject = Subject<Self>;
    const NAME: &'static str = "ByHand";
}

impl Handles<u8> for ByHand {
    fn into_info(message: u8) -> u8 {
        message
    }
}

impl GenServer for ByHand {
    type Protocol = Self;
    type Args = ();
    type Info = u8;
    type Continue = ();

    async fn init((): (), _: &mut Context<Self>) -> Result<Self, ExitReason> {
        Ok(Self(None))
    }

    fn handle_now(
        &mut self,
        message: Incoming<Self>,
        ctx: &mut Context<Self>,
    ) -> Result<Flow, Incoming<Self>> {
        match message {
            Incoming::Call(reply) => ctx.answer(reply, self.0),
            Incoming::Info(number) => self.0 = Some(number),
            other => return Err(other),
        }
        Ok(Flow::Continue)
    }
}

fn echo() -> Subject<u8> {
    spawn(|mut inbox: Inbox<u8>| async move {
        match inbox.recv().await {
            Some(7) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
}

#[ambit::test]
async fn a_recipient_of_any_subject_is_made_by_one_method() {
    let server = Lines::start().await.unwrap();
    let by_hand = ambit::start::<ByHand>(()).await.unwrap();
    let plain = echo();
    let all: [Recipient<u8>; 3] = [server.recipient(), by_hand.recipient(), plain.recipient()];
    for recipient in &all {
        recipient.send(7).await.unwrap();
    }
    assert_eq!(server.lines().await.unwrap(), ["7"]);
    assert_eq!(by_hand.call(|reply| reply).await, Ok(Some(7)));
    assert_eq!(plain.closed().await, ExitReason::Normal);
    let pids = all.map(|recipient| recipient.pid());
    assert_eq!(pids, [server.pid(), by_hand.pid(), plain.pid()]);
}

#[ambit::test]
async fn the_type_of_a_recipient_can_be_named_on_both_and_need_not_be_on_a_plain_process() {
    let server = Lines::start().await.unwrap();
    let plain = echo();
    server.recipient::<String>().send("a".into()).await.unwrap();
    server.as_ref().recipient::<u8>().send(1).await.unwrap();
    plain.recipient::<u8>().send(7).await.unwrap();
    assert_eq!(server.lines().await.unwrap(), ["a", "1"]);
    assert_eq!(plain.closed().await, ExitReason::Normal);
    // The type is inferred from the process alone.
    let plain = echo();
    let recipient = plain.recipient();
    recipient.send(7).await.unwrap();
    assert_eq!(plain.closed().await, ExitReason::Normal);
}

/// Works for any plain process.
fn own_messages<M: Message>(process: &Subject<M>) -> Recipient<M> {
    process.recipient()
}

#[ambit::test]
async fn a_recipient_is_made_where_only_a_message_is_known() {
    let plain = echo();
    own_messages(&plain).send(7).await.unwrap();
    assert_eq!(plain.closed().await, ExitReason::Normal);
    let before = echo();
    before.as_recipient().send(7).await.unwrap();
    assert_eq!(before.closed().await, ExitReason::Normal);
}
