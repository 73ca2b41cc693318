//! Runs one workload with an allocator that counts. A program of its own, so that counting costs no other row time.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use benches::Allocated;

fn main() -> ExitCode {
    benches::count(|work| {
        let counted = allocation_counter::measure(work);
        Allocated {
            count: counted.count_total,
            bytes: counted.bytes_current,
        }
    })
}
