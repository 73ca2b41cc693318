//! Names and registries of processes.

pub(crate) mod keyed;
pub(crate) mod local;
pub(crate) mod lock;
pub(crate) mod outbox;
pub(crate) mod registered;
pub(crate) mod registry;
pub(crate) mod small_map;
pub(crate) mod store;
pub(crate) mod wait;
