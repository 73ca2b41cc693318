//! The workloads, written once for every [`System`].

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::pair::Far;
use super::pki::Secrets;
use super::rows::{Row, Work};
use super::system::{Failure, System};
use crate::rows::Sample;

pub(crate) async fn run<S: System>(
    row: &Row,
    operations: u64,
    secrets: Secrets,
    far: Far,
) -> Result<Sample, Failure> {
    match row.work {
        Work::Connect => {
            let took = connect::<S>(operations, &secrets, &far).await?;
            Ok(timed(row, operations, took))
        }
        Work::Idle => idle::<S>(operations, &secrets, &far).await,
        Work::Cluster(_) => Err("this row has three nodes".into()),
        Work::Echo { .. } | Work::Callers { .. } | Work::Cast { .. } | Work::CastVec { .. } => {
            let near = S::near(&secrets, 0).await?;
            let session = S::connect(&near, far.address).await?;
            // The warm-up lets windows grow, maps memory, and discovers the packet size.
            over::<S>(row.work, (operations / 8).max(8), &session).await?;
            let took = over::<S>(row.work, operations, &session).await?;
            S::close(near, session).await;
            Ok(timed(row, operations, took))
        }
    }
}

fn timed(row: &Row, operations: u64, took: Duration) -> Sample {
    Sample {
        took,
        figures: vec![row.value(operations, took)],
    }
}

/// Runs the work of one session.
async fn over<S: System>(
    work: Work,
    operations: u64,
    session: &S::Session,
) -> Result<Duration, Failure> {
    let began = Instant::now();
    match work {
        Work::Echo { size } => echo::<S>(session, operations, size).await?,
        Work::Callers { count, size } => callers::<S>(session, operations, count, size).await?,
        Work::Cast { size } => casts::<S>(session, operations, size, false).await?,
        Work::CastVec { size } => casts::<S>(session, operations, size, true).await?,
        Work::Connect | Work::Idle | Work::Cluster(_) => {
            return Err("this row has many sessions".into());
        }
    }
    Ok(began.elapsed())
}

async fn echo<S: System>(session: &S::Session, calls: u64, size: usize) -> Result<(), Failure> {
    let bytes = payload(size);
    for _ in 0..calls {
        let answer = S::echo(session, bytes.clone()).await?;
        if answer.len() != size {
            return Err("what came back is not what was sent".into());
        }
    }
    Ok(())
}

async fn callers<S: System>(
    session: &S::Session,
    calls: u64,
    count: usize,
    size: usize,
) -> Result<(), Failure> {
    let each = calls.div_ceil(count as u64);
    let caller = |_| {
        let session = session.clone();
        tokio::spawn(async move { echo::<S>(&session, each, size).await })
    };
    let callers: Vec<_> = (0..count).map(caller).collect();
    for caller in callers {
        caller.await??;
    }
    Ok(())
}

/// Sends the casts, with the bytes in a `Vec<u8>` if `is_vec` is set, and waits until all are handled.
async fn casts<S: System>(
    session: &S::Session,
    casts: u64,
    size: usize,
    is_vec: bool,
) -> Result<(), Failure> {
    let bytes = payload(size);
    let before = S::handled(session).await?;
    for _ in 0..casts {
        match is_vec {
            true => S::cast_vec(session, bytes.to_vec()).await?,
            false => S::cast(session, bytes.clone()).await?,
        }
    }
    while S::handled(session).await? - before < casts {
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn connect<S: System>(
    sessions: u64,
    secrets: &Secrets,
    far: &Far,
) -> Result<Duration, Failure> {
    let mut took = Duration::ZERO;
    for index in 0..sessions {
        let near = S::near(secrets, index).await?;
        let began = Instant::now();
        let session = S::connect(&near, far.address).await?;
        S::echo(&session, payload(16)).await?;
        took += began.elapsed();
        S::close(near, session).await;
    }
    Ok(took)
}

/// The number of sessions that are open before the first is counted, so that their shared state exists.
const BEFORE: u64 = 8;

async fn idle<S: System>(sessions: u64, secrets: &Secrets, far: &Far) -> Result<Sample, Failure> {
    let mut held = Vec::new();
    let mut before = 0;
    let began = Instant::now();
    for index in 0..BEFORE + sessions {
        if index == BEFORE {
            before = settled(far).await;
        }
        let near = S::client(secrets, index).await?;
        let session = S::connect(&near, far.address).await?;
        S::echo(&session, payload(16)).await?;
        held.push((near, session));
    }
    let grown = settled(far).await.saturating_sub(before);
    let took = began.elapsed();
    drop(held);
    Ok(Sample {
        took,
        figures: vec![grown as f64 / 1024.0 / sessions as f64],
    })
}

/// Returns the resident bytes of the far process when they have not changed for a while.
async fn settled(far: &Far) -> u64 {
    const STILL: u32 = 6;
    const PATIENCE: u32 = 60;
    let (mut last, mut same) = (far.resident(), 0);
    for _ in 0..PATIENCE {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let now = far.resident();
        same = if now == last { same + 1 } else { 0 };
        if same == STILL {
            break;
        }
        last = now;
    }
    last
}

fn payload(size: usize) -> Bytes {
    vec![0x5a; size].into()
}
