//! Helpers shared by several test modules; three of them belong to the tests of `ambit`.

#[path = "../../ambit/tests/support/error_table.rs"]
pub(crate) mod error_table;
#[path = "../../ambit/tests/support/listening.rs"]
pub(crate) mod listening;
pub(crate) mod loopback;
#[path = "../../ambit/tests/support/traces.rs"]
pub(crate) mod traces;
pub(crate) mod wrapped_transport;
