//! Supervision under stress: on several threads, with children that never suspend, with thousands of children, under
//! load.

mod leaving;
mod load;
mod order;
mod spinner;
mod starts;
mod storm;
mod stuck;
