//! What the chapters say in detail, as tests: a module per page, and one program for all of them, because each compiles and links all
//! of ambit again.
#![allow(missing_docs, unnameable_types, unreachable_pub, reason = "tests")]

mod agents;
mod applications;
mod calls;
mod certificates;
mod coming_from_pages;
mod configuration;
mod contract;
mod cookbook_ends;
mod cookbook_lives;
mod cookbook_load;
mod cookbook_looking;
mod cookbook_messages;
mod cookbook_time;
mod deadlines;
mod ecosystem;
mod from_mpsc;
mod groups;
mod handles;
mod inspection;
mod let_it_crash;
mod links_and_monitors;
mod macros;
mod mailboxes;
mod names;
mod network_failures;
mod nodes;
mod performance;
mod pools;
mod protocols;
mod pubsub;
mod remote_functions;
mod restarts_and_messages;
mod retries;
mod server;
mod simulation;
mod state_machines;
mod supervision_mathematics;
mod tables;
mod tasks;
mod two_machines;
