//! Types whose own variants or constants have the names of the constants that the derive generates.

#![allow(clippy::upper_case_acronyms, reason = "that is what they are called")]

use ambit::message::{Named, contract, listed};
use ambit::prelude::*;

#[derive(Message, Clone, Debug, PartialEq)]
#[message(name = "constants.field", version = 2)]
enum Field {
    NAME,
    VERSION(u8),
    TAGS { at: u8 },
}

#[derive(Message, Clone, Debug, PartialEq)]
#[message(name = "constants.protocol", version = 3)]
struct Proto {
    at: u8,
}

impl Proto {
    const NAME: char = 'p';
    const VERSION: u8 = 9;
    const TAGS: [u8; 2] = [1, 2];
}

struct Shop;

#[gen_server(remote = "constants.shop")]
impl Shop {
    #[call]
    fn both(&self, field: Field, proto: Proto) -> (Field, Proto) {
        (field, proto)
    }
}

#[ambit::test]
async fn constants_of_a_type_are_its_own() {
    assert_eq!((Proto::NAME, Proto::VERSION, Proto::TAGS), ('p', 9, [1, 2]));
    assert_eq!(<Proto as Named>::NAME, "constants.protocol");
    assert_eq!(<Proto as Named>::VERSION, 3);
    assert_eq!(<Field as Named>::TAGS.len(), 3);
    let sent = (Field::TAGS { at: 1 }, Proto { at: 2 });
    let shop = Shop.start().await.unwrap();
    assert_eq!(shop.both(sent.0.clone(), sent.1.clone()).await, Ok(sent));
    assert_ne!(Field::NAME, Field::VERSION(1));
    assert_eq!(contract([listed::<Shop>()]).unwrap().types.len(), 2);
}
