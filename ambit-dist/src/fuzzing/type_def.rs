//! Definitions and their contracts.

use ambit::message::{Contract, compatible};
use bytes::Bytes;

use crate::wire::{Definitions, Frame, Limits, Splitter, WireError};

/// The contract of this node, for comparison.
const OURS: &str = "\
ambit contract 1

protocol shop.counter
  call add(by: u64, note?: option<string>) -> result<u64, shop.limit>
  cast reset()

enum shop.limit version 2
  reached
    at: u64
  suspended since 2
";

/// Interprets the bytes as the content of a lane. Checks that each accepted definition is found under its number, and
/// that a contract text that parses survives a round trip and can be compared with another one.
pub fn type_def(bytes: &[u8]) {
    let limits = Limits::default().types(20).definition_bytes(20_000);
    let mut splitter = Splitter::new(&limits);
    let mut lane = Lane {
        types: Definitions::new(&limits),
        nodes: Definitions::new(&limits),
    };
    splitter.feed(Bytes::copy_from_slice(bytes));
    while let Ok(Some(raw)) = splitter.pop() {
        let Ok(Some(frame)) = raw.decode() else {
            return;
        };
        if lane.take(&frame).is_err() {
            return;
        }
    }
}

struct Lane {
    types: Definitions<String>,
    nodes: Definitions<String>,
}

impl Lane {
    fn take(&mut self, frame: &Frame<'_>) -> Result<(), WireError> {
        match *frame {
            Frame::TypeDef {
                id, name, contract, ..
            } => {
                self.types.define(id, name, contract, || name.to_owned())?;
                assert_eq!(self.types.get(id).map(String::as_str), Ok(name));
                judge(contract);
            }
            Frame::NodeDef { id, name, .. } => {
                self.nodes.define(id, name, &[], || name.to_owned())?;
                assert_eq!(self.nodes.get(id).map(String::as_str), Ok(name));
            }
            Frame::Tell { ty, .. } | Frame::Ask { ty, .. } => {
                self.types.get(ty)?;
            }
            _ => {}
        }
        Ok(())
    }
}

fn judge(text: &[u8]) {
    let Ok(Ok(theirs)) = str::from_utf8(text).map(str::parse::<Contract>) else {
        return;
    };
    assert_eq!(theirs.to_string().parse().as_ref(), Ok(&theirs));
    let ours: Contract = OURS.parse().expect("this text is a contract");
    assert!(compatible(&theirs, &theirs).is_empty());
    let breaks = compatible(&ours, &theirs);
    assert!(breaks.iter().all(|broken| !broken.to_string().is_empty()));
}
