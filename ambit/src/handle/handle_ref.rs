//! The handle inside a call, a cast or a reservation.

use std::ops::Deref;

use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;

/// A handle that is borrowed, or owned by a `'static` builder.
pub(crate) enum HandleRef<'a, P: Protocol + ?Sized> {
    Borrowed(&'a Subject<P>),
    Owned(Subject<P>),
}

impl<P: Protocol + ?Sized> Deref for HandleRef<'_, P> {
    type Target = Subject<P>;

    fn deref(&self) -> &Subject<P> {
        match self {
            Self::Borrowed(subject) => subject,
            Self::Owned(subject) => subject,
        }
    }
}
