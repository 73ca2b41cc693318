//! The programs that the pages "Coming from" of the guide port to ambit, each with its own library: `ported kameo`.
#![forbid(unsafe_code)]

#[path = "../../../guide/code/coming_from/actix_before.rs"]
mod actix;
#[path = "../../../guide/code/coming_from/kameo_before.rs"]
mod kameo;
#[path = "../../../guide/code/coming_from/ractor_before.rs"]
mod ractor;

use std::process::{ExitCode, Termination};

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("actix") => actix::run().report(),
        Some("kameo") => kameo::run().report(),
        Some("ractor") => ractor::run().report(),
        _ => {
            eprintln!("usage: ported actix|kameo|ractor");
            ExitCode::FAILURE
        }
    }
}
