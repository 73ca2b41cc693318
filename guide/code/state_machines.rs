//! What the page "State machines" says, as tests.

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;

const SECOND: Duration = Duration::from_secs(1);
// ANCHOR_END: imports

// ANCHOR: rules
struct Phone {
    calls: u32,
}

#[state_machine(states = [Idle, Ringing, Talking])]
impl Phone {
    /// One target: the next state.
    #[cast(Idle => Ringing, _ => ignore)]
    fn ring(&mut self) {
        self.calls += 1;
    }

    /// Several targets: the method returns the next state.
    #[call(Ringing => Talking | Idle, _ => refuse)]
    fn answer(&mut self, polite: bool) -> (PhoneAnswerTo, u32) {
        let next = if polite {
            PhoneAnswerTo::Talking
        } else {
            PhoneAnswerTo::Idle
        };
        (next, self.calls)
    }

    /// Is handled once the call is answered.
    #[call(Talking => stay, _ => postpone)]
    fn say(&mut self, text: String) -> usize {
        text.len()
    }

    /// In every state, without a change.
    #[call]
    fn state(&self, ctx: &Context<Self>) -> PhoneState {
        ctx.state()
    }

    /// Several methods handle one event, each in its state.
    #[cast(Talking => Idle, event = hang_up)]
    fn end_talk(&mut self) {}

    #[cast(Ringing => Idle, Idle => stop, event = hang_up)]
    fn decline(&mut self) {}
}
// ANCHOR_END: rules

// ANCHOR: use
#[ambit::test]
async fn a_state_decides_which_events_it_handles() -> Result<(), Box<dyn Error>> {
    let phone = Phone { calls: 0 }.start().await?;
    // No call is ringing: `answer` is refused at once.
    assert_eq!(phone.answer(true).await, Err(CallError::NoReply));
    let hello = phone.say("hello".into()).send();
    phone.ring().await?;
    assert_eq!(phone.answer(true).await?, 1);
    assert_eq!(hello.await?, 5);
    phone.hang_up().await?;
    assert_eq!(phone.state().await?, PhoneState::Idle);
    Ok(())
}
// ANCHOR_END: use

// ANCHOR: enter
struct Lamp {
    switched: u32,
}

#[state_machine(states = [Off, On])]
impl Lamp {
    #[cast(Off => On, On => Off)]
    fn switch(&mut self) {}

    #[cast(On => repeat, Off => ignore)]
    fn flash(&mut self) {}

    #[enter(On)]
    fn lights(&mut self) {
        self.switched += 1;
    }

    #[exit]
    fn leaves(&mut self, ctx: &mut Context<Self>) {
        assert_ne!(self.switched, 99, "the bulb is broken in {:?}", ctx.state());
    }

    #[call]
    fn switched(&self) -> u32 {
        self.switched
    }
}
// ANCHOR_END: enter

#[ambit::test]
async fn entering_and_repeating() -> Result<(), Box<dyn Error>> {
    let lamp = Lamp { switched: 0 }.start().await?;
    lamp.flash().await?;
    lamp.switch().await?;
    lamp.flash().await?;
    assert_eq!(lamp.switched().await?, 2);
    Ok(())
}

// ANCHOR: timeouts
struct Oven {
    heard: Vec<&'static str>,
}

#[state_machine(states = [Cold, Hot])]
impl Oven {
    #[cast(Cold => Hot, Hot => stay)]
    fn heat(&mut self, ctx: &mut Context<Self>, seconds: u32) {
        // Belongs to the state that this method leads to.
        ctx.state_timeout(seconds * SECOND);
    }

    #[cast]
    fn remind(&mut self, ctx: &mut Context<Self>, seconds: u32) {
        ctx.timeout(OvenTimeout::Bell, seconds * SECOND);
    }

    /// The state has lasted for its timeout.
    #[state_timeout(Hot => Cold)]
    fn cool_down(&mut self) {
        self.heard.push("cold");
    }

    /// A named timeout is independent of the state.
    #[timeout]
    fn bell(&mut self) {
        self.heard.push("bell");
    }

    #[call]
    fn heard(&mut self) -> Vec<&'static str> {
        std::mem::take(&mut self.heard)
    }
}
// ANCHOR_END: timeouts

// ANCHOR: time
#[ambit::test]
async fn timeouts() -> Result<(), Box<dyn Error>> {
    let oven = Oven { heard: Vec::new() }.start().await?;
    oven.remind(30).await?;
    oven.heat(10).await?;
    oven.heat(20).await?; // replaces the ten seconds
    tokio::time::sleep(15 * SECOND).await;
    assert!(oven.heard().await?.is_empty());
    tokio::time::sleep(20 * SECOND).await;
    assert_eq!(oven.heard().await?, ["cold", "bell"]);
    Ok(())
}
// ANCHOR_END: time

// ANCHOR: internal
struct Upload {
    sent: Vec<u32>,
}

#[state_machine(states = [Sending, Done])]
impl Upload {
    #[cast(Sending => stay, Done => ignore)]
    fn begin(&mut self, ctx: &mut Context<Self>, parts: u32) {
        ctx.next_event(UploadInternal::Part { left: parts });
    }

    /// Is handled before the mailbox.
    #[internal(Sending => Done | stay, Done => ignore)]
    fn part(&mut self, ctx: &mut Context<Self>, left: u32) -> UploadPartTo {
        if left == 0 {
            return UploadPartTo::Done;
        }
        self.sent.push(left);
        ctx.next_event(UploadInternal::Part { left: left - 1 });
        UploadPartTo::Stay
    }

    #[call]
    fn sent(&self) -> Vec<u32> {
        self.sent.clone()
    }
}
// ANCHOR_END: internal

#[ambit::test]
async fn internal_events_come_first() -> Result<(), Box<dyn Error>> {
    let upload = Upload { sent: Vec::new() }.start().await?;
    upload.begin(3).await?;
    assert_eq!(upload.sent().await?, [3, 2, 1]);
    Ok(())
}
