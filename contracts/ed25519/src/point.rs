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

    /// X + Y is below 2^53; XX + YY below 2^53 − 76, which `sub` takes; YY − XX below 2^53.4, which only `sub_wide` does, and the
    /// result of that is below 2^54.4.
    #[inline(never)]
    pub const fn double(&self) -> Completed {
        let (xx, yy, zz) = (self.x.square(), self.y.square(), self.z.square());
        let both = self.x.add(&self.y).square();
        let (y, z) = (yy.add(&xx), yy.sub(&xx));
        Completed { x: both.sub(&y), t: zz.add(&zz).sub_wide(&z), y, z }
    }

    /// Whether it is the neutral element, (0, 1).
    pub fn is_identity(&self) -> bool {
        self.x.equals(&Fe::ZERO) && self.y.equals(&self.z)
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

    /// This plus the operand, or minus it where `negative`: −(x, y) = (−x, y) swaps sum and difference and turns T's sign.
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

    /// The point of an encoding: y, and x's lowest bit in the last one. `None` for what is no point, and for what is not the point's
    /// one encoding (y below p, and no sign on x = 0).
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

    /// The odd multiples 1, 3, … 15.
    pub fn odd_multiples(&self) -> [Cached; 8] {
        let twice = self.projective().double().extended();
        let mut table = [self.cached(); 8];
        for at in 1..table.len() {
            table[at] = twice.add(&table[at - 1], false).extended().cached();
        }
        table
    }
}

/// Entries of a table of the base point: odd multiples up to 63.
pub const BASE_ENTRIES: usize = 32;

/// Odd multiples of B, and of 2^127·B.
pub static BASE: [[Affine; BASE_ENTRIES]; 2] = {
    let (low, high) = base_points();
    [affine_multiples(&low), affine_multiples(&high)]
};

/// B, (x, 4/5) with the even x, and 2^127·B. RFC 8032, 5.1.
const fn base_points() -> (Extended, Extended) {
    let x = Fe::from_bytes(&[
        0x1a, 0xd5, 0x25, 0x8f, 0x60, 0x2d, 0x56, 0xc9, 0xb2, 0xa7, 0x25, 0x95, 0x60, 0xc7, 0x2c, 0x69, 0x5c, 0xdc,
        0xd6, 0xfd, 0x31, 0xe2, 0xa4, 0xc0, 0xfe, 0x53, 0x6e, 0xcd, 0xd3, 0x36, 0x69, 0x21,
    ]);
    let mut y = [0x66; 32];
    y[0] = 0x58;
    let y = Fe::from_bytes(&y);
    let base = Extended { x, y, z: Fe::ONE, t: x.mul(&y) };
    let mut high = base.projective().double();
    let mut doubled = 1;
    while doubled < 127 {
        high = high.projective().double();
        doubled += 1;
    }
    (base, high.extended())
}

/// The odd multiples 1, 3, … 63 with Z = 1; one inversion for all of them.
const fn affine_multiples(point: &Extended) -> [Affine; BASE_ENTRIES] {
    let twice = point.projective().double().extended().cached();
    let mut points = [*point; BASE_ENTRIES];
    let mut products = [point.z; BASE_ENTRIES];
    let mut at = 1;
    while at < BASE_ENTRIES {
        points[at] = points[at - 1].add(&twice, false).extended();
        products[at] = products[at - 1].mul(&points[at].z);
        at += 1;
    }
    let mut inverse = products[BASE_ENTRIES - 1].invert();
    let mut table = [Affine { sum: Fe::ZERO, difference: Fe::ZERO, t2d: Fe::ZERO }; BASE_ENTRIES];
    while at > 0 {
        at -= 1;
        let one = if at == 0 { inverse } else { inverse.mul(&products[at - 1]) };
        inverse = inverse.mul(&points[at].z);
        let (x, y) = (points[at].x.mul(&one), points[at].y.mul(&one));
        table[at] = Affine { sum: y.add(&x), difference: y.sub(&x), t2d: x.mul(&y).mul(&D2) };
    }
    table
}
