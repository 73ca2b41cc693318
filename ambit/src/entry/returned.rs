//! The return value of `main`. The standard library prints an error by its `Debug`; this module prints it as a
//! sentence, with its causes.
//!
//! Method resolution selects the implementation where the type is known: the inherent one for errors, the first trait
//! for boxed errors, and the second for everything else, which the standard library prints.

use std::cell::Cell;
use std::error::Error;

use crate::exit_reason::with_causes;

/// The return value of `main`.
#[allow(missing_debug_implementations, reason = "never seen")]
pub struct Returned<T>(Cell<Option<T>>);

impl<T> Returned<T> {
    /// Wraps the return value of `main`.
    pub fn new(value: T) -> Self {
        Self(Cell::new(Some(value)))
    }

    fn take(&self) -> T {
        self.0.take().expect("it is taken once")
    }
}

impl<T, E: Error + 'static> Returned<Result<T, E>> {
    /// Returns the value, unless it is an error: then prints it and ends the program.
    #[allow(clippy::missing_errors_doc, reason = "`main` returned it")]
    pub fn __ambit_shown(&self) -> Result<T, E> {
        self.take().inspect_err(|error| end_with(error))
    }
}

/// Boxed errors, which do not implement `Error` themselves.
pub trait ReturnedBox {
    /// The type of the value.
    type Value;
    /// Like the inherent method.
    fn __ambit_shown(&self) -> Self::Value;
}

impl<T> ReturnedBox for Returned<Result<T, Box<dyn Error>>> {
    type Value = Result<T, Box<dyn Error>>;

    fn __ambit_shown(&self) -> Self::Value {
        self.take().inspect_err(|error| end_with(&**error))
    }
}

impl<T> ReturnedBox for Returned<Result<T, Box<dyn Error + Send + Sync>>> {
    type Value = Result<T, Box<dyn Error + Send + Sync>>;

    fn __ambit_shown(&self) -> Self::Value {
        self.take().inspect_err(|error| end_with(&**error))
    }
}

/// All other values.
pub trait ReturnedOther {
    /// The type of the value.
    type Value;
    /// Like the inherent method.
    fn __ambit_shown(&self) -> Self::Value;
}

impl<T> ReturnedOther for &Returned<T> {
    type Value = T;

    fn __ambit_shown(&self) -> T {
        self.take()
    }
}

/// Ends the program as an error returned from `main` does.
fn end_with(error: &(dyn Error + 'static)) {
    eprintln!("Error: {}", with_causes(error.to_string(), error.source()));
    std::process::exit(1)
}
