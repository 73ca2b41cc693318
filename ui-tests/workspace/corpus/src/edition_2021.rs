//! Names that are keywords only in edition 2024, in which the macros are compiled.

use actors::prelude::*;

/// Code that another program has generated.
pub mod gen {
    /// A part of a list.
    #[derive(Clone)]
    pub struct Page<T>(pub T);

    /// A key that can be copied.
    pub trait Key: Clone {}
}

/// A server with a method and a constructor of this name.
pub struct Map {
    seed: u64,
}

#[gen_server(crate = actors)]
impl Map {
    #[init]
    fn gen(seed: u64) -> Result<Self, String> {
        Ok(Self { seed })
    }

    #[cast]
    fn again(&mut self, gen: u64) -> Flow {
        self.seed = gen;
        Flow::Continue
    }
}

/// A server with a handler of this name.
pub struct Seeds(u64);

#[gen_server(crate = actors)]
impl Seeds {
    #[cast]
    fn gen(&mut self, seed: u64) -> Flow {
        self.0 = seed;
        Flow::Continue
    }

    #[call]
    fn get(&self) -> u64 {
        self.0
    }
}

/// A generic server with types of a module of this name.
pub struct Cache<K, T> {
    last: Option<(K, T)>,
}

#[gen_server(crate = actors)]
impl<K: gen::Key, T: Clone> Cache<K, T> {
    #[call]
    fn put(&mut self, ctx: &mut Context<Self>, key: K, page: gen::Page<T>) -> Option<(K, T)> {
        ctx.label("put");
        self.last.replace((key, page.0))
    }

    #[info]
    fn page(&mut self, _: gen::Page<u64>) {
        self.last = None;
    }
}
