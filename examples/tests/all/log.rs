//! Generated logs for tests, the same for the same seed.

/// Random choices, which their seed determines.
pub(crate) struct TestRng(fastrand::Rng);

impl TestRng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// Returns a number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0.u64(..limit)
    }
}

/// Returns one line, `second` seconds into a day.
pub(crate) fn line(client: &str, second: u64, path: &str, status: u16, size: &str) -> String {
    let (hour, minute, second) = (second / 3_600 % 24, second / 60 % 60, second % 60);
    format!(
        "{client} - - [14/Mar/2026:{hour:02}:{minute:02}:{second:02} +0000] \"GET {path} HTTP/1.1\" {status} {size} \"-\" \"test\"\n"
    )
}

/// Returns a malformed line.
pub(crate) fn broken(kind: usize) -> &'static str {
    const KINDS: [&str; 5] = [
        "",
        "server restarted",
        "192.0.2.1 - - [14/Mar",
        "192.0.2.1 - - [14/Mar/2026:09:30:00 +0000] \"GET / HTTP/1.1\" 20x 1 \"-\" \"-\"",
        "192.0.2.1 - - [14/Mar/2026:09:30:00 +0000] \"GET / HTTP/1.1\" 200 1k \"-\" \"-\"",
    ];
    KINDS[kind % KINDS.len()]
}

/// Returns a log of one to many clients, with late lines, busy minutes and long pauses, and broken lines in between.
pub(crate) fn random_log(rng: &mut TestRng) -> String {
    let clients = 1 + rng.below(60);
    let pace = [1, 5, 60, 700][rng.below(4) as usize];
    let breakage = [0, 2, 30][rng.below(3) as usize];
    let (mut log, mut now) = (String::new(), 0);
    for _ in 0..rng.below(900) {
        if rng.below(100) < breakage {
            for _ in 0..=rng.below(4) {
                log += broken(rng.below(5) as usize);
                log.push('\n');
            }
        }
        now += rng.below(2 * pace);
        // Late by up to an hour, now and then.
        let second = if rng.below(8) == 0 {
            now.saturating_sub(rng.below(3_600))
        } else {
            now
        };
        let client = format!("192.0.2.{}", rng.below(clients).min(rng.below(clients)));
        let path = format!("/page/{}?q={}", rng.below(20), rng.below(9));
        let status = [200, 200, 304, 404, 500][rng.below(5) as usize];
        let size = rng.below(5_000).to_string();
        let size = if status == 304 { "-" } else { &size };
        log += &line(&client, second % 86_400, &path, status, size);
    }
    log
}
