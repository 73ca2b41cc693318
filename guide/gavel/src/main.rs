//! Runs the program of one chapter of the tutorial: `cargo run -p gavel -- 3`.

fn main() -> std::process::ExitCode {
    let chapter = std::env::args().nth(1).unwrap_or_default();
    gavel::run(&chapter)
}
