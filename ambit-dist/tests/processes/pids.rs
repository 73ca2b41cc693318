//! Identities of processes.

use ambit::message::{Codec, DecodeError, EncodeError, Form, In, Out, Schema, Shape, Types, Wire};
use ambit::process::Pid;
use ambit_dist::{AnyCodec, Bincode, Postcard};

use crate::processes::node::Node;
use crate::processes::{back, read, ways, write};

#[ambit::test]
async fn a_pid_is_translated_by_the_node_in_between() {
    let pid = ambit::spawn(|_: ambit::process::Inbox<u8>| async {}).pid();
    assert_eq!(back(&pid), vec![pid; 4]);
    let node = Node::default();
    for way in ways() {
        let unknown = read::<Pid>(&7_u32.to_le_bytes(), &node, way);
        assert!(matches!(unknown, Err(DecodeError::Invalid(_))));
        assert_eq!(read::<Pid>(&[7], &node, way), Err(DecodeError::Truncated));
    }
    let mut types = Types::default();
    assert_eq!(Pid::shape(&mut types), Shape::Named("ambit.pid".into()));
}

#[test]
fn a_pid_cannot_be_encoded_without_a_node() {
    let mut out = Out::<Bincode>::new(Form::Compact);
    assert_eq!(Pid::NOBODY.put(&mut out), Err(EncodeError::NoNode));
    let mut input = In::<Bincode>::new(&[0; 4], Form::Compact);
    assert_eq!(Pid::take(&mut input), Err(DecodeError::NoNode));
}

#[test]
fn a_pid_counts_against_the_limit() {
    let node = Node::default();
    let mut out = Out::new(Form::Compact).limit(3).process_encoding(&node);
    let refused = Err(EncodeError::TooLarge { limit: 3 });
    assert_eq!(Pid::NOBODY.put(&mut out), refused);
}

#[test]
fn a_codec_that_was_agreed_on_writes_what_the_one_of_its_name_writes() {
    let value = (u64::MAX, "text".to_owned(), vec![7_u32]);
    let node = Node::default();
    for (codec, form) in ways() {
        let written = write(&value, &node, (codec, form)).unwrap();
        let alone = match codec {
            AnyCodec::Bincode => bytes::<Bincode>(&value, form),
            AnyCodec::Postcard => bytes::<Postcard>(&value, form),
        };
        assert_eq!(written, alone);
        assert_eq!(AnyCodec::from_name(codec.name()), Some(codec));
    }
    let names = AnyCodec::NAMES.map(|name| AnyCodec::from_name(name).unwrap());
    assert_eq!(names, [AnyCodec::Bincode, AnyCodec::Postcard]);
}

fn bytes<C: Codec>(value: &impl Wire, form: Form) -> Vec<u8> {
    let mut out = Out::<C>::new(form);
    value.put(&mut out).unwrap();
    out.into_bytes()
}
