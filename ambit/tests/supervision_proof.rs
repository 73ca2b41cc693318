//! Supervision where it hurts: on several threads, with children that never suspend, thousands of them, under load.

mod leaving;
mod load;
mod order;
mod spinner;
mod starts;
mod storm;
mod stuck;
