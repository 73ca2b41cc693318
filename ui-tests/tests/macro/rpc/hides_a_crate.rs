// fix: rename the function
#![allow(unused)]
use ambit::prelude::*;

#[rpc]
fn serde(text: String) -> String {
    <serde::de::value::Error as serde::de::Error>::custom(text).to_string()
}

fn main() {}
