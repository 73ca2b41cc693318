//! The parts of a value, in order.

use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::serde_wrappers::{CountedSeed, CountedVariant, CountedVisitor, Elements};

/// The maximum number of elements for which a value may allocate before it has read them: their number is only a claim.
const MAX_HINT: usize = 1024;

impl<A> Elements<'_, A> {
    fn guarded<S>(&mut self, seed: S, counted: bool) -> (&mut A, CountedSeed<'_, S>) {
        let limits = &mut *self.limits;
        let seed = CountedSeed {
            seed,
            limits,
            counted,
        };
        (&mut self.inner, seed)
    }

    fn bounded_hint(&self, hint: Option<usize>) -> Option<usize> {
        let most = if self.counted { MAX_HINT } else { usize::MAX };
        hint.map(|claimed| claimed.min(most))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Elements<'_, A> {
    type Error = A::Error;

    #[inline]
    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let (inner, seed) = self.guarded(seed, self.counted);
        inner.next_element_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.bounded_hint(self.inner.size_hint())
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Elements<'_, A> {
    type Error = A::Error;

    #[inline]
    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let (inner, seed) = self.guarded(seed, self.counted);
        inner.next_key_seed(seed)
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        if self.counted {
            let counted = self.limits.budget.memory(size_of::<S::Value>());
            self.limits.check(counted)?;
        }
        let (inner, seed) = self.guarded(seed, false);
        inner.next_value_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.bounded_hint(self.inner.size_hint())
    }
}

impl<'b, 'de, A: EnumAccess<'de>> EnumAccess<'de> for CountedVariant<'b, A> {
    type Error = A::Error;
    type Variant = CountedVariant<'b, A::Variant>;

    #[inline]
    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let limits = self.limits;
        let (value, inner) = self.inner.variant_seed(CountedSeed {
            seed,
            limits: &mut *limits,
            counted: false,
        })?;
        Ok((value, CountedVariant { inner, limits }))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for CountedVariant<'_, A> {
    type Error = A::Error;

    #[inline]
    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    #[inline]
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.newtype_variant_seed(CountedSeed {
            seed,
            limits: self.limits,
            counted: false,
        })
    }

    #[inline]
    fn tuple_variant<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.inner.tuple_variant(
            length,
            CountedVisitor {
                visitor,
                limits: self.limits,
                counted: false,
            },
        )
    }

    #[inline]
    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.inner.struct_variant(
            fields,
            CountedVisitor {
                visitor,
                limits: self.limits,
                counted: false,
            },
        )
    }
}
