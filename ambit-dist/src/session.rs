//! One connection between two nodes, once both have agreed.
