// fix: name the protocol in the attribute
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Cache {
    #[call]
    fn get(&mut self, key: String) -> Option<String>;
}

pub struct Memory;

#[gen_server]
impl Cache for Memory {
    fn get(&mut self, key: String) -> Option<String> {
        None
    }
}

fn main() {}
