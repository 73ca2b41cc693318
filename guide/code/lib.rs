//! The README of the repository, so that the program it prints is compiled and run as a test of this crate.
#![doc = include_str!("../../README.md")]
#![forbid(unsafe_code)]
