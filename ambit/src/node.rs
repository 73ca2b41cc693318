//! The seam between this system and other nodes: what a transport such as `ambit-dist` plugs into.
//!
//! Programs do not use it. A process of another node is known here by a pid whose node is not this one; a handle on it
//! writes its messages into a [`Parcel`] and gives that to the [`Session`] that is open to the node now. What comes the
//! other way goes in through [`Attachment::accept`], and to an [`Exposed`](crate::message::Exposed) process.

mod account;
mod ask;
mod attach;
mod far;
mod gate;
mod local;
mod parcel;
mod proc;
mod send_buffer;
mod shadow;
mod spoken;
mod traced;

pub use self::account::Account;
pub use self::ask::Question;
pub use self::attach::{Attachment, Signals};
pub(crate) use self::far::Far;
pub use self::local::{Local, OnExit, link_on_behalf};
pub use self::parcel::{Parcel, Request};
pub use self::send_buffer::SendBuffer;
pub use self::shadow::{Peer, Session, Shadow, Taken};
pub use self::spoken::{Agreed, Spoken, Terms, Theirs};
pub use self::traced::{arrived, handled};
pub use crate::process::route::Signal;
pub use crate::process::signal::Cause;
