//! Helpers shared by several test modules.

pub(crate) mod crashes;
pub(crate) mod error_table;
pub(crate) mod hostile;
pub(crate) mod lazily;
pub(crate) mod listening;
pub(crate) mod log;
pub(crate) mod process;
pub(crate) mod program;
pub(crate) mod random;
pub(crate) mod real_time;
pub(crate) mod times;
pub(crate) mod traces;
