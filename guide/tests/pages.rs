//! The pages of the guide, and the programs that they show.
//!
//! `UPDATE_EXPECT=1 cargo test -p guide --test pages` writes the blocks of the pages; `just guide` does the same.

mod blocks;
mod book;
mod error_index;
mod errors;
mod files;
mod programs;
mod readme;
mod settings;
mod shown;
mod sources;
mod unmarked;
