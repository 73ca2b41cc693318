//! A cluster in one thread, on a virtual clock, from a seed.
