//! Compiles seven expansions exactly as they are printed (the guide shows the smallest): they do not depend on hygiene
//! or other information that printing loses.

#![allow(
    unexpected_cfgs,
    unnameable_types,
    unreachable_pub,
    unused,
    clippy::all,
    clippy::match_wildcard_for_single_variants,
    clippy::too_many_lines,
    clippy::use_self
)]

mod every_role {
    include!("../../ambit-macros/snapshots/every_role.rs");
}

mod generics {
    include!("../../ambit-macros/snapshots/generics.rs");
}

mod generic_supervisor {
    include!("../../ambit-macros/snapshots/generic_supervisor.rs");
}

mod message {
    include!("../../ambit-macros/snapshots/message.rs");
}

mod minimal {
    include!("../../ambit-macros/snapshots/minimal.rs");
}

mod remote {
    include!("../../ambit-macros/snapshots/remote.rs");
}

mod state_machine {
    include!("../../ambit-macros/snapshots/state_machine.rs");
}

mod supervisor {
    include!("../../ambit-macros/snapshots/supervisor.rs");
}

#[test]
fn the_printed_expansion_is_complete() {
    fn server<S: ambit::server::GenServer>() {}
    server::<every_role::Counter>();
    server::<minimal::Counter>();
    server::<remote::Counter>();
    server::<state_machine::Door>();
    server::<generics::Cache<String, u64, 4>>();

    fn startable<S: ambit::server::Startable>() {}
    startable::<supervisor::App>();
    startable::<generic_supervisor::Pair<String, 4>>();

    fn travels<T: ambit::message::Named + ambit::message::Wire>() {}
    travels::<message::Event>();
    travels::<message::Lasting>();
}
