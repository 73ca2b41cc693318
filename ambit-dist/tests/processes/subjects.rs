//! Handles, in messages and in answers.

use std::sync::Arc;

use ambit::message::{
    AnswerAs, DecodeError, EncodeError, Exposed, Form, In, Out, Schema, Shape, Types, Wire, tag,
};
use ambit::prelude::*;
use ambit_dist::AnyCodec;

use crate::node::Node;
use crate::{back, read, ways, write};

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
struct Shop(Subject<Counter>);

#[gen_server(remote = "shop")]
impl Shop {
    #[call]
    fn counter(&self) -> Subject<Counter> {
        self.0.clone()
    }
}

async fn counter() -> Subject<Counter> {
    Counter(0).start().await.unwrap().as_ref().clone()
}

#[ambit::test]
async fn a_handle_arrives_and_works() {
    let counter = counter().await;
    for arrived in back(&counter) {
        assert_eq!(arrived, counter);
        let before = CounterSubject::from(counter.clone()).add(0).await.unwrap();
        assert_eq!(CounterSubject::from(arrived).add(2).await, Ok(before + 2));
    }
}

#[ambit::test]
async fn a_handle_that_follows_a_name_arrives_as_its_holder() {
    let counter = counter().await;
    let registry = Registry::<String, Counter>::unique();
    let name = CounterSubject::via(&registry, "till");
    let following: &Subject<Counter> = name.as_ref();
    let node = Node::default();
    for way in ways() {
        assert_eq!(write(following, &node, way), Err(EncodeError::NoHolder));
    }
    assert_eq!(node.shown(), []);
    registry
        .register("till".to_owned(), &CounterSubject::from(counter.clone()))
        .unwrap();
    for way in ways() {
        let bytes = write(following, &node, way).unwrap();
        let arrived: Subject<Counter> = read(&bytes, &node, way).unwrap();
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
        assert_eq!(read::<Subject<Other>>(&bytes, &node, way), Err(wrong));
    }
}

#[ambit::test]
async fn a_handle_is_nothing_to_nobody() {
    let counter = counter().await;
    let mut out = Out::<AnyCodec>::new(Form::Compact);
    assert_eq!(counter.put(&mut out), Err(EncodeError::NoNode));
    let mut input = In::<AnyCodec>::new(&[0; 4], Form::Compact);
    let taken = Subject::<Counter>::take(&mut input);
    assert_eq!(taken, Err(DecodeError::NoNode));
}

#[test]
fn the_schema_of_a_handle_is_the_name_of_its_protocol() {
    let mut types = Types::default();
    let shape = <Vec<Subject<Counter>>>::shape(&mut types);
    let named = Shape::Named("subject<shop.counter>".into());
    assert_eq!(shape, Shape::List(Box::new(named)));
    assert_eq!(shape.to_string(), "list<subject<shop.counter>>");
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
        let bytes = ask(AnswerAs::form(form).abroad(node.clone())).unwrap();
        let bytes = bytes.await.unwrap();
        let answer: Subject<Counter> = read(&bytes, &node, (codec, form)).unwrap();
        assert_eq!(answer, counter);
        // Without a node there is no answer, and the caller hears why.
        let refused = ask(AnswerAs::form(form)).unwrap().await;
        assert_eq!(refused, Err(EncodeError::NoNode.into()));
    }
}
