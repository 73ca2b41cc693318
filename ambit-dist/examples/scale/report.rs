//! The table of the results, and the goals.

use std::time::Duration;

use super::measure::Measured;

/// Reads one figure of a measurement.
type Figure = fn(&Measured) -> f64;

/// How far a growth may exceed a linear one, for the part that is random.
const TOLERANCE: f64 = 1.1;

/// The results of one cluster.
pub(crate) struct Row {
    pub(crate) transport: &'static str,
    pub(crate) nodes: usize,
    pub(crate) measured: Measured,
    /// The time that the measurement took.
    pub(crate) took: Duration,
}

impl Row {
    /// Returns the idle bytes per second to each peer.
    fn bytes_per_peer(&self) -> f64 {
        self.measured.bytes / (self.nodes - 1) as f64
    }

    fn slowest_crash(&self) -> Duration {
        self.measured.crashes.last().copied().unwrap_or_default()
    }

    fn print(&self) {
        let Measured {
            formed,
            crashes,
            packets,
            bytes,
            heap,
            ..
        } = &self.measured;
        let median = crashes.get(crashes.len() / 2).copied().unwrap_or_default();
        println!(
            "| {} | {} | {:.2} | {:.2} | {:.2} | {packets:.1} | {bytes:.0} | {:.0} | {:.0} | {:.1} | {:.1} |",
            self.transport,
            self.nodes,
            formed.as_secs_f64(),
            median.as_secs_f64(),
            self.slowest_crash().as_secs_f64(),
            self.bytes_per_peer(),
            heap / 1024.0,
            heap / 1024.0 / (self.nodes - 1) as f64,
            self.took.as_secs_f64(),
        );
    }

    /// Returns the goals that the cluster misses by itself.
    fn missed(&self) -> Vec<String> {
        let mut missed = Vec::new();
        let (formed, crash) = (self.measured.formed, self.slowest_crash());
        if self.nodes <= 100 && formed > Duration::from_secs(15) {
            missed.push(format!("formed after {formed:?} instead of 15 s"));
        }
        if self.nodes <= 50 && crash > Duration::from_secs(6) {
            missed.push(format!("a crash seen after {crash:?} instead of 6 s"));
        }
        if self.bytes_per_peer() > 1_000.0 {
            let bytes = self.bytes_per_peer();
            missed.push(format!("idle {bytes:.0} B/s per peer instead of 1000"));
        }
        if self.measured.wrongly_lost > 0 {
            let lost = self.measured.wrongly_lost;
            missed.push(format!("{lost} running members counted as gone"));
        }
        missed
    }
}

/// Returns the figures of a node that grow faster than the number of its peers.
pub(crate) fn superlinear(smaller: &Row, larger: &Row) -> Vec<String> {
    let peers = (larger.nodes - 1) as f64 / (smaller.nodes - 1) as f64;
    let figures: [(&str, Figure); 3] = [
        ("packets", |measured| measured.packets),
        ("bytes", |measured| measured.bytes),
        ("heap", |measured| measured.heap),
    ];
    let growth = figures.map(|(figure, read)| {
        let growth = read(&larger.measured) / read(&smaller.measured);
        (growth > peers * TOLERANCE)
            .then(|| format!("{figure} per node grow {growth:.2} times, peers {peers:.2} times"))
    });
    growth.into_iter().flatten().collect()
}

/// Prints the header of the table.
pub(crate) fn print_header() {
    println!(
        "| transport | nodes | all see all, s | crash seen by all, p50, s | max, s | idle packets per node and s | \
         idle bytes per node and s | per peer | heap per node, KiB | per member, KiB | took, s |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
}

/// Prints a row as soon as it is measured.
pub(crate) fn print(row: &Row) {
    row.print();
}

/// Returns all missed goals.
pub(crate) fn missed(rows: &[Row]) -> Vec<String> {
    let mut missed = Vec::new();
    for row in rows {
        let named = |text| format!("{} nodes over {}: {text}", row.nodes, row.transport);
        missed.extend(row.missed().into_iter().map(named));
    }
    for pair in rows.windows(2) {
        let [smaller, larger] = pair else { continue };
        if smaller.transport == larger.transport && smaller.nodes < larger.nodes {
            let named = |text| format!("{} to {} nodes: {text}", smaller.nodes, larger.nodes);
            missed.extend(superlinear(smaller, larger).into_iter().map(named));
        }
    }
    missed
}
