//! Methods and states with the names of generated items: a protocol with `start`, states called `Stay` and `Repeat`.

use ambit::prelude::*;

#[protocol]
trait Engine {
    #[call]
    fn start(&self) -> u8;
    #[cast]
    fn child_spec(&self);
}

struct Petrol;

#[gen_server(protocol = Engine)]
impl Petrol {
    #[call]
    fn start(&self) -> u8 {
        1
    }

    #[cast]
    fn child_spec(&mut self) {}
}

struct Diesel {
    size: u8,
}

#[gen_server(protocol = Engine)]
impl Diesel {
    #[init]
    fn init(size: u8) -> Self {
        Self { size }
    }

    #[call]
    fn start(&self) -> u8 {
        self.size
    }

    #[cast]
    fn child_spec(&mut self) {}
}

#[ambit::test]
async fn a_protocol_may_have_a_method_called_start() {
    let petrol = ambit::start::<Petrol>(Petrol).await.unwrap();
    assert_eq!(petrol.start().await, Ok(1));
    petrol.child_spec().await.unwrap();
    let diesel = ambit::start::<Diesel>(DieselArgs { size: 3 })
        .await
        .unwrap();
    assert_eq!(diesel.start().await, Ok(3));
    let mock = MockEngine::new().on_start(|| 7);
    assert_eq!(mock.start().await.unwrap().start().await, Ok(7));
}

struct Door;

#[state_machine(states = [Stay, Go, Repeat])]
impl Door {
    #[cast(Stay | Repeat => Go, Go => ignore)]
    fn go(&mut self) {}

    #[call(Go => Repeat | Stay | stay | repeat, _ => refuse)]
    fn push(&mut self, how: u8) -> (DoorPushTo, u8) {
        let to = match how {
            0 => DoorPushTo::Stay,
            1 => DoorPushTo::Stay_,
            2 => DoorPushTo::Repeat,
            _ => DoorPushTo::Repeat_,
        };
        (to, how)
    }
}

#[ambit::test]
async fn a_state_may_be_called_as_a_target() {
    let door = Door.start().await.unwrap();
    door.go().await.unwrap();
    assert_eq!(door.push(1).await, Ok(1));
    assert_eq!(door.push(3).await, Ok(3));
    assert_eq!(door.push(0).await, Ok(0));
    // The machine is in `Stay` now, which does not handle `push`.
    assert_eq!(door.push(0).await, Err(CallError::NoReply));
}
