//! Runs one workload with a counting allocator. It is a separate program, so that counting slows down no other row.
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
