//! States and events that are written with `r#` in one place and without it in another.

use ambit::prelude::*;

struct Lamp(u64);

#[state_machine(states = [r#Idle, Busy])]
impl Lamp {
    #[cast(Idle => Busy, r#Busy => stay)]
    fn begin(&mut self) {}

    #[call(Idle, event = get)]
    fn get_idle(&self) -> u64 {
        self.0
    }

    #[call(Busy => r#Idle, event = r#get)]
    fn get_busy(&self) -> u64 {
        self.0 + 1
    }

    #[call(Busy, event = other)]
    fn busy(&self) -> bool {
        true
    }

    #[call(Idle)]
    fn r#other(&self) -> bool {
        false
    }
}

#[ambit::test]
async fn raw_names_are_the_same_names() {
    let lamp = Lamp(1).start().await.unwrap();
    assert_eq!(lamp.other().await, Ok(false));
    assert_eq!(lamp.get().await, Ok(1));
    lamp.begin().await.unwrap();
    assert_eq!(lamp.other().await, Ok(true));
    assert_eq!(lamp.get().await, Ok(2));
    assert_eq!(lamp.get().await, Ok(1));
}
