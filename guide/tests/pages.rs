//! The pages of the guide, and the programs that they show.

mod book;
mod errors;
mod programs;
