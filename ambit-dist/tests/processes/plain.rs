//! Plain processes: the type of their messages is their protocol.

use std::sync::Arc;

use ambit::message::{AnswerAs, DecodeError, Exposed, Form, In, Out, Remote, Schema, Types, tag};
use ambit::prelude::*;
use ambit_dist::{AnyCodec, Bincode};

use crate::processes::back;

#[derive(Message, Clone, Debug, PartialEq)]
#[message(name = "shop.order")]
enum Order {
    Coffee { sugar: bool },
    Tea,
}

#[derive(Message, Clone, Debug, PartialEq)]
#[message(name = "shop.page")]
struct Page<T> {
    rows: Vec<T>,
}

#[wire(name = "foreign.Id")]
#[derive(Clone, Debug, PartialEq)]
struct Id(u64);

/// Sends the message to a process through its bytes, and returns what arrived.
async fn through<M: Remote<Cast = M, Call = std::convert::Infallible> + Message + Clone>(
    message: M,
    form: Form,
) -> M {
    let (tell, told) = tokio::sync::oneshot::channel();
    let process = ambit::spawn(|mut inbox: Inbox<M>| async move {
        let _ = tell.send(inbox.recv().await.unwrap());
    });
    let exposed: Arc<dyn Exposed<Bincode>> = Arc::new(process);
    assert_eq!(exposed.remote(), M::REMOTE);
    let mut out = Out::<Bincode>::new(form);
    M::put_cast(&message, &mut out).unwrap();
    let bytes = out.into_bytes();
    let method = M::cast_tag(&message);
    assert_eq!(method, tag("message"));
    exposed.cast(method, In::new(&bytes, form)).unwrap();
    told.await.unwrap()
}

#[ambit::test]
async fn a_message_with_a_name_reaches_a_plain_process() {
    for form in crate::processes::FORMS {
        let coffee = Order::Coffee { sugar: true };
        assert_eq!(through(coffee.clone(), form).await, coffee);
        assert_eq!(through(Order::Tea, form).await, Order::Tea);
        let page = Page { rows: vec![1_u64] };
        assert_eq!(through(page.clone(), form).await, page);
        assert_eq!(through(Id(7), form).await, Id(7));
        assert_eq!(through("hi".to_owned(), form).await, "hi");
        assert_eq!(through(7_u64, form).await, 7);
        assert_eq!(through((), form).await, ());
    }
    let names = [Order::REMOTE, <Page<u64>>::REMOTE, Id::REMOTE, u64::REMOTE];
    assert_eq!(names, ["shop.order", "shop.page", "foreign.Id", "u64"]);
}

#[ambit::test]
async fn the_handle_of_a_plain_process_arrives_and_works() {
    let process = ambit::spawn(|mut inbox: Inbox<Order>| async move {
        for _ in 0..4 {
            assert_eq!(inbox.recv().await, Some(Order::Tea));
        }
    });
    for arrived in back(&process) {
        assert_eq!(arrived, process);
        arrived.send(Order::Tea).await.unwrap();
    }
    assert_eq!(process.monitor().await.reason, ExitReason::Normal);
    let shape = <Subject<Order>>::shape(&mut Types::default());
    assert_eq!(shape.to_string(), "subject<shop.order>");
}

#[test]
fn a_plain_process_has_one_method() {
    let mut types = Types::default();
    let interface = Order::interface(&mut types);
    let [method] = &interface.methods[..] else {
        panic!("{interface:?}")
    };
    assert_eq!((method.name.as_str(), method.kind()), ("message", "cast"));
    assert_eq!(method.args[0].shape.to_string(), "shop.order");
    assert!(types.into_definitions().unwrap().contains_key("shop.order"));
}

#[ambit::test]
async fn an_invalid_message_is_rejected() {
    let process: Subject<Order> = ambit::spawn(|mut inbox: Inbox<Order>| async move {
        assert_eq!(inbox.recv().await, None);
    });
    let exposed: Arc<dyn Exposed<AnyCodec>> = Arc::new(process.clone());
    let form = Form::Compact;
    let unknown = |tag| DecodeError::UnknownMethod {
        of: "shop.order",
        tag,
    };
    let call = exposed.call(tag("message"), In::new(&[], form), AnswerAs::form(form));
    assert_eq!(call.unwrap_err(), unknown(tag("message")));
    let never = exposed.cast(tag("never"), In::new(&[], form));
    assert_eq!(never.unwrap_err(), unknown(tag("never")).into());
    let cut = exposed.cast(tag("message"), In::new(&[1], form));
    assert_eq!(cut.unwrap_err(), DecodeError::Truncated.into());
    process.stop().await.unwrap();
}
