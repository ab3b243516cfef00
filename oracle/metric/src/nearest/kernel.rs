//! Dot products of a group of rows with four queries, for each kind of processor.

use super::{Comparison, ROWS};

/// Components of a row beside each other.
pub(super) const QUAD: usize = 4;
/// Rows of a register.
pub(super) const LANES: usize = 8;
/// Registers of a group. With four queries they leave 12 sums, three registers and a query's components: all that AVX2
/// has.
pub(super) const VECTORS: usize = 3;
/// Queries that go over a group together.
pub(super) const QUERIES: usize = 4;

/// A quadruple of components of eight rows, each [`biased`].
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
pub(super) struct Lanes(pub(super) [u8; LANES * QUAD]);

/// A quadruple of components of four queries.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Few(pub(super) [[i8; QUAD]; QUERIES]);

/// What is added to a row's components: the instruction takes them without a sign.
const BIAS: i8 = 64;
/// Components that two products of which with any others, the bias added, fit 16 bits: 2 · 127 · 128.
pub(super) const FITTING: std::ops::RangeInclusive<i8> = -BIAS..=BIAS - 1;
/// Rows of zeros.
pub(super) const NOTHING: Lanes = Lanes([BIAS as u8; LANES * QUAD]);

/// Of each query the dot products with each row of each register.
pub(super) type Dots = [[[i32; LANES]; VECTORS]; QUERIES];

/// A component as it is kept. Where the sum does not fit, it wraps around, and back.
pub(super) fn biased(component: i8) -> u8 {
    component.wrapping_add(BIAS) as u8
}

/// A kind of processor.
pub(super) trait Kernel: Copy {
    /// Of a group, whose every quadruple has a [`Lanes`] for each register, and as many quadruples of queries, of which
    /// the components' sums are given.
    fn dots(self, group: &[Lanes], few: &[Few], sums: [i32; QUERIES]) -> Dots;
}

/// Any processor, whatever the components.
#[derive(Clone, Copy)]
pub(super) struct Wide;

impl Kernel for Wide {
    #[inline(always)]
    fn dots(self, group: &[Lanes], few: &[Few], _: [i32; QUERIES]) -> Dots {
        let mut dots = Dots::default();
        for (query, dots) in dots.iter_mut().enumerate() {
            for (register, dots) in dots.iter_mut().enumerate() {
                let mut products = [0_i32; LANES * QUAD];
                let (lanes, _) = group.as_chunks::<VECTORS>();
                for (lanes, few) in lanes.iter().zip(few) {
                    let (row, quad) = (&lanes[register].0, &few.0[query]);
                    for (at, product) in products.iter_mut().enumerate() {
                        let component = (row[at] as i8).wrapping_sub(BIAS);
                        let both = i16::from(component).wrapping_mul(i16::from(quad[at % QUAD]));
                        *product = product.wrapping_add(i32::from(both));
                    }
                }
                let (quads, _) = products.as_chunks::<QUAD>();
                for (dot, quad) in dots.iter_mut().zip(quads) {
                    *dot = quad.iter().sum();
                }
            }
        }
        dots
    }
}

/// Any processor, where what is compared fits 16 bits: sums that wrap around come to the same.
#[derive(Clone, Copy)]
pub(super) struct Plain;

impl Kernel for Plain {
    #[inline(always)]
    fn dots(self, group: &[Lanes], few: &[Few], _: [i32; QUERIES]) -> Dots {
        let mut dots = Dots::default();
        for (query, dots) in dots.iter_mut().enumerate() {
            for (register, dots) in dots.iter_mut().enumerate() {
                let mut products = [0_i16; LANES * QUAD];
                let (lanes, _) = group.as_chunks::<VECTORS>();
                for (lanes, few) in lanes.iter().zip(few) {
                    let (row, quad) = (&lanes[register].0, &few.0[query]);
                    for (at, product) in products.iter_mut().enumerate() {
                        let component = i16::from(row[at]).wrapping_sub(i16::from(BIAS));
                        *product = product.wrapping_add(component.wrapping_mul(i16::from(quad[at % QUAD])));
                    }
                }
                let (quads, _) = products.as_chunks::<QUAD>();
                for (dot, quad) in dots.iter_mut().zip(quads) {
                    *dot = i32::from(quad.iter().fold(0_i16, |sum, &product| sum.wrapping_add(product)));
                }
            }
        }
        dots
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::__m256i;

    use pulp::{cast, x86::V3};

    use super::{BIAS, Dots, Few, Kernel, LANES, Lanes, QUERIES, VECTORS};

    /// Two products and their sum at once, saturated, which these do not reach; sums of them in 16 bits, which wrap
    /// around: the bias makes them great, but it is taken off again, and then they fit.
    impl Kernel for V3 {
        #[inline(always)]
        fn dots(self, group: &[Lanes], few: &[Few], sums: [i32; QUERIES]) -> Dots {
            let zero: __m256i = self.avx._mm256_setzero_si256();
            let mut products = [[zero; VECTORS]; QUERIES];
            let (lanes, _) = group.as_chunks::<VECTORS>();
            for (lanes, few) in lanes.iter().zip(few) {
                let rows: [__m256i; VECTORS] = [cast!(lanes[0].0), cast!(lanes[1].0), cast!(lanes[2].0)];
                for (products, quad) in products.iter_mut().zip(few.0) {
                    let quad = self.avx._mm256_set1_epi32(i32::from_le_bytes(quad.map(|x| x as u8)));
                    for (product, row) in products.iter_mut().zip(rows) {
                        *product = self.avx2._mm256_add_epi16(*product, self.avx2._mm256_maddubs_epi16(row, quad));
                    }
                }
            }
            let ones = self.avx._mm256_set1_epi16(1);
            let dot = |product: __m256i, bias: __m256i| -> [i32; LANES] {
                let both = self.avx2._mm256_sub_epi32(self.avx2._mm256_madd_epi16(product, ones), bias);
                // Of 32 bits the lower 16, with their sign.
                cast!(self.avx2._mm256_srai_epi32::<16>(self.avx2._mm256_slli_epi32::<16>(both)))
            };
            let mut dots = Dots::default();
            for ((dots, products), sum) in dots.iter_mut().zip(products).zip(sums) {
                let bias = self.avx._mm256_set1_epi32(sum * i32::from(BIAS));
                for (dots, product) in dots.iter_mut().zip(products) {
                    *dots = dot(product, bias);
                }
            }
            dots
        }
    }
}

/// Compares with what the processor has.
pub(super) fn run<Each: FnMut(usize, usize, &[i32])>(comparison: Comparison<'_, Each>) {
    const { assert!(ROWS == LANES * VECTORS) };
    #[cfg(target_arch = "x86_64")]
    if let Some(v3) = pulp::x86::V3::try_new() {
        struct With<'a, Each>(pulp::x86::V3, Comparison<'a, Each>);
        impl<Each: FnMut(usize, usize, &[i32])> pulp::NullaryFnOnce for With<'_, Each> {
            type Output = ();

            #[inline(always)]
            fn call(self) {
                self.1.with(self.0);
            }
        }
        return v3.vectorize(With(v3, comparison));
    }
    comparison.with(Plain);
}
