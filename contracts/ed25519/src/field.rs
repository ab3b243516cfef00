//! Integers modulo p = 2^255 − 19 as five limbs of 51 bits, for a machine that counts instructions and has no carry
//! flag.
//!
//! A product of two limbs has a low and a high word, and adding up such pairs costs four instructions each: add,
//! compare, add, add. Here the column's low words are added modulo 2^64, and beside them ⌊x·y / 2^54⌋, which is the
//! high word of x · (y · 2^10). The column's true value is `low + 2^54 · high` with a small `low`, so `low` follows
//! from what is known of it modulo 2^64: two instructions for each product, and two for each column.
//!
//! # Bounds
//!
//! A *carried* element has limbs below 2^51 + 2^18: every product, square and parsed value. `mul` takes a first factor
//! with limbs below 2^54.5 and a second below 2^54, `square` one below 2^54; the callers in `point.rs` say for each
//! operand why.

/// A field element.
#[derive(Clone, Copy, Debug)]
pub struct Fe(pub [u64; 5]);

const MASK: u64 = (1 << 51) - 1;

/// ⌊x·y / 2^54⌋ for y below 2^54.
const fn high(x: u64, y: u64) -> u64 {
    ((x as u128 * (y << 10) as u128) >> 64) as u64
}

/// The four words of 32 bytes, the lowest first.
pub const fn words(bytes: &[u8; 32]) -> [u64; 4] {
    let (words, _) = bytes.as_chunks::<8>();
    [
        u64::from_le_bytes(words[0]),
        u64::from_le_bytes(words[1]),
        u64::from_le_bytes(words[2]),
        u64::from_le_bytes(words[3]),
    ]
}

/// A sum of products modulo 2^64.
macro_rules! low {
    ($(($x:expr, $y:expr)),+) => { 0u64$(.wrapping_add($x.wrapping_mul($y)))+ };
}

/// The sum of their ⌊x·y / 2^54⌋.
macro_rules! high {
    ($(($x:expr, $y:expr)),+) => { 0u64$(.wrapping_add(high($x, $y)))+ };
}

/// What is left of a column, below 2^61, and its high part: `column = rest + 2^54 · high`.
#[inline(always)]
const fn rest(low: u64, high: u64) -> (u64, u64) {
    (low.wrapping_sub(high << 54), high)
}

/// Both of one column.
macro_rules! column {
    ($($products:tt),+) => { rest(low!($($products),+), high!($($products),+)) };
}

/// Columns to a carried element; 2^54 is eight units of the next column, and the fifth column wraps to the first times
/// 19.
#[inline(always)]
const fn carry(c: [(u64, u64); 5]) -> Fe {
    let r0 = c[0].0 + c[4].1 * 152;
    let r1 = c[1].0 + (c[0].1 << 3) + (r0 >> 51);
    let r2 = c[2].0 + (c[1].1 << 3) + (r1 >> 51);
    let r3 = c[3].0 + (c[2].1 << 3) + (r2 >> 51);
    let r4 = c[4].0 + (c[3].1 << 3) + (r3 >> 51);
    Fe([(r0 & MASK) + (r4 >> 51) * 19, r1 & MASK, r2 & MASK, r3 & MASK, r4 & MASK])
}

impl Fe {
    pub const ZERO: Self = Self([0; 5]);
    pub const ONE: Self = Self([1, 0, 0, 0, 0]);

    /// 255 bits, little-endian; the 256th is ignored. Carried, not necessarily below p.
    pub const fn from_bytes(bytes: &[u8; 32]) -> Self {
        let words = words(bytes);
        let [a, b, c, d] = words;
        Self([
            a & MASK,
            (a >> 51 | b << 13) & MASK,
            (b >> 38 | c << 26) & MASK,
            (c >> 25 | d << 39) & MASK,
            (d >> 12) & MASK,
        ])
    }

    /// The number below p, little-endian.
    pub const fn to_bytes(self) -> [u8; 32] {
        let mut l = self.0;
        // Twice, as the first round leaves the first limb at 2^51 + 18 at most.
        let mut round = 0;
        while round < 2 {
            let mut at = 0;
            let mut over = 0;
            while at < 5 {
                l[at] += over;
                over = l[at] >> 51;
                l[at] &= MASK;
                at += 1;
            }
            l[0] += over * 19;
            round += 1;
        }
        // Below 2^255 + 19 now: q is 1 where it is p or more, and then the subtraction of p is the addition of 19
        // modulo 2^255.
        let mut q = (l[0] + 19) >> 51;
        let mut at = 1;
        while at < 5 {
            q = (l[at] + q) >> 51;
            at += 1;
        }
        l[0] += 19 * q;
        at = 0;
        while at < 4 {
            l[at + 1] += l[at] >> 51;
            l[at] &= MASK;
            at += 1;
        }
        l[4] &= MASK;
        let words = [l[0] | l[1] << 51, l[1] >> 13 | l[2] << 38, l[2] >> 26 | l[3] << 25, l[3] >> 39 | l[4] << 12];
        let mut bytes = [0; 32];
        at = 0;
        while at < 32 {
            bytes[at] = (words[at / 8] >> (at % 8 * 8)) as u8;
            at += 1;
        }
        bytes
    }

    /// Limb by limb: the bounds add up.
    #[inline(always)]
    pub const fn add(&self, b: &Self) -> Self {
        let (a, b) = (&self.0, &b.0);
        Self([a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3], a[4] + b[4]])
    }

    /// a + 4p − b, for b with limbs below 2^53 − 76; the result is below a's bound plus 2^53.
    #[inline(always)]
    pub const fn sub(&self, b: &Self) -> Self {
        const LOW: u64 = 4 * ((1 << 51) - 19);
        const FOUR: u64 = 4 * MASK;
        let (a, b) = (&self.0, &b.0);
        Self([a[0] + LOW - b[0], a[1] + FOUR - b[1], a[2] + FOUR - b[2], a[3] + FOUR - b[3], a[4] + FOUR - b[4]])
    }

    /// a + 8p − b, for b with limbs below 2^54 − 152; the result is below a's bound plus 2^54.
    #[inline(always)]
    pub const fn sub_wide(&self, b: &Self) -> Self {
        const LOW: u64 = 8 * ((1 << 51) - 19);
        const EIGHT: u64 = 8 * MASK;
        let (a, b) = (&self.0, &b.0);
        Self([a[0] + LOW - b[0], a[1] + EIGHT - b[1], a[2] + EIGHT - b[2], a[3] + EIGHT - b[3], a[4] + EIGHT - b[4]])
    }

    /// The product, carried. The first factor's limbs are below 2^54.5, the second's below 2^54: the columns' high
    /// parts, 19 times those that wrap around included, stay below 2^60.8, so that eight of them fit in a word; 152 of
    /// the last one do, as nothing wraps around to that; and 77 rests of 2^54 are below 2^60.3.
    #[inline(never)]
    pub const fn mul(&self, b: &Self) -> Self {
        let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (self.0, b.0);
        // All low words before all high parts: fewer of them are alive at once, and there are twelve registers.
        let l0 = low!((a0, b0)).wrapping_add(low!((a1, b4), (a2, b3), (a3, b2), (a4, b1)).wrapping_mul(19));
        let l1 = low!((a0, b1), (a1, b0)).wrapping_add(low!((a2, b4), (a3, b3), (a4, b2)).wrapping_mul(19));
        let l2 = low!((a0, b2), (a1, b1), (a2, b0)).wrapping_add(low!((a3, b4), (a4, b3)).wrapping_mul(19));
        let l3 = low!((a0, b3), (a1, b2), (a2, b1), (a3, b0)).wrapping_add(low!((a4, b4)).wrapping_mul(19));
        let l4 = low!((a0, b4), (a1, b3), (a2, b2), (a3, b1), (a4, b0));
        let h0 = high!((a0, b0)) + high!((a1, b4), (a2, b3), (a3, b2), (a4, b1)) * 19;
        let h1 = high!((a0, b1), (a1, b0)) + high!((a2, b4), (a3, b3), (a4, b2)) * 19;
        let h2 = high!((a0, b2), (a1, b1), (a2, b0)) + high!((a3, b4), (a4, b3)) * 19;
        let h3 = high!((a0, b3), (a1, b2), (a2, b1), (a3, b0)) + high!((a4, b4)) * 19;
        let h4 = high!((a0, b4), (a1, b3), (a2, b2), (a3, b1), (a4, b0));
        carry([rest(l0, h0), rest(l1, h1), rest(l2, h2), rest(l3, h3), rest(l4, h4)])
    }

    /// The square, carried, of an element with limbs below 2^54.
    #[inline(never)]
    pub const fn square(&self) -> Self {
        let [a0, a1, a2, a3, a4] = self.0;
        let (d0, d1, s3, s4) = (a0 * 2, a1 * 2, a3 * 19, a4 * 19);
        let (t1, t2, t3) = (a1 * 38, a2 * 38, a3 * 38);
        carry([
            column!((a0, a0), (t1, a4), (t2, a3)),
            column!((d0, a1), (t2, a4), (s3, a3)),
            column!((d0, a2), (a1, a1), (t3, a4)),
            column!((d0, a3), (d1, a2), (s4, a4)),
            column!((d0, a4), (d1, a3), (a2, a2)),
        ])
    }

    /// Squared `n` times.
    pub const fn square_n(&self, n: u32) -> Self {
        let mut x = *self;
        let mut done = 0;
        while done < n {
            x = x.square();
            done += 1;
        }
        x
    }

    /// `(x^(2^250 − 1), x^11)`: the chain that all exponents here begin with.
    const fn powers(&self) -> (Self, Self) {
        let x2 = self.square();
        let x9 = x2.square_n(2).mul(self);
        let x11 = x9.mul(&x2);
        let e5 = x11.square().mul(&x9);
        let e10 = e5.square_n(5).mul(&e5);
        let e20 = e10.square_n(10).mul(&e10);
        let e40 = e20.square_n(20).mul(&e20);
        let e50 = e40.square_n(10).mul(&e10);
        let e100 = e50.square_n(50).mul(&e50);
        let e200 = e100.square_n(100).mul(&e100);
        (e200.square_n(50).mul(&e50), x11)
    }

    /// x^(p − 2): the inverse, zero for zero.
    pub const fn invert(&self) -> Self {
        let (e250, x11) = self.powers();
        e250.square_n(5).mul(&x11)
    }

    /// x^((p − 5) / 8) = x^(2^252 − 3).
    const fn root_power(&self) -> Self {
        let (e250, _) = self.powers();
        e250.square_n(2).mul(self)
    }

    /// A square root of `self / v`, both carried, or `None` where there is none. RFC 8032, 5.1.3.
    pub fn sqrt_ratio(&self, v: &Self) -> Option<Self> {
        let v3 = v.square().mul(v);
        let v7 = v3.square().mul(v);
        let root = self.mul(&v7).root_power().mul(&self.mul(&v3));
        let check = v.mul(&root.square());
        if check.equals(self) {
            Some(root)
        } else if check.equals(&Self::ZERO.sub(self)) {
            Some(root.mul(&SQRT_MINUS_ONE))
        } else {
            None
        }
    }

    /// Whether both are the same number modulo p.
    pub fn equals(&self, other: &Self) -> bool {
        self.to_bytes() == other.to_bytes()
    }

    /// The lowest bit of the number below p: its sign, as encodings say.
    pub fn is_odd(&self) -> bool {
        self.to_bytes()[0] & 1 == 1
    }
}

/// 2^((p − 1) / 4), a square root of −1: ((p − 1) / 4 = 2 · (p − 5) / 8 + 1).
const SQRT_MINUS_ONE: Fe = {
    let two = Fe([2, 0, 0, 0, 0]);
    two.root_power().square().mul(&two)
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Schoolbook arithmetic on bits, from the definition.
    fn slow_mul(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
        let double_add = |x: [u64; 5], y: &[u64; 5]| {
            let wide: [u64; 5] = core::array::from_fn(|n| 2 * x[n] + y[n]);
            Fe::from_bytes(&Fe(wide).to_bytes()).0
        };
        let (a, mut sum) = (Fe::from_bytes(a).0, [0; 5]);
        for bit in (0..255).rev() {
            let on = b[bit / 8] >> (bit % 8) & 1 == 1;
            sum = double_add(sum, if on { &a } else { &[0; 5] });
        }
        Fe(sum).to_bytes()
    }

    fn carried() -> impl Strategy<Value = Fe> {
        let limb = prop_oneof![Just(0u64), Just(MASK), Just((1 << 51) + (1 << 18) - 1), 0u64..=MASK];
        prop::array::uniform5(limb).prop_map(Fe)
    }

    fn wide() -> impl Strategy<Value = Fe> {
        let limb = prop_oneof![Just(0u64), Just((1 << 54) - 1), Just(1 << 53), 0u64..1 << 54];
        prop::array::uniform5(limb).prop_map(Fe)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// The columns lose nothing at the edges of their bounds, and every result is carried.
        #[test]
        fn products_are_exact(a in wide(), b in wide()) {
            let expected = slow_mul(&a.to_bytes(), &b.to_bytes());
            let (product, square) = (a.mul(&b), a.square());
            prop_assert_eq!(product.to_bytes(), expected);
            prop_assert_eq!(square.to_bytes(), slow_mul(&a.to_bytes(), &a.to_bytes()));
            for limb in product.0.iter().chain(&square.0) {
                prop_assert!(*limb < (1 << 51) + (1 << 18));
            }
            // The first factor may be a little wider.
            let more = Fe(a.0.map(|limb| limb + (1 << 52)));
            prop_assert_eq!(more.mul(&b).to_bytes(), slow_mul(&more.to_bytes(), &b.to_bytes()));
        }

        #[test]
        fn sums_and_differences_are_exact(a in carried(), b in carried(), c in carried()) {
            let sum = a.add(&b);
            prop_assert_eq!(sum.sub(&b).to_bytes(), a.to_bytes());
            prop_assert_eq!(a.sub(&sum).add(&b).to_bytes(), [0; 32]);
            let difference = a.sub(&b);
            prop_assert_eq!(c.sub_wide(&difference).add(&difference).to_bytes(), c.to_bytes());
        }

        #[test]
        fn roots_and_inverses(a in carried(), v in carried()) {
            prop_assume!(a.to_bytes() != [0; 32] && v.to_bytes() != [0; 32]);
            prop_assert!(a.mul(&a.invert()).equals(&Fe::ONE));
            // Of a/v and of −a/v... one or both are squares: −1 is one, so both or none.
            let square = a.square().mul(&v);
            let root = square.sqrt_ratio(&v).unwrap();
            prop_assert!(root.equals(&a) || root.equals(&Fe::ZERO.sub(&a)));
            // Two is no square, so twice a square is none.
            prop_assert!(square.add(&square).sqrt_ratio(&v).is_none());
        }

        #[test]
        fn bytes_come_back(mut bytes: [u8; 32]) {
            bytes[31] &= 0x7f;
            let below_p = bytes[31] < 0x7f || bytes[1..31].iter().any(|byte| *byte != 0xff) || bytes[0] < 0xed;
            prop_assert_eq!(Fe::from_bytes(&bytes).to_bytes() == bytes, below_p);
        }
    }

    /// Around p, where only the last subtraction tells.
    #[test]
    fn numbers_around_p_are_reduced() {
        for low in 0..=255u8 {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (low, 0x7f);
            let mut expected = bytes;
            if low >= 0xed {
                expected = [0; 32];
                expected[0] = low - 0xed;
            }
            assert_eq!(Fe::from_bytes(&bytes).to_bytes(), expected, "{low:#x}");
        }
        let minus_one = SQRT_MINUS_ONE.square();
        assert!(minus_one.add(&Fe::ONE).equals(&Fe::ZERO));
        assert!(Fe::ZERO.sqrt_ratio(&Fe::ONE).unwrap().equals(&Fe::ZERO));
    }
}
