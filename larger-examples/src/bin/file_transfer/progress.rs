//! The progress: a bar on a terminal, some plain lines elsewhere.

use std::io::{self, IsTerminal, Write};

const WIDTH: u64 = 40;

pub(crate) struct Progress {
    total: u64,
    quarters: u64,
    is_terminal: bool,
}

impl Progress {
    pub(crate) fn new(total: u64) -> Self {
        Self {
            total,
            quarters: 0,
            is_terminal: io::stdout().is_terminal(),
        }
    }

    pub(crate) fn show(&mut self, done: u64) {
        if self.is_terminal {
            let end = if done >= self.total { "\n" } else { "" };
            print!("\r{}{end}", bar(done, self.total));
            io::stdout().flush().ok();
            return;
        }
        let quarters = part(done, self.total, 4);
        if quarters > self.quarters {
            self.quarters = quarters;
            println!("{} %", quarters * 25);
        }
    }
}

/// Scales the completed fraction to `of` parts.
fn part(done: u64, total: u64, of: u64) -> u64 {
    done.saturating_mul(of)
        .checked_div(total)
        .unwrap_or(of)
        .min(of)
}

fn bar(done: u64, total: u64) -> String {
    let full = part(done, total, WIDTH);
    let (full, empty) = (
        "#".repeat(full as usize),
        "-".repeat((WIDTH - full) as usize),
    );
    format!("[{full}{empty}] {:3} %", part(done, total, 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_has_the_same_length_at_each_moment() {
        assert_eq!(bar(0, 10), format!("[{}]   0 %", "-".repeat(40)));
        let half = format!("[{}{}]  50 %", "#".repeat(20), "-".repeat(20));
        assert_eq!(bar(5, 10), half);
        assert_eq!(bar(10, 10), format!("[{}] 100 %", "#".repeat(40)));
    }

    #[test]
    fn an_empty_file_is_done_at_once() {
        assert_eq!(part(0, 0, 100), 100);
    }
}
