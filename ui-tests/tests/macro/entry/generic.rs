// dsl #00: remove the parameter
#![allow(unused)]
use ambit::prelude::*;

#[ambit::test]
async fn works<T>() {}

fn main() {}
