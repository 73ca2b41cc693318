//! Round trips to another node of process identities and of exit reasons.

mod exits;
mod hostile;
mod lost_sessions;
mod node;
mod pids;
mod plain;
mod reasons;
mod recipients;
mod recording_session;
mod steps;
mod stops;
mod subjects;
mod waiting;

use ambit::message::{DecodeError, EncodeError, Form, In, Out, Wire};
use ambit_dist::AnyCodec;

use crate::processes::node::Node;

const FORMS: [Form; 2] = [Form::Compact, Form::Framed];
const CODECS: [AnyCodec; 2] = [AnyCodec::Bincode, AnyCodec::Postcard];

/// Returns each codec in each form.
fn ways() -> impl Iterator<Item = (AnyCodec, Form)> {
    CODECS
        .into_iter()
        .flat_map(|codec| FORMS.map(|form| (codec, form)))
}

/// Encodes a value for a node.
fn write<T: Wire>(
    value: &T,
    node: &Node,
    (codec, form): (AnyCodec, Form),
) -> Result<Vec<u8>, EncodeError> {
    let mut out = Out::with(codec, form).process_encoding(node);
    value.put(&mut out)?;
    Ok(out.into_bytes())
}

/// Decodes a value encoded for that node.
fn read<T: Wire>(
    bytes: &[u8],
    node: &Node,
    (codec, form): (AnyCodec, Form),
) -> Result<T, DecodeError> {
    let mut input = In::with(codec, bytes, form).process_encoding(node);
    let value = T::take(&mut input)?;
    input.finish()?;
    Ok(value)
}

/// Returns the value after a round trip in each combination.
fn back<T: Wire>(value: &T) -> Vec<T> {
    let node = Node::default();
    ways()
        .map(|way| {
            let bytes = write(value, &node, way).unwrap();
            read(&bytes, &node, way).unwrap()
        })
        .collect()
}
