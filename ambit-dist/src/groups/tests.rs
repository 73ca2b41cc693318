//! The index of memberships, and the cost of each operation.

mod cost;
mod index;
