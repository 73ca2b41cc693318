//! The handles that tests pass from one party to the other.

use ambit::prelude::*;

use super::servers::{ClerkSubject, RigSubject};

/// Any of them, as a message.
#[derive(Message, Clone, Debug)]
#[message(name = "two.handle")]
pub(crate) enum Handle {
    Plain(Subject<u8>),
    Rig(RigSubject),
    Clerk(ClerkSubject),
}

/// A handle type that tests use.
pub(crate) trait Carried: Send + Sync + 'static {
    fn into_handle(self) -> Handle;
    fn from_handle(handle: Handle) -> Self;
}

macro_rules! carried {
    ($($variant:ident($handle:ty)),*) => {$(
        impl Carried for $handle {
            fn into_handle(self) -> Handle {
                Handle::$variant(self)
            }

            fn from_handle(handle: Handle) -> Self {
                match handle {
                    Handle::$variant(handle) => handle,
                    other => panic!("{other:?} is of another type"),
                }
            }
        }
    )*};
}

carried!(Plain(Subject<u8>), Rig(RigSubject), Clerk(ClerkSubject));
