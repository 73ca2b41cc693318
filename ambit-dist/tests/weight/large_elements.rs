//! The memory of a decoded value is bounded by the length of its encoding, even if its elements are large.

use std::collections::{BTreeMap, HashSet, LinkedList};

use ambit::message::{Budget, Codec, DecodeError, EncodeError, Form, In, Out, Wire};
use ambit::prelude::*;
use ambit_dist::Bincode;

use crate::{ALLOCATOR, SCALES};

/// A value of a kilobyte that takes one byte if it is missing.
type Large = Option<[u64; 128]>;

/// A tree with a large part in each node, which takes few bytes.
#[derive(Debug, PartialEq, Message)]
#[message(name = "weight.tree")]
struct Tree {
    large: Large,
    below: Option<Box<Self>>,
}

/// Large elements of a foreign type, which serde decodes.
#[ambit::wire(name = "weight.foreign")]
#[derive(Debug, PartialEq)]
struct Foreign(Vec<Option<[u64; 32]>>);

/// Returns the encoding of a list of 2^20 elements with the same encoding.
fn repeated(element: &[u8]) -> Vec<u8> {
    let count = 1 << 20;
    let mut out = Out::<Bincode>::new(Form::Compact);
    out.length(count).unwrap();
    out.raw(&element.repeat(count)).unwrap();
    out.into_bytes()
}

/// Decodes the bytes, and checks that the error names the limit for their length, and that all allocations together
/// take a small multiple of it: a list that grows is copied several times.
#[track_caller]
fn refused<T: Wire>(bytes: &[u8]) {
    let limit = bytes.len() * Budget::MEMORY_PER_BYTE + Budget::FREE_MEMORY;
    let before = ALLOCATOR.stats();
    let result = T::take(&mut In::<Bincode>::new(bytes, Form::Compact)).err();
    let allocated = ALLOCATOR.stats().bytes_allocated - before.bytes_allocated;
    assert_eq!(result, Some(DecodeError::TooMuchMemory { limit }));
    assert!(
        allocated < 5 * limit,
        "{allocated} bytes for a limit of {limit}"
    );
}

#[ambit::test(real_time)]
async fn large_elements_of_few_bytes_do_not_fill_the_memory() {
    let _alone = SCALES.lock().await;
    let missing = repeated(&[0]);
    refused::<Vec<Large>>(&missing);
    refused::<LinkedList<Large>>(&missing);
    refused::<Foreign>(&missing);
    refused::<Vec<Option<Box<Large>>>>(&repeated(&[1, 0]));
    // Equal elements of a set or a map are counted too.
    refused::<HashSet<Large>>(&missing);
    refused::<BTreeMap<u8, Large>>(&repeated(&[0, 0]));
}

fn written<T: Wire>(value: &T) -> Result<Vec<u8>, EncodeError> {
    let mut out = Out::<Bincode>::new(Form::Compact);
    value.put(&mut out)?;
    Ok(out.into_bytes())
}

/// Returns the encoding and the decoded value.
fn through<C: Codec, T: Wire>(value: &T, form: Form) -> Result<T, EncodeError> {
    let mut out = Out::<C>::new(form);
    value.put(&mut out)?;
    let bytes = out.into_bytes();
    let mut input = In::<C>::new(&bytes, form);
    Ok(T::take(&mut input).expect("the value has been written"))
}

#[ambit::test(real_time)]
async fn a_value_within_the_memory_limit_is_sent_and_one_above_it_is_not() {
    let _alone = SCALES.lock().await;
    let free = Budget::FREE_MEMORY / size_of::<Large>();
    for form in [Form::Compact, Form::Framed] {
        let list: Vec<Large> = vec![None; free];
        assert_eq!(through::<Bincode, _>(&list, form).unwrap().len(), free);
        // Elements that are present pay for themselves.
        let list: Vec<Large> = vec![Some([u64::MAX; 128]); free + free / 2];
        assert_eq!(
            through::<Bincode, _>(&list, form).unwrap().len(),
            list.len()
        );
    }
    let many: Vec<Large> = vec![None; free * 2];
    let error = written(&many).unwrap_err();
    assert!(
        matches!(error, EncodeError::TooMuchMemory { .. }),
        "{error:?}"
    );
    let map: BTreeMap<u64, Large> = (0..free as u64 * 2).map(|key| (key, None)).collect();
    let error = written(&map).unwrap_err();
    assert!(
        matches!(error, EncodeError::TooMuchMemory { .. }),
        "{error:?}"
    );
}

#[ambit::test(real_time)]
async fn boxes_in_a_deep_value_are_counted() {
    let _alone = SCALES.lock().await;
    let chain = || {
        let leaf = Tree {
            large: None,
            below: None,
        };
        (0..60).fold(leaf, |below, _| Tree {
            large: None,
            below: Some(Box::new(below)),
        })
    };
    let few: Vec<Tree> = (0..200).map(|_| chain()).collect();
    assert_eq!(through::<Bincode, _>(&few, Form::Compact).unwrap(), few);
    let many: Vec<Tree> = (0..400).map(|_| chain()).collect();
    let error = written(&many).unwrap_err();
    assert!(
        matches!(error, EncodeError::TooMuchMemory { .. }),
        "{error:?}"
    );
}
