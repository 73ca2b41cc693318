//! Handles, in messages and in answers.

use std::sync::Arc;

use ambit::message::{
    AnswerAs, DecodeError, EncodeError, Exposed, Form, In, Out, Schema, Shape, Types, Wire, tag,
};
use ambit::prelude::*;
use ambit_dist::AnyCodec;

use crate::processes::node::Node;
use crate::processes::{back, read, ways, write};

struct Counter(u64);

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[call]
    fn add(&mut self, by: u64) -> u64 {
        self.0 += by;
        self.0
    }
}

struct Other;

#[gen_server(remote = "shop.other")]
impl Other {}

/// Hands out a counter.
struct Shop(CounterSubject);

#[gen_server(remote = "shop")]
impl Shop {
    #[call]
    fn counter(&self) -> CounterSubject {
        self.0.clone()
    }
}

/// A protocol without a server type.
#[protocol(remote = "shop.kv")]
trait Kv {
    #[call]
    fn get(&self) -> u64;
}

struct Memory(u64);

#[gen_server(protocol = Kv)]
impl Memory {
    #[call]
    fn get(&self) -> u64 {
        self.0
    }
}

/// A server with items of any type, under one name on the wire.
struct Shelf<T>(Vec<T>);

#[gen_server(remote = "shop.shelf")]
impl<T: Wire + Clone> Shelf<T> {
    #[call]
    fn items(&self) -> Vec<T> {
        self.0.clone()
    }
}

/// Handles of several kinds next to each other.
#[derive(Message, Clone, Debug, PartialEq)]
#[message(name = "shop.staff")]
struct Staff {
    counter: CounterSubject,
    store: Option<KvSubject>,
    shelves: Vec<ShelfSubject<String>>,
}

async fn counter() -> CounterSubject {
    Counter(0).start().await.unwrap()
}

#[ambit::test]
async fn a_handle_arrives_and_works() {
    let counter = counter().await;
    for arrived in back(&counter) {
        assert_eq!(arrived, counter);
        let before = counter.add(0).await.unwrap();
        assert_eq!(arrived.add(2).await, Ok(before + 2));
    }
}

#[ambit::test]
async fn handles_arrive_in_a_message() {
    let staff = Staff {
        counter: counter().await,
        store: Some(Memory(7).start().await.unwrap()),
        shelves: vec![Shelf(vec!["tea".to_owned()]).start().await.unwrap()],
    };
    for arrived in back(&staff) {
        assert_eq!(arrived, staff);
        assert_eq!(arrived.store.unwrap().get().await, Ok(7));
        assert_eq!(arrived.shelves[0].items().await, Ok(vec!["tea".into()]));
    }
}

#[ambit::test]
async fn a_handle_is_a_message() {
    let counter = counter().await;
    let asked = ambit::spawn(|mut inbox: Inbox<CounterSubject>| async move {
        inbox.recv().await.unwrap().add(3).await.unwrap();
    });
    asked.send(counter.clone()).await.unwrap();
    assert_eq!(asked.monitor().await.reason, ExitReason::Normal);
    assert_eq!(counter.add(0).await, Ok(3));
}

#[ambit::test]
async fn a_handle_that_follows_a_name_arrives_as_its_holder() {
    let counter = counter().await;
    let registry = Registry::<String, Counter>::unique();
    let name = CounterSubject::via(&registry, "till");
    let node = Node::default();
    for way in ways() {
        assert_eq!(write(&name, &node, way), Err(EncodeError::NoHolder));
    }
    assert_eq!(node.shown(), []);
    registry.register("till".to_owned(), &counter).unwrap();
    for way in ways() {
        let bytes = write(&name, &node, way).unwrap();
        let arrived: CounterSubject = read(&bytes, &node, way).unwrap();
        assert_eq!(arrived, counter);
    }
    assert_eq!(node.shown(), [counter.pid(); 4]);
}

#[ambit::test]
async fn a_handle_of_another_protocol_is_refused() {
    let (counter, node) = (counter().await, Node::default());
    for way in ways() {
        let bytes = write(&counter, &node, way).unwrap();
        let wrong = DecodeError::WrongProtocol {
            expected: "shop.other",
            found: "shop.counter",
        };
        assert_eq!(read::<OtherSubject>(&bytes, &node, way), Err(wrong));
    }
}

#[ambit::test]
async fn a_handle_cannot_be_encoded_without_a_node() {
    let counter = counter().await;
    let mut out = Out::<AnyCodec>::new(Form::Compact);
    assert_eq!(counter.put(&mut out), Err(EncodeError::NoNode));
    let mut input = In::<AnyCodec>::new(&[0; 4], Form::Compact);
    let taken = CounterSubject::take(&mut input);
    assert_eq!(taken, Err(DecodeError::NoNode));
}

#[test]
fn the_schema_of_a_handle_is_the_name_of_its_protocol() {
    let mut types = Types::default();
    let shape = <Vec<CounterSubject>>::shape(&mut types);
    let named = Shape::Named("subject<shop.counter>".into());
    assert_eq!(shape, Shape::List(Box::new(named)));
    assert_eq!(shape.to_string(), "list<subject<shop.counter>>");
    // Both handles of one server are one type on the wire.
    let untyped = <Vec<Subject<Counter>>>::shape(&mut types);
    assert_eq!(untyped, shape);
    let kv = KvSubject::shape(&mut types);
    assert_eq!(kv.to_string(), "subject<shop.kv>");
    assert_eq!(types.into_definitions().unwrap().len(), 2);
}

#[ambit::test]
async fn an_answer_may_hold_a_handle() {
    let counter = counter().await;
    let shop = Shop(counter.clone()).start().await.unwrap();
    let subject: &Subject<Shop> = shop.as_ref();
    let exposed: Arc<dyn Exposed<AnyCodec>> = Arc::new(subject.clone());
    let node = Arc::new(Node::default());
    for (codec, form) in ways() {
        // A record without fields.
        let question: &[u8] = match form {
            Form::Compact => &[],
            Form::Framed => &[0, 0],
        };
        let ask = |answer| exposed.call(tag("counter"), In::with(codec, question, form), answer);
        let bytes = ask(AnswerAs::form(form).process_encoding(node.clone())).unwrap();
        let bytes = bytes.await.unwrap();
        let answer: CounterSubject = read(&bytes, &node, (codec, form)).unwrap();
        assert_eq!(answer, counter);
        // Without a node there is no answer, and the caller receives the error.
        let refused = ask(AnswerAs::form(form)).unwrap().await;
        assert_eq!(refused, Err(EncodeError::NoNode.into()));
    }
}
