//! What the methods so far have taken, and no other may have.

use proc_macro2::Ident;

use crate::gen_server::model::Handler;

/// The methods of one kind so far, each with what no other may have.
pub(super) struct Seen<K> {
    methods: Vec<(K, Ident, bool)>,
}

impl<K: PartialEq> Seen<K> {
    /// Gives the earlier method with this key, or notes that this one has it. Under `cfg` two are no
    /// mistake.
    pub(super) fn earlier(&mut self, key: K, handler: &Handler) -> Option<Ident> {
        let has_cfg = handler.attrs.has_cfg();
        let mut methods = self.methods.iter();
        let earlier =
            methods.find(|(other, _, other_cfg)| *other == key && !(has_cfg && *other_cfg));
        if let Some((_, method, _)) = earlier {
            return Some(method.clone());
        }
        self.methods.push((key, handler.ident.clone(), has_cfg));
        None
    }
}

impl<K> Default for Seen<K> {
    fn default() -> Self {
        Self {
            methods: Vec::new(),
        }
    }
}
