//! The encodings of `#[derive(Message)]` with a name and of `#[wire(..)]`: through both codecs, in both forms.

mod bytes;
mod changes;
mod dice;
mod generics;
mod hostile;
mod random;
mod shapes;
mod twins;
mod wrappers;
