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
    /// Returns the value; if it is an error, prints the error and ends the program instead.
    #[allow(clippy::missing_errors_doc, reason = "`main` returned it")]
    pub fn __ambit_shown(&self) -> Result<T, E> {
        self.take().inspect_err(|error| end_with(error))
    }
}

/// Return values with boxed errors, which do not implement `Error` themselves.
pub trait ReturnedBox {
    /// The type of the return value.
    type Value;
    /// Returns the value, like the inherent method of the same name.
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

/// Return values other than errors and boxed errors.
pub trait ReturnedOther {
    /// The type of the return value.
    type Value;
    /// Returns the value, like the inherent method of the same name.
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
