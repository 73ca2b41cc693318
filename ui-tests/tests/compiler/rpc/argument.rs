// dsl #62: derive `Message` with a name on `Shape`
#![allow(unused)]
use ambit::prelude::*;

struct Shape { sides: u32 }

#[rpc]
async fn area(shape: Shape) -> f64 { 1.0 }

fn main() {}
