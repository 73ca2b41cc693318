//! The encodings of `#[derive(Message)]` with a name and of `#[wire(..)]`: through both codecs, in both forms.

mod bytes;
mod changes;
mod generics;
mod hostile;
mod random;
mod rng;
mod shapes;
mod twins;
mod wrappers;
