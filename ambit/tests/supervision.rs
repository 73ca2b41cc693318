//! Conformance of supervisors: the numbered cases of Supervisor, DynamicSupervisor and PartitionSupervisor, and the
//! further guarantees of the semantics page. The name of a test for a numbered case begins with its id.

mod admin;
mod asks;
mod auto_shutdown;
mod backoff;
mod corners;
mod dynamic;
mod dynamic_stop;
mod events;
mod following;
mod giving_up;
mod handles;
mod names;
mod partitioned;
mod ready;
mod restart;
mod scale;
mod sends;
mod shutdown;
mod signals;
mod start;
mod start_cycles;
mod stderr;
mod stop_cycles;
mod strategies;
mod support;
