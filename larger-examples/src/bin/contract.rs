//! Two versions of a server, and their wire contract: which changes are breaking, and how nodes negotiate each method.
#![forbid(unsafe_code)]

use ambit::message::{Agreement, ContractError, compatible, contract, listed};
use ambit::prelude::*;

mod before {
    use super::*;

    #[derive(Message)]
    #[message(name = "lib.book")]
    pub(crate) struct Book {
        title: String,
        pages: u32,
    }

    pub(crate) struct Library;

    #[gen_server(remote = "lib")]
    impl Library {
        #[call]
        fn find(&self, title: String) -> Option<Book> {
            Some(Book { title, pages: 99 })
        }
        #[cast]
        fn lend(&mut self, book: u64, reader: u64) {
            println!("{book} to {reader}");
        }
    }
}

mod after {
    use super::*;

    #[derive(Message)]
    #[message(name = "lib.book")]
    pub(crate) struct Book {
        title: String,
        pages: u32,
        #[message(default)]
        author: String,
    }

    pub(crate) struct Library;

    #[gen_server(remote = "lib")]
    impl Library {
        #[call]
        fn find(&self, title: String) -> Option<Book> {
            let author = "nobody".to_owned();
            let pages = 99;
            Some(Book {
                title,
                pages,
                author,
            })
        }
        #[cast]
        fn lend(&mut self, reader: u64, book: u64) {
            println!("{book} to {reader}");
        }
    }
}

fn main() -> Result<(), ContractError> {
    let old = contract([listed::<before::Library>()])?;
    let new = contract([listed::<after::Library>()])?;
    for found in compatible(&old, &new) {
        println!("{found}");
    }
    for method in ["find", "lend", "burn"] {
        match new.agreement(&old, "lib", method) {
            Agreement::Refused(breaks) => println!("{method}: {} breaks", breaks.len()),
            agreed => println!("{method}: {agreed:?}"),
        }
    }
    Ok(())
}
