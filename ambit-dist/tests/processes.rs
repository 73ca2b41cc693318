//! What names processes, and says what became of them, on its way to another node and back.

mod hostile;
mod node;
mod pids;
mod plain;
mod reasons;
mod recipients;
mod stops;
mod subjects;

use ambit::message::{DecodeError, EncodeError, Form, In, Out, Wire};
use ambit_dist::AnyCodec;

use crate::processes::node::Node;

const FORMS: [Form; 2] = [Form::Compact, Form::Framed];
const CODECS: [AnyCodec; 2] = [AnyCodec::Bincode, AnyCodec::Postcard];

/// Each codec in each form.
fn ways() -> impl Iterator<Item = (AnyCodec, Form)> {
    CODECS
        .into_iter()
        .flat_map(|codec| FORMS.map(|form| (codec, form)))
}

/// Writes it for a node.
fn write<T: Wire>(
    value: &T,
    node: &Node,
    (codec, form): (AnyCodec, Form),
) -> Result<Vec<u8>, EncodeError> {
    let mut out = Out::with(codec, form).abroad(node);
    value.put(&mut out)?;
    Ok(out.into_bytes())
}

/// Reads it as that node has written it.
fn read<T: Wire>(
    bytes: &[u8],
    node: &Node,
    (codec, form): (AnyCodec, Form),
) -> Result<T, DecodeError> {
    let mut input = In::with(codec, bytes, form).abroad(node);
    let value = T::take(&mut input)?;
    input.finish()?;
    Ok(value)
}

/// What comes back of it in each way.
fn back<T: Wire>(value: &T) -> Vec<T> {
    let node = Node::default();
    ways()
        .map(|way| {
            let bytes = write(value, &node, way).unwrap();
            read(&bytes, &node, way).unwrap()
        })
        .collect()
}
