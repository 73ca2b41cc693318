//! The engine as programs see it: handlers that run inline, handlers that run in the server's task, and that both
//! behave alike.

mod anywhere;
mod callbacks;
mod cancelled;
mod chains;
mod depth;
mod fairness;
mod idle_status;
mod killed;
mod late_ports;
mod notices;
mod pace;
mod permits;
mod races;
mod releasing;
mod resting;
mod same;
mod script;
mod shutdown;
mod spans;
mod starting;
mod traces;
mod wakers;
mod waking;
