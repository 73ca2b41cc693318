//! The text of a message: in its `Debug`, and in reports.

use std::fmt;

use crate::handle::protocol::Protocol;
use crate::server::gen_server::{GenServer, Incoming};

/// The kind of a message, which determines its text.
#[derive(Clone, Copy)]
pub enum Shape {
    /// A call: shows named arguments, without the reply port.
    Call,
    /// A cast: shows named arguments.
    Cast,
    /// An info: shows one unnamed value.
    Info,
}

impl Shape {
    /// Writes the `Debug` text of a message: its name and its arguments.
    ///
    /// # Errors
    /// Returns the errors of the formatter.
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

/// Writes a message without arguments. Most variants need only this function and [`show_one`]: a call with a slice
/// costs more build time.
///
/// # Errors
/// Returns the errors of the formatter.
pub fn show_name(formatter: &mut fmt::Formatter<'_>, shape: Shape, name: &str) -> fmt::Result {
    shape.show(formatter, name, &[])
}

/// Writes the `Debug` text of a message with one argument.
///
/// # Errors
/// Returns the errors of the formatter.
pub fn show_one(
    formatter: &mut fmt::Formatter<'_>,
    shape: Shape,
    name: &str,
    argument: &str,
    value: &dyn fmt::Debug,
) -> fmt::Result {
    shape.show(formatter, name, &[(argument, value)])
}

/// Writes the `Debug` text of a message with two arguments.
///
/// # Errors
/// Returns the errors of the formatter.
pub fn show_two(
    formatter: &mut fmt::Formatter<'_>,
    shape: Shape,
    name: &str,
    first: &str,
    value: &dyn fmt::Debug,
    second: &str,
    other: &dyn fmt::Debug,
) -> fmt::Result {
    shape.show(formatter, name, &[(first, value), (second, other)])
}

/// The return type of [`GenServer::arguments_of`].
pub type Text = Option<String>;

/// Formats a message for reports.
#[must_use]
pub fn text_of(message: &dyn fmt::Debug) -> Text {
    Some(format!("{message:?}"))
}

/// Formats a message of any kind for reports.
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

/// An argument of a message, formatted by `Shown(argument).__ambit_shown()` with [`ShowNothing`] in scope. Method
/// resolution prefers an inherent method to a trait method, and the inherent one exists only if the argument is
/// `Debug`.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Shown<'a, T: ?Sized>(pub &'a T);

impl<'a, T: fmt::Debug> Shown<'a, T> {
    /// Formats an argument with its `Debug`.
    #[must_use]
    pub fn __ambit_shown(self) -> &'a dyn fmt::Debug {
        self.0
    }
}

/// Formats an argument without `Debug` as `_`.
#[doc(hidden)]
pub trait ShowNothing: Sized {
    fn __ambit_shown(self) -> &'static dyn fmt::Debug {
        &Nothing
    }
}

impl<T: ?Sized> ShowNothing for Shown<'_, T> {}

struct Nothing;

impl fmt::Debug for Nothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}
