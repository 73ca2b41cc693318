//! Two nodes in the simulation, with several seeds each.

#[path = "../../../ambit/tests/two_parties/calls.rs"]
mod calls;
#[path = "../../../ambit/tests/two_parties/fickle.rs"]
mod fickle;
#[path = "../../../ambit/tests/two_parties/handles.rs"]
mod handles;
#[path = "../../../ambit/tests/two_parties/links.rs"]
mod links;
#[path = "../../../ambit/tests/support/log.rs"]
mod log;
#[path = "lost.rs"]
mod lost;
#[path = "../../../ambit/tests/two_parties/monitors.rs"]
mod monitors;
mod network;
#[path = "../../../ambit/tests/two_parties/parties.rs"]
mod parties;
#[allow(dead_code, reason = "here a system has a seed")]
#[path = "../../../ambit/tests/support/process.rs"]
mod process_support;
#[path = "../../../ambit/tests/two_parties/servers.rs"]
mod servers;
#[path = "../../../ambit/tests/two_parties/signals.rs"]
mod signals;
#[path = "stage.rs"]
mod stage;
#[path = "../../../ambit/tests/two_parties/starts.rs"]
mod starts;
