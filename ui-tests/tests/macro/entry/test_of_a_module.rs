// only be applied to an `async` function
#![allow(unused)]

#[ambit::test]
mod tests {
    fn adds() {}
}

fn main() {}
