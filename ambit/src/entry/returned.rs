//! What `main` returns, on its way to the standard library, which prints an error by its `Debug`: here it is printed as a
//! sentence, with its causes.
//!
//! The method is chosen where the type is known: the inherent one for errors, the next trait for boxes of them, and the last
//! for everything else, which the standard library prints.

use std::cell::Cell;
use std::error::Error;

use crate::exit_reason::with_causes;

/// What `main` has returned.
#[allow(missing_debug_implementations, reason = "never seen")]
pub struct Returned<T>(Cell<Option<T>>);

impl<T> Returned<T> {
    /// Takes what `main` has returned.
    pub fn new(value: T) -> Self {
        Self(Cell::new(Some(value)))
    }

    fn take(&self) -> T {
        self.0.take().expect("it is taken once")
    }
}

impl<T, E: Error + 'static> Returned<Result<T, E>> {
    /// Gives it back, unless it is an error: that is printed, and the program ends.
    #[allow(clippy::missing_errors_doc, reason = "it is what `main` returned")]
    pub fn __ambit_shown(&self) -> Result<T, E> {
        self.take().inspect_err(|error| end_with(error))
    }
}

/// Boxed errors, which are none themselves.
pub trait ReturnedBox {
    /// What it is.
    type Value;
    /// As the inherent method.
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

/// Everything else.
pub trait ReturnedOther {
    /// What it is.
    type Value;
    /// As the inherent method.
    fn __ambit_shown(&self) -> Self::Value;
}

impl<T> ReturnedOther for &Returned<T> {
    type Value = T;

    fn __ambit_shown(&self) -> T {
        self.take()
    }
}

/// Ends the program as an error that `main` returns does.
fn end_with(error: &(dyn Error + 'static)) {
    eprintln!("Error: {}", with_causes(error.to_string(), error.source()));
    std::process::exit(1)
}
