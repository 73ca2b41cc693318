//! What a server of another node is started with.

use ambit::prelude::*;
use ambit_dist::StartOnError;

use crate::messages::Counter;
use crate::pair::pair;

/// What does not travel: whoever is started with it is started on its own node only.
struct Local(u64);

#[allow(dead_code, reason = "that it compiles is the point")]
#[allow(unnameable_types, reason = "a public server, with private arguments")]
pub struct Hidden(u64);

#[gen_server(remote = "test.hidden")]
impl Hidden {
    #[init]
    fn new(local: Local) -> Self {
        Self(local.0)
    }

    #[call]
    fn get(&self) -> u64 {
        self.0
    }
}

/// What travels, and is known in this program only.
#[derive(Clone, Debug, Message)]
#[message(name = "test.settings")]
struct Settings {
    first: u64,
    step: u64,
}

#[allow(unnameable_types, reason = "a public server, with private arguments")]
pub struct Steps(Settings);

#[gen_server(remote = "test.steps")]
impl Steps {
    #[init]
    fn new(settings: Settings, times: u64) -> Result<Self, String> {
        let first = settings.step.checked_mul(times).ok_or("too far")? + settings.first;
        Ok(Self(Settings { first, ..settings }))
    }

    #[call]
    fn next(&mut self) -> u64 {
        self.0.first += self.0.step;
        self.0.first
    }
}

#[ambit::test(real_time)]
async fn a_server_is_started_elsewhere_with_types_of_this_program() {
    let pair = pair().await;
    pair.far.expose::<Steps>();
    let far = pair.near.on("far");
    let settings = Settings { first: 1, step: 10 };
    let steps = far.start::<Steps>((settings.clone(), 2)).await.unwrap();
    assert_eq!(steps.next().await, Ok(31));
    let refused = far.start::<Steps>((settings, u64::MAX)).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("too far"), "{refused}");
    assert_eq!(Hidden::start(Local(3)).await.unwrap().get().await, Ok(3));
}

#[ambit::test(real_time)]
async fn what_is_not_exposed_is_not_started_and_who_is_not_connected_is_not_asked() {
    let pair = pair().await;
    let refused = pair.near.on("far").start::<Counter>((1,)).await;
    let not_exposed = StartOnError::Call(CallError::NotExposed);
    assert_eq!(refused.unwrap_err(), not_exposed);
    let executed = ambit::Executed::No;
    let nobody = StartOnError::Call(CallError::NoConnection { executed });
    for name in ["nobody", "Not A Name"] {
        let refused = pair.near.on(name).start::<Counter>((1,)).await;
        assert_eq!(refused.unwrap_err(), nobody);
    }
    assert_eq!(pair.far_system.process_count(), 0);
}
