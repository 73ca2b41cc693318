//! The first program of each chapter, by the name of its chapter: `cargo run -p guide -- server`.
//!
//! One program for all of them, because each compiles and links all of ambit again. A file is a whole program, and its
//! page shows it as one; `run` stands below what is shown.
#![forbid(unsafe_code)]

#[path = "first_agents.rs"]
mod agents;
#[path = "first_applications.rs"]
mod applications;
#[path = "first_calls.rs"]
mod calls;
#[path = "first_configuration.rs"]
mod configuration;
#[path = "first_contract.rs"]
mod contract;
#[path = "first_deadlines.rs"]
mod deadlines;
#[path = "first_drain.rs"]
mod drain;
#[path = "first_ecosystem.rs"]
mod ecosystem;
#[path = "coming_from/actix_after.rs"]
mod from_actix;
#[path = "coming_from/erlang_after.rs"]
mod from_erlang;
#[path = "coming_from/kameo_after.rs"]
mod from_kameo;
#[path = "coming_from/ractor_after.rs"]
mod from_ractor;
#[path = "first_groups.rs"]
mod groups;
#[path = "first_inspection.rs"]
mod inspection;
#[path = "first_links.rs"]
mod links;
#[path = "first_mailboxes.rs"]
mod mailboxes;
#[path = "first_names.rs"]
mod names;
#[path = "first_performance.rs"]
mod performance;
#[path = "first_pools.rs"]
mod pools;
#[path = "first_processes.rs"]
mod processes;
#[path = "first_pubsub.rs"]
mod pubsub;
#[path = "first_restarts.rs"]
mod restarts;
#[path = "first_retries.rs"]
mod retries;
#[path = "first_server.rs"]
mod server;
#[path = "first_state_machine.rs"]
mod state_machine;
#[path = "first_supervisor.rs"]
mod supervisor;
#[path = "first_tables.rs"]
mod tables;
#[path = "first_tasks.rs"]
mod tasks;
#[path = "first_tcp_server.rs"]
mod tcp_server;
#[path = "first_tracing.rs"]
mod tracing;
#[path = "first_window.rs"]
mod window;

use std::process::{ExitCode, Termination};

/// Runs the program of this name.
macro_rules! run {
    ($name:expr, $($program:ident),+ $(,)?) => {
        match $name {
            $(stringify!($program) => $program::run().report(),)+
            _ => {
                eprintln!("usage: guide PROGRAM; the programs are: {}", [$(stringify!($program)),+].join(" "));
                ExitCode::FAILURE
            }
        }
    };
}

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    run!(
        name.as_str(),
        agents,
        applications,
        calls,
        configuration,
        contract,
        deadlines,
        drain,
        ecosystem,
        from_actix,
        from_erlang,
        from_kameo,
        from_ractor,
        groups,
        inspection,
        links,
        mailboxes,
        names,
        performance,
        pools,
        processes,
        pubsub,
        restarts,
        retries,
        server,
        state_machine,
        supervisor,
        tables,
        tasks,
        tcp_server,
        tracing,
        window,
    )
}
