//! Inserting many pairs at once.

use std::collections::HashMap;

use super::layout::Layout;
use super::store::{Cell, Store, filled};
use crate::names::keyed::AsIs;
use crate::panics;

/// Keys to insert, and their cells.
pub(super) struct Pairs<K: 'static, V, L: Layout<K>>(pub(super) Vec<(L::Entering, Cell<V>)>);

impl<K: 'static, V, L: Layout<K>> Drop for Pairs<K, V, L> {
    fn drop(&mut self) {
        for (key, cell) in self.0.drain(..) {
            panics::drop_quietly(key);
            panics::drop_quietly(cell);
        }
    }
}

/// Collects the pairs without a lock, each key once: of equal keys the first key and the last value.
pub(super) fn unique<K, V, L>(
    hasher: &L::Hasher,
    pairs: impl IntoIterator<Item = (K, V)>,
) -> Pairs<K, V, L>
where
    K: 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
    let mut unique: Pairs<K, V, L> = Pairs(Vec::new());
    let mut by_digest: HashMap<u64, Vec<usize>, AsIs> = HashMap::default();
    for (key, value) in pairs {
        let (key, cell) = (L::entering(hasher, key), filled(value));
        let Some(digest) = L::digest(&key) else {
            unique.0.push((key, cell));
            continue;
        };
        let same = by_digest.entry(digest).or_default();
        let known = same.iter().find(|at| L::is_same(&unique.0[**at].0, &key));
        if let Some(at) = known {
            panics::drop_quietly(std::mem::replace(&mut unique.0[*at].1, cell));
        } else {
            same.push(unique.0.len());
            unique.0.push((key, cell));
        }
    }
    unique
}

/// Inserts all pairs and returns the cells they replace; `None`, with nothing changed, if keys must be compared first.
pub(super) fn put<K, V, L>(
    store: &mut Store<K, V, L>,
    pairs: &mut Pairs<K, V, L>,
) -> Option<Vec<Cell<V>>>
where
    K: 'static,
    V: Send + Sync + 'static,
    L: Layout<K>,
{
    let mut is_unsettled = false;
    for (key, _) in &mut pairs.0 {
        is_unsettled |= store.is_unsettled(key);
    }
    if is_unsettled {
        return None;
    }
    let each = pairs.0.iter_mut();
    Some(
        each.filter_map(|(key, cell)| store.put(key, cell.clone()))
            .collect(),
    )
}
