//! The wire, `ambit/1`, as pure code: frames, their types and their limits.

mod close;

pub use self::close::CloseCode;
