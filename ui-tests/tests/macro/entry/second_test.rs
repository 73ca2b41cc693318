// remove `#[test]`
#![allow(unused)]
use ambit::prelude::*;

#[ambit::test]
#[test]
async fn works() {}

fn main() {}
