//! How a message shows itself: in its `Debug`, and in reports.

use std::fmt;

use crate::handle::protocol::Protocol;
use crate::server::gen_server::{GenServer, Incoming};

/// How a message is written.
#[derive(Clone, Copy)]
pub enum Shape {
    /// With named arguments, and a port that is not shown.
    Call,
    /// With named arguments.
    Cast,
    /// With one value that has no name.
    Info,
}

impl Shape {
    /// Writes a message.
    ///
    /// # Errors
    /// Those of the formatter.
    pub fn show(
        self,
        formatter: &mut fmt::Formatter<'_>,
        name: &str,
        arguments: &[(&str, &dyn fmt::Debug)],
    ) -> fmt::Result {
        if let Self::Info = self {
            let mut text = formatter.debug_tuple(name);
            for (_, value) in arguments {
                text.field(value);
            }
            return text.finish();
        }
        let mut text = formatter.debug_struct(name);
        for (name, value) in arguments {
            text.field(name, value);
        }
        match self {
            Self::Call => text.finish_non_exhaustive(),
            Self::Cast | Self::Info => text.finish(),
        }
    }
}

/// What `arguments_of` gives.
pub type Text = Option<String>;

/// Shows what stands for a message in reports.
#[must_use]
pub fn text_of(message: &dyn fmt::Debug) -> Text {
    Some(format!("{message:?}"))
}

/// Shows a message in reports, whatever kind it is of.
#[must_use]
pub fn shown_as<S>(message: &Incoming<S>) -> Text
where
    S: GenServer<Info: fmt::Debug, Continue: fmt::Debug>,
    S::Protocol: Protocol<Call: fmt::Debug, Cast: fmt::Debug>,
{
    text_of(match message {
        Incoming::Call(message) => message,
        Incoming::Cast(message) => message,
        Incoming::Info(message) => message,
        Incoming::Continue(message) => message,
    })
}

/// An argument of a message, for `(&Shown(argument)).shown()` with both traits in scope: that finds [`ShowDebug`] if
/// the argument is `Debug`, and one reference further [`ShowNothing`].
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Shown<'a, T>(pub &'a T);

/// Shows an argument as itself.
#[doc(hidden)]
pub trait ShowDebug {
    fn shown(&self) -> &dyn fmt::Debug;
}

impl<T: fmt::Debug> ShowDebug for Shown<'_, T> {
    fn shown(&self) -> &dyn fmt::Debug {
        self.0
    }
}

/// Shows `_` for what has no other text.
#[doc(hidden)]
pub trait ShowNothing {
    fn shown(&self) -> &dyn fmt::Debug;
}

impl<T> ShowNothing for &Shown<'_, T> {
    fn shown(&self) -> &dyn fmt::Debug {
        &Nothing
    }
}

struct Nothing;

impl fmt::Debug for Nothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}
