//! What the programs of the chapters print.
