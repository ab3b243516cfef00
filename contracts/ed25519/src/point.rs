//! Points of edwards25519, −x² + y² = 1 + d·x²·y², in the coordinates of Hisil, Wong, Carter and Dawson (2008), as
//! `curve25519-dalek` uses them. All data is public: nothing here takes the same time for all inputs.

use crate::field::Fe;

/// −121665 / 121666.
const D: Fe = {
    let (n, m) = (Fe([121_665, 0, 0, 0, 0]), Fe([121_666, 0, 0, 0, 0]));
    Fe::ZERO.sub(&n).mul(&m.invert())
};
/// 2d, carried.
const D2: Fe = D.add(&D).mul(&Fe::ONE);

/// (X : Y : Z) with x = X/Z, y = Y/Z; all carried.
#[derive(Clone, Copy, Debug)]
pub struct Projective {
    x: Fe,
    y: Fe,
    z: Fe,
}

/// The same with T = X·Y/Z; all carried.
#[derive(Clone, Copy, Debug)]
pub struct Extended {
    x: Fe,
    y: Fe,
    z: Fe,
    t: Fe,
}

/// What a doubling or addition leaves: x = X/Z, y = Y/T. T is below 2^54.4, the others below 2^54.
#[derive(Clone, Copy, Debug)]
pub struct Completed {
    x: Fe,
    y: Fe,
    z: Fe,
    t: Fe,
}

/// An operand of additions: Y + X, Y − X, 2Z, 2d·T. All below 2^54.
#[derive(Clone, Copy, Debug)]
pub struct Cached {
    sum: Fe,
    difference: Fe,
    z2: Fe,
    t2d: Fe,
}

/// The same for Z = 1: y + x, y − x, 2d·x·y, which saves a multiplication.
#[derive(Clone, Copy, Debug)]
pub struct Affine {
    sum: Fe,
    difference: Fe,
    t2d: Fe,
}

impl Completed {
    /// T is the first factor, as it is the widest.
    #[inline(never)]
    pub const fn projective(&self) -> Projective {
        Projective { x: self.t.mul(&self.x), y: self.y.mul(&self.z), z: self.t.mul(&self.z) }
    }

    #[inline(never)]
    pub const fn extended(&self) -> Extended {
        let (x, y) = (self.t.mul(&self.x), self.y.mul(&self.z));
        Extended { x, y, z: self.t.mul(&self.z), t: self.x.mul(&self.y) }
    }
}

impl Projective {
    pub const IDENTITY: Self = Self { x: Fe::ZERO, y: Fe::ONE, z: Fe::ONE };

    /// X + Y is below 2^53; XX + YY below 2^53 − 76, which `sub` takes; YY − XX below 2^53.4, which only `sub_wide`
    /// does, and the result of that is below 2^54.4.
    #[inline(never)]
    pub const fn double(&self) -> Completed {
        let (xx, yy, zz) = (self.x.square(), self.y.square(), self.z.square());
        let both = self.x.add(&self.y).square();
        let (y, z) = (yy.add(&xx), yy.sub(&xx));
        Completed { x: both.sub(&y), t: zz.add(&zz).sub_wide(&z), y, z }
    }

    /// Whether it is the point (x, y).
    pub fn is(&self, x: &Fe, y: &Fe) -> bool {
        self.x.equals(&x.mul(&self.z)) && self.y.equals(&y.mul(&self.z))
    }
}

impl Extended {
    pub const fn projective(&self) -> Projective {
        Projective { x: self.x, y: self.y, z: self.z }
    }

    #[inline(never)]
    pub const fn cached(&self) -> Cached {
        let (sum, difference) = (self.y.add(&self.x), self.y.sub(&self.x));
        Cached { sum, difference, z2: self.z.add(&self.z), t2d: self.t.mul(&D2) }
    }

    /// This plus the operand, or minus it where `negative`: −(x, y) = (−x, y) swaps sum and difference and turns T's
    /// sign.
    #[inline(never)]
    pub const fn add(&self, other: &Cached, negative: bool) -> Completed {
        let z = self.z.mul(&other.z2);
        self.combine(&other.sum, &other.difference, &other.t2d, &z, negative)
    }

    /// The same for an operand with Z = 1.
    #[inline(never)]
    pub const fn add_affine(&self, other: &Affine, negative: bool) -> Completed {
        let z = self.z.add(&self.z);
        self.combine(&other.sum, &other.difference, &other.t2d, &z, negative)
    }

    /// `z` below 2^53 and all products carried, so that X, Y, Z and T are below 2^53.7.
    #[inline(never)]
    const fn combine(&self, sum: &Fe, difference: &Fe, t2d: &Fe, z: &Fe, negative: bool) -> Completed {
        let (sum, difference) = if negative { (difference, sum) } else { (sum, difference) };
        let (pp, mm) = (self.y.add(&self.x).mul(sum), self.y.sub(&self.x).mul(difference));
        let tt = self.t.mul(t2d);
        let (plus, minus) = (z.add(&tt), z.sub(&tt));
        let (z, t) = if negative { (minus, plus) } else { (plus, minus) };
        Completed { x: pp.sub(&mm), y: pp.add(&mm), z, t }
    }

    /// The point of an encoding: y, and x's lowest bit in the last one. `None` for what is no point, and for what is
    /// not the point's one encoding (y below p, and no sign on x = 0).
    pub fn decompress(bytes: &[u8; 32]) -> Option<Self> {
        let y = Fe::from_bytes(bytes);
        let sign = bytes[31] >> 7 == 1;
        let yy = y.square();
        // x² = (y² − 1) / (d·y² + 1)
        let u = yy.sub(&Fe::ONE).mul(&Fe::ONE);
        let v = yy.mul(&D).add(&Fe::ONE).mul(&Fe::ONE);
        let mut x = u.sqrt_ratio(&v)?;
        if x.is_odd() != sign {
            x = Fe::ZERO.sub(&x).mul(&Fe::ONE);
        }
        let mut canonical = y.to_bytes();
        canonical[31] |= u8::from(x.is_odd()) << 7;
        (canonical == *bytes).then(|| Self { x, y, z: Fe::ONE, t: x.mul(&y) })
    }

    /// x.
    pub const fn x(&self) -> Fe {
        self.x.mul(&self.z.invert())
    }
}

impl Affine {
    /// The point (x, y).
    pub const fn new(x: &Fe, y: &Fe) -> Self {
        Self { sum: y.add(x), difference: y.sub(x), t2d: x.mul(y).mul(&D2) }
    }
}

/// A scalar's words, each of which has its own multiples of a point.
pub const WORDS: usize = 4;

/// Entries of the base point's tables: odd multiples up to 31.
pub const BASE_ENTRIES: usize = 16;

/// Odd multiples of B, of 2^64·B, of 2^128·B and of 2^192·B.
pub static BASE: [[Affine; BASE_ENTRIES]; WORDS] = {
    let points = multiples::<BASE_ENTRIES>(&base_point());
    let mut table = [[Affine { sum: Fe::ZERO, difference: Fe::ZERO, t2d: Fe::ZERO }; BASE_ENTRIES]; WORDS];
    let mut at = 0;
    while at < WORDS * BASE_ENTRIES {
        let (x, y) = &points[at / BASE_ENTRIES][at % BASE_ENTRIES];
        table[at / BASE_ENTRIES][at % BASE_ENTRIES] = Affine::new(x, y);
        at += 1;
    }
    table
};

/// B, (x, 4/5) with the even x. RFC 8032, 5.1.
const fn base_point() -> Extended {
    let x = Fe::from_bytes(&[
        0x1a, 0xd5, 0x25, 0x8f, 0x60, 0x2d, 0x56, 0xc9, 0xb2, 0xa7, 0x25, 0x95, 0x60, 0xc7, 0x2c, 0x69, 0x5c, 0xdc,
        0xd6, 0xfd, 0x31, 0xe2, 0xa4, 0xc0, 0xfe, 0x53, 0x6e, 0xcd, 0xd3, 0x36, 0x69, 0x21,
    ]);
    let mut y = [0x66; 32];
    y[0] = 0x58;
    let y = Fe::from_bytes(&y);
    Extended { x, y, z: Fe::ONE, t: x.mul(&y) }
}

/// (x, y) of the odd multiples 1, 3, … 2·N − 1 of the point, and of its multiples by 2^64, 2^128 and 2^192; one
/// inversion for all.
pub const fn multiples<const N: usize>(point: &Extended) -> [[(Fe, Fe); N]; WORDS] {
    let mut points = [[*point; N]; WORDS];
    let mut products = [[Fe::ONE; N]; WORDS];
    let (mut first, mut product, mut at) = (*point, Fe::ONE, 0);
    while at < WORDS * N {
        let (word, odd) = (at / N, at % N);
        if odd > 0 {
            let twice = first.projective().double().extended().cached();
            points[word][odd] = points[word][odd - 1].add(&twice, false).extended();
        } else {
            if word > 0 {
                first = doubled_64(&first);
            }
            points[word][0] = first;
        }
        products[word][odd] = product;
        product = product.mul(&points[word][odd].z);
        at += 1;
    }
    let mut inverse = product.invert();
    let mut table = [[(Fe::ZERO, Fe::ZERO); N]; WORDS];
    while at > 0 {
        at -= 1;
        let (word, odd) = (at / N, at % N);
        let point = &points[word][odd];
        let one = inverse.mul(&products[word][odd]);
        inverse = inverse.mul(&point.z);
        table[word][odd] = (point.x.mul(&one), point.y.mul(&one));
    }
    table
}

/// 2^64 times the point.
const fn doubled_64(point: &Extended) -> Extended {
    let mut sum = point.projective().double();
    let mut doubled = 1;
    while doubled < 64 {
        sum = sum.projective().double();
        doubled += 1;
    }
    sum.extended()
}
