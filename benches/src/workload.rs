//! Pieces of work that every peer performs in the same way.

use std::hint::black_box;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// The panic message of servers that crash on request.
pub(crate) const CRASH: &str = "as asked";

/// The number of children of a skynet node.
pub(crate) const TEN: u64 = 10;

/// Computes; the result depends on every step.
pub(crate) fn crunch(steps: u64) -> u64 {
    let mut value: u64 = black_box(1);
    for _ in 0..steps {
        value = black_box(value.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1));
    }
    value
}

/// Returns the number of steps of [`crunch`] that take `time` on this machine without other load.
pub(crate) fn steps_for(time: Duration) -> u64 {
    static PER_MILLISECOND: OnceLock<f64> = OnceLock::new();
    let rate = PER_MILLISECOND.get_or_init(|| {
        const STEPS: u64 = 1_000_000;
        let once = |_| {
            let began = Instant::now();
            black_box(crunch(STEPS));
            began.elapsed().as_secs_f64() * 1e3
        };
        let best = (0..9).map(once).fold(f64::INFINITY, f64::min);
        STEPS as f64 / best
    });
    (rate * time.as_secs_f64() * 1e3) as u64
}

/// Returns one end of a stream whose other end echoes what it reads.
pub(crate) fn echo_end() -> DuplexStream {
    let (ours, mut theirs) = tokio::io::duplex(1024);
    tokio::spawn(async move {
        let mut bytes = [0; 16];
        while theirs.read_exact(&mut bytes).await.is_ok() {
            if theirs.write_all(&bytes).await.is_err() {
                break;
            }
        }
    });
    ours
}
