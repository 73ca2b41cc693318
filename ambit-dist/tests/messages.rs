//! What `#[derive(Message)]` with a name and `#[wire(..)]` write: through both codecs, in both forms.

mod bytes;
mod changes;
mod dice;
mod generics;
mod hostile;
mod random;
mod shapes;
mod twins;
mod wrappers;
