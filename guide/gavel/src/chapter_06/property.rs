use std::time::Duration;

use ambit::prelude::Inbox;
use ambit::test::{TestOptions, assert_restarted, crash, run_test};
use proptest::prelude::*;
use tokio::time::{Instant, sleep};

use super::bid::{Bid, Lot};
use super::house::{House, HouseSubject};
use super::money::Money;
use super::terms::Terms;

const BIDDERS: [&str; 3] = ["ada", "bob", "eve"];
const PURSE: u64 = 20_00;
const ASKING: u64 = 5_00;
const STEP: u64 = 50;
const OPEN_FOR: Duration = Duration::from_secs(60);
/// The house allows three restarts within five seconds.
const BETWEEN_CRASHES: Duration = Duration::from_millis(2_003);
const LAST_CALL: Duration = Duration::from_secs(10);

/// One step of a script.
#[derive(Clone, Debug)]
enum Step {
    Bid { bidder: &'static str, cents: u64 },
    Wait(Duration),
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    let bidder = prop::sample::select(&BIDDERS[..]);
    let amount = (1..=25_u64).prop_map(|euros| euros * 100);
    // The extra 7 ms: no bid arrives in the very moment of closing.
    let time = (1..=15_u64).prop_map(|seconds| Duration::from_millis(seconds * 1_000 + 7));
    prop_oneof![
        6 => (bidder, amount).prop_map(|(bidder, cents)| Step::Bid { bidder, cents }),
        2 => time.prop_map(Step::Wait),
        1 => Just(Step::Crash),
    ]
}

/// A model of the auction.
struct Model {
    highest: Option<(&'static str, u64)>,
    closes_at: Instant,
}

impl Model {
    fn accepts(&mut self, bidder: &'static str, cents: u64) -> bool {
        let least = self.highest.map_or(ASKING, |(_, highest)| highest + STEP);
        let is_accepted = self.is_open() && (least..=PURSE).contains(&cents);
        if is_accepted {
            self.highest = Some((bidder, cents));
            self.call_last();
        }
        is_accepted
    }

    /// The last call starts again, after a bid and after a restart.
    fn call_last(&mut self) {
        if self.is_open() {
            self.closes_at = self.closes_at.max(Instant::now() + LAST_CALL);
        }
    }

    fn is_open(&self) -> bool {
        Instant::now() < self.closes_at
    }
}

/// The servers under test, and the model.
struct Run {
    house: HouseSubject,
    model: Model,
}

impl Run {
    async fn start() -> Result<Self, TestCaseError> {
        let terms = Terms {
            asking: Money::cents(ASKING),
            closes_at: Instant::now() + OPEN_FOR,
            last_call: LAST_CALL,
        };
        let lot = Lot::from("brass lamp");
        let house = House { lot, terms }.start().await?;
        for bidder in BIDDERS {
            house
                .bank()
                .deposit(bidder.into(), Money::cents(PURSE))
                .await?;
        }
        let model = Model {
            highest: None,
            closes_at: Instant::now() + OPEN_FOR + LAST_CALL,
        };
        Ok(Self { house, model })
    }

    async fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Bid { bidder, cents } => {
                let answer = self.house.auction().bid(Bid::new(bidder, cents)).await?;
                let expected = self.model.accepts(bidder, cents);
                prop_assert_eq!(answer.is_ok(), expected, "{:?}", answer);
            }
            Step::Wait(time) => sleep(time).await,
            Step::Crash => {
                let auction = self.house.auction();
                assert_restarted!(auction, crash(&auction).await);
                self.model.call_last();
                sleep(BETWEEN_CRASHES).await;
            }
        }
        self.check_money().await
    }

    /// The highest bid wins.
    async fn end(&self) -> Result<(), TestCaseError> {
        let winner = self.house.auction().winner().no_timeout().await?;
        let highest = self.model.highest;
        prop_assert_eq!(winner, highest.map(|(name, cents)| Bid::new(name, cents)));
        self.check_money().await
    }

    /// Money is conserved, and the bank holds the highest bid until it is paid.
    async fn check_money(&self) -> Result<(), TestCaseError> {
        let sums = self.house.bank().statement().await?;
        let all = Money::cents(PURSE * BIDDERS.len() as u64);
        prop_assert_eq!(sums.free + sums.held + sums.paid, all);
        let highest = Money::cents(self.model.highest.map_or(0, |(_, cents)| cents));
        let is_open = self.model.is_open();
        prop_assert_eq!(if is_open { sums.held } else { sums.paid }, highest);
        Ok(())
    }
}

/// Runs a script as a process of a new system, on a virtual clock.
fn play(script: Vec<Step>) -> Result<(), TestCaseError> {
    let options = TestOptions {
        name: "property",
        real_time: false,
        multi_thread: false,
        worker_threads: None,
        seed: None,
    };
    run_test(options, |_: Inbox<()>| async {
        let mut run = Run::start().await?;
        for step in script {
            run.step(step).await?;
        }
        run.end().await
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_invariants_hold(script in prop::collection::vec(step(), 1..40)) {
        play(script)?;
    }
}
