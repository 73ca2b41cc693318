//! The layout of a table: keys by hash, or in order.

mod hashed;
mod ordered;

/// The layout of a table with hashed keys: the cost of a lookup does not depend on the number of keys. (Erlang: `set`.)
///
/// ```
/// use ambit::table::{Hashed, Table};
/// let stock: Table<&str, u64, Hashed> = Table::new();
/// stock.insert("pen", 3).unwrap();
/// // The layout is the default, so most types leave it out.
/// let same: &Table<&str, u64> = &stock;
/// assert_eq!(same.get("pen"), Ok(Some(3)));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Hashed;

/// The layout of a table with ordered keys: the cost of a lookup grows with the logarithm of the number of keys.
/// (Erlang: `ordered_set`.)
///
/// ```
/// use ambit::table::{Ordered, Table};
/// let events: Table<u64, &str, Ordered> = Table::ordered();
/// events.insert_all([(30, "shipped"), (10, "ordered"), (20, "paid")]).unwrap();
/// assert_eq!(events.range(15..), Ok(vec![(20, "paid"), (30, "shipped")]));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Ordered;

mod sealed {
    #[expect(unnameable_types, reason = "the private module seals the trait")]
    pub trait Sealed {}
    impl Sealed for super::Hashed {}
    impl Sealed for super::Ordered {}
}

/// A layout for tables with keys of type `K`: [`Hashed`] requires keys that are `Eq` and `Hash`, [`Ordered`] keys that
/// are `Ord`.
///
/// The `Hash`, `Eq`, `Clone` and `Drop` code of hashed keys runs without a lock, so it may use any table. The `Ord` and
/// `Clone` code of ordered keys runs under the lock of the table, where any use of a table returns
/// [`TableError::Nested`](crate::TableError::Nested).
///
/// ```
/// use ambit::table::{Layout, Table};
/// fn total<L: Layout<u64>>(stock: &Table<u64, u64, L>) -> u64 {
///     stock.entries().unwrap().iter().map(|(_, count)| count).sum()
/// }
/// let (hashed, ordered) = (Table::new(), Table::ordered());
/// hashed.insert_all([(1, 3), (2, 4)]).unwrap();
/// ordered.insert(1, 5).unwrap();
/// assert_eq!((total(&hashed), total(&ordered)), (7, 5));
/// ```
#[diagnostic::on_unimplemented(
    message = "a table with the layout `{Self}` cannot have keys of type `{K}`",
    note = "`Table` requires keys that are `Eq` and `Hash`; `OrderedTable` requires keys that are `Ord`"
)]
pub trait Layout<K: 'static>: sealed::Sealed + Send + Sync + 'static {
    #[doc(hidden)]
    type Map<T: Send + Sync + 'static>: Default + Send + Sync;
    /// Hashes keys, without the lock.
    #[doc(hidden)]
    type Hasher: Default + Send + Sync;
    /// A key to insert.
    #[doc(hidden)]
    type Entering;
    /// A key that was in the map when it was listed.
    #[doc(hidden)]
    type Listed;
    /// True if the map itself has a public order.
    #[doc(hidden)]
    const IN_ORDER: bool;

    #[doc(hidden)]
    fn entering(hasher: &Self::Hasher, key: K) -> Self::Entering;
    /// Returns true if a key must be compared with others before it can be inserted; called under the lock.
    #[doc(hidden)]
    fn is_unsettled<T: Send + Sync + 'static>(
        map: &Self::Map<T>,
        entering: &mut Self::Entering,
    ) -> bool;
    /// Compares the key, without the lock.
    #[doc(hidden)]
    fn settle(entering: &mut Self::Entering);
    /// Returns true if two keys of one batch are equal, as far as the map cannot find that out itself.
    #[doc(hidden)]
    fn is_same(one: &Self::Entering, other: &Self::Entering) -> bool;
    /// Returns the digest by which the keys of one batch are compared.
    #[doc(hidden)]
    fn digest(entering: &Self::Entering) -> Option<u64>;
    #[doc(hidden)]
    fn get<'m, T: Send + Sync + 'static>(
        map: &'m Self::Map<T>,
        key: &Self::Entering,
    ) -> Option<&'m T>;
    #[doc(hidden)]
    fn put<T: Send + Sync + 'static>(
        map: &mut Self::Map<T>,
        key: &mut Self::Entering,
        item: T,
    ) -> Option<T>;
    #[doc(hidden)]
    fn list<T: Send + Sync + 'static>(map: &Self::Map<T>) -> Vec<(Self::Listed, &T)>
    where
        K: Clone;
    /// Returns the item of a listed key, if the key is still there.
    #[doc(hidden)]
    fn get_listed<'m, T: Send + Sync + 'static>(
        map: &'m Self::Map<T>,
        listed: &Self::Listed,
    ) -> Option<&'m T>;
    #[doc(hidden)]
    fn key(listed: &Self::Listed) -> &K;
    #[doc(hidden)]
    fn into_key(listed: Self::Listed) -> K
    where
        K: Clone;
    /// Removes a listed key, if `is_meant`. The result includes a key that must not be dropped under the lock.
    #[doc(hidden)]
    fn take_listed<T: Send + Sync + 'static>(
        map: &mut Self::Map<T>,
        listed: &Self::Listed,
        is_meant: impl Fn(&T) -> bool,
    ) -> Option<(Option<K>, T)>;
    /// Returns the items, in any order.
    #[doc(hidden)]
    fn into_each<T: Send + Sync + 'static>(
        map: Self::Map<T>,
    ) -> impl Iterator<Item = (Self::Listed, T)> + Send + 'static;
    #[doc(hidden)]
    fn len<T: Send + Sync + 'static>(map: &Self::Map<T>) -> usize;
}

/// A layout that can look up keys of type `K` by a borrowed form `Q`, for example a `String` by a `str`.
#[diagnostic::on_unimplemented(message = "keys of type `{K}` cannot be looked up by a `{Q}`")]
pub trait Finds<K: 'static, Q: ?Sized>: Layout<K> {
    /// The items seen under the lock.
    #[doc(hidden)]
    type Seen<T>;
    /// A key that was found.
    #[doc(hidden)]
    type Found;

    #[doc(hidden)]
    fn hash(hasher: &Self::Hasher, key: &Q) -> u64;
    /// Returns the items that `key` may match, under the lock.
    #[doc(hidden)]
    fn see<T: Clone + Send + Sync + 'static>(
        map: &Self::Map<T>,
        hash: u64,
        key: &Q,
    ) -> Self::Seen<T>;
    /// Returns the item that matches, without the lock.
    #[doc(hidden)]
    fn choose<T>(seen: Self::Seen<T>, key: &Q) -> Option<(Self::Found, T)>;
    /// Removes a found key. The result includes a key that must not be dropped under the lock.
    #[doc(hidden)]
    fn take<T: Send + Sync + 'static>(
        map: &mut Self::Map<T>,
        found: &Self::Found,
        key: &Q,
    ) -> Option<(Option<K>, T)>;
}
