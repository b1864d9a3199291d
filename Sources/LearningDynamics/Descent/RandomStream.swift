import CKernels

/// Random numbers for what is drawn once: initial overlaps, second layers.
///
/// A stream is keyed by a seed and a purpose, and every number by its place in the stream, through
/// Philox4x32-10 (Salmon et al. 2011): the same seed gives the same numbers on every machine, in
/// every engine, and whatever else was drawn. Arithmetic is IEEE double precision with the
/// logarithm of `CKernels`; no function of the C library comes in.
///
/// The inputs of SGD come from the kernels instead, from streams below 2³¹.
package struct RandomStream {
  /// What the numbers are for; each has a stream of its own.
  package enum Purpose: UInt32 {
    case teacher = 0xF000_0001
    case student
    case secondLayer
    case perturbation
    case frame
    /// The division of a table into rows to learn from and to test on.
    case division = 0xF000_0101
    /// The kernels' stream of the labels' noise, in blocks of 4096 samples.
    case labelNoise = 0x8000_0000
  }

  private let seed: UInt64
  private let purpose: UInt32
  private var counter: UInt64 = 0
  private var spareWord: UInt64?
  private var spareGaussian: Double?

  package init(seed: UInt64, purpose: Purpose) {
    self.seed = seed
    self.purpose = purpose.rawValue
  }

  /// 64 random bits.
  package mutating func nextWord() -> UInt64 {
    if let word = spareWord {
      spareWord = nil
      return word
    }
    var (a, b) = (UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32))
    var (c, d) = (0 as UInt32, purpose)
    var (k0, k1) = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    for _ in 0..<10 {
      let p = a.multipliedFullWidth(by: 0xD251_1F53)
      let q = c.multipliedFullWidth(by: 0xCD9E_8D57)
      (a, b, c, d) = (q.high ^ b ^ k0, q.low, p.high ^ d ^ k1, p.low)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    counter += 1
    spareWord = UInt64(c) << 32 | UInt64(d)
    return UInt64(a) << 32 | UInt64(b)
  }

  /// Uniform on (0, 1), symmetric, never 0 or 1.
  package mutating func uniform() -> Double {
    (Double(nextWord() >> 12) + 0.5) * 0x1p-52
  }

  /// N(0, 1), by the polar method of Marsaglia and Bray (1964).
  package mutating func gaussian() -> Double {
    if let value = spareGaussian {
      spareGaussian = nil
      return value
    }
    while true {
      let x = 2 * uniform() - 1
      let y = 2 * uniform() - 1
      let square = x * x + y * y
      if square < 1, square > 0 {
        let factor = (-2 * tss_log(square) / square).squareRoot()
        spareGaussian = y * factor
        return x * factor
      }
    }
  }

  package mutating func gaussians(_ count: Int) -> [Double] {
    (0..<count).map { _ in gaussian() }
  }

  /// The gamma distribution of unit scale, for shapes of at least 1 (Marsaglia and Tsang 2000).
  ///
  /// The squeeze comes first: for shapes near 10¹² the exact test loses its digits, but is then
  /// reached only by draws that the squeeze could not decide, and decides them by chance at worst.
  package mutating func gamma(shape: Double) -> Double {
    precondition(shape >= 1, "Marsaglia and Tsang's method is for shapes of at least 1")
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = gaussian()
      let t = 1 + c * x
      if t <= 0 { continue }
      let cube = t * t * t
      let u = uniform()
      let square = x * x
      if u < 1 - 0.0331 * square * square { return d * cube }
      if tss_log(u) < square / 2 + d * (1 - cube + tss_log(cube)) { return d * cube }
    }
  }

  /// χ² with a whole number of degrees of freedom, at least 1.
  package mutating func chiSquared(_ degrees: Double) -> Double {
    if degrees < 2 {
      let z = gaussian()
      return z * z
    }
    return 2 * gamma(shape: degrees / 2)
  }

  /// The lower triangular root B of a Wishart matrix B Bᵀ of the given size and degrees of freedom
  /// (at least the size), divided by √scale (Bartlett 1933).
  package mutating func bartlettRoot(size: Int, degrees: Double, scale: Double) -> [[Double]] {
    (0..<size).map { i in
      (0..<size).map { j in
        if j > i { return 0 }
        let element =
          j == i ? chiSquared(degrees - Double(i)).squareRoot() : gaussian()
        return element / scale.squareRoot()
      }
    }
  }
}
