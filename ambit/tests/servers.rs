//! Conformance of servers and registries on one node: the numbered cases of GenServer and Registry, and the errors that
//! callers see. The name of a test for a numbered case begins with its id.

mod calls;
mod counter;
mod ending;
mod following;
mod gen_server;
mod hostile;
mod inspection;
mod lifecycle;
mod names_at_exit;
mod parents_exit;
mod recipients;
mod registry;
mod starting;
mod util;
mod waiting;
