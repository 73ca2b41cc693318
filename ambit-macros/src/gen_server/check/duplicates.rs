//! Detects keys that two methods have in common.

use proc_macro2::Ident;

use crate::gen_server::model::Handler;

/// The methods of one kind so far, each with its unique key.
pub(crate) struct DuplicateKeys<K> {
    methods: Vec<(K, Ident, bool)>,
}

impl<K: PartialEq> DuplicateKeys<K> {
    /// Returns the earlier method with this key, or records the key for this method. Two methods under `cfg` are
    /// allowed.
    pub(crate) fn earlier(&mut self, key: K, handler: &Handler) -> Option<Ident> {
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

impl<K> Default for DuplicateKeys<K> {
    fn default() -> Self {
        Self {
            methods: Vec::new(),
        }
    }
}
