//! Recipients, in messages and on their own.

use ambit::message::{DecodeError, EncodeError, Schema, Types};
use ambit::prelude::*;

use crate::processes::node::Node;
use crate::processes::{back, read, ways, write};

struct Sink(Vec<u64>);

#[gen_server(remote = "shop.sink")]
impl Sink {
    #[info]
    fn on_number(&mut self, number: u64) {
        self.0.push(number);
    }

    #[info]
    fn on_text(&mut self, text: String) {
        self.0.push(text.len() as u64);
    }

    #[call]
    fn seen(&self) -> Vec<u64> {
        self.0.clone()
    }
}

#[ambit::test]
async fn a_recipient_arrives_and_works() {
    let sink = Sink(Vec::new()).start().await.unwrap();
    let numbers: Recipient<u64> = sink.recipient();
    let texts: Recipient<String> = sink.recipient();
    for (number, text) in back(&numbers).into_iter().zip(back(&texts)) {
        assert_eq!((number.pid(), text.pid()), (sink.pid(), sink.pid()));
        number.send(1).await.unwrap();
        text.send("four".to_owned()).now().unwrap();
    }
    assert_eq!(sink.seen().await, Ok([1, 4].repeat(4)));
}

#[ambit::test]
async fn a_recipient_of_a_plain_process_and_its_handle_are_one() {
    let process = ambit::spawn(|mut inbox: Inbox<u64>| async move {
        for _ in 0..4 {
            assert_eq!(inbox.recv().await, Some(7));
        }
    });
    let node = Node::default();
    for way in ways() {
        // The order in which the two are encoded does not matter.
        let bytes = write(&process.recipient(), &node, way).unwrap();
        let handle: Subject<u64> = read(&bytes, &node, way).unwrap();
        assert_eq!(handle, process);
        let bytes = write(&handle, &node, way).unwrap();
        let recipient: Recipient<u64> = read(&bytes, &node, way).unwrap();
        recipient.send(7).await.unwrap();
    }
    assert_eq!(process.monitor().await.reason, ExitReason::Normal);
}

#[ambit::test]
async fn a_recipient_that_follows_a_name_arrives_as_its_holder() {
    let sink = Sink(Vec::new()).start().await.unwrap();
    let registry = Registry::<String, Sink>::unique();
    let name: Recipient<u64> = SinkSubject::via(&registry, "sink").recipient();
    let node = Node::default();
    for way in ways() {
        let refused = write(&name, &node, way);
        assert_eq!(refused, Err(EncodeError::NoHolder));
    }
    registry.register("sink".to_owned(), &sink).unwrap();
    for arrived in back(&name) {
        assert_eq!(arrived.pid(), sink.pid());
    }
}

#[ambit::test]
async fn a_recipient_of_another_message_is_refused() {
    let sink = Sink(Vec::new()).start().await.unwrap();
    let node = Node::default();
    for way in ways() {
        let bytes = write(&sink.recipient::<u64>(), &node, way).unwrap();
        let read = read::<Recipient<String>>(&bytes, &node, way);
        let (expected, found) = ("string", "u64");
        let wrong = DecodeError::WrongProtocol { expected, found };
        assert_eq!(read.unwrap_err(), wrong);
    }
}

#[test]
fn the_schema_of_a_recipient_is_the_name_of_its_message() {
    let mut types = Types::default();
    let shape = <Vec<Recipient<u64>>>::shape(&mut types);
    assert_eq!(shape.to_string(), "list<recipient<u64>>");
}
