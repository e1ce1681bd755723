//! A small generator of random numbers: every failure names its seed.

/// Xorshift64*, Vigna 2016.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn word(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.word() >> 33) % n as u64) as usize
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// `bytes` in random parts, many of them small.
    pub fn cut<'a>(&mut self, mut bytes: &'a [u8]) -> Vec<&'a [u8]> {
        let mut parts = Vec::new();
        while !bytes.is_empty() {
            let most = self.pick(&[1, 3, 20, 1000]);
            let (part, rest) = bytes.split_at((self.below(most) + 1).min(bytes.len()));
            parts.push(part);
            bytes = rest;
        }
        parts
    }
}

/// The seeds of a test: `count` of them, or as many times more as the environment's `SYNK_FUZZ` says.
pub fn seeds(count: u64) -> std::ops::Range<u64> {
    let times = std::env::var("SYNK_FUZZ").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    0..count * times
}
