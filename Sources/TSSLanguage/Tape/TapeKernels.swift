import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The loops that carry out a tape's steps: one switch for each step of a block.
enum TapeKernels {
  typealias Input = UnsafePointer<Double>
  typealias Output = UnsafeMutablePointer<Double>

  /// Writes the results for `n` numbers to `z`, which may be one of the operands.
  @inline(__always)
  static func run(
    _ operation: TapeOperation, _ z: Output, _ a: Input, _ b: Input, _ c: Input, _ n: Int
  ) {
    switch operation {
    case .input, .constant: break
    case .add: zip(z, a, b, n) { $0 + $1 }
    case .subtract: zip(z, a, b, n) { $0 - $1 }
    case .multiply: zip(z, a, b, n) { $0 * $1 }
    case .divide: zip(z, a, b, n) { $0 / $1 }
    case .power: zip(z, a, b, n) { raise($0, $1) }
    case .minimum: zip(z, a, b, n) { $0.isNaN || $0 < $1 ? $0 : $1 }
    case .maximum: zip(z, a, b, n) { $0.isNaN || $0 > $1 ? $0 : $1 }
    case .less: zip(z, a, b, n) { $0 < $1 ? 1 : 0 }
    case .lessOrEqual: zip(z, a, b, n) { $0 <= $1 ? 1 : 0 }
    case .equal: zip(z, a, b, n) { $0 == $1 ? 1 : 0 }
    case .near: zip(z, a, b, n) { Operations.areNear($0, $1) ? 1 : 0 }
    case .select: for i in 0..<n { z[i] = c[i] != 0 ? a[i] : b[i] }
    case .negate: map(z, a, n) { -$0 }
    case .abs: map(z, a, n) { $0.magnitude }
    case .sign: map(z, a, n) { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
    case .floor: map(z, a, n) { $0.rounded(.down) }
    case .ceil: map(z, a, n) { $0.rounded(.up) }
    case .trunc: map(z, a, n) { $0.rounded(.towardZero) }
    case .round: map(z, a, n) { $0.rounded(.toNearestOrEven) }
    case .sqrt: map(z, a, n) { $0.squareRoot() }
    default: runLibrary(operation, z, a, n)
    }
  }

  private static let level = tss_best_level()

  /// exp and its kin eight at a time, the same bits on every machine; the rest by the C library.
  private static func runLibrary(
    _ operation: TapeOperation, _ z: Output, _ a: Input, _ n: Int
  ) {
    switch operation {
    case .cbrt: map(z, a, n, cbrt)
    case .exp: tss_exp(level, a, z, Int64(n))
    case .expm1: tss_expm1(level, a, z, Int64(n))
    case .log: map(z, a, n, log)
    case .log1p: map(z, a, n, log1p)
    case .log2: map(z, a, n, log2)
    case .log10: map(z, a, n, log10)
    case .sin: map(z, a, n, sin)
    case .cos: map(z, a, n, cos)
    case .tan: map(z, a, n, tan)
    case .asin: map(z, a, n, asin)
    case .acos: map(z, a, n, acos)
    case .atan: map(z, a, n, atan)
    case .sinh: map(z, a, n, sinh)
    case .cosh: map(z, a, n, cosh)
    case .tanh: tss_tanh(level, a, z, Int64(n))
    case .asinh: map(z, a, n, asinh)
    case .acosh: map(z, a, n, acosh)
    case .atanh: map(z, a, n, atanh)
    case .erf: tss_erf(level, a, z, Int64(n))
    case .erfc: complement(z, a, n)
    default: preconditionFailure("\(operation) is not a function of the C library")
    }
  }

  /// Beyond 6, where the fit ends, the C library's.
  private static func complement(_ z: Output, _ a: Input, _ n: Int) {
    if (0..<n).contains(where: { a[$0] > 6 }) {
      for i in 0..<n {
        if a[i] > 6 { z[i] = erfc(a[i]) } else { tss_erfc(level, a + i, z + i, 1) }
      }
    } else {
      tss_erfc(level, a, z, Int64(n))
    }
  }

  @inline(__always)
  private static func map(_ z: Output, _ a: Input, _ n: Int, _ f: (Double) -> Double) {
    for i in 0..<n { z[i] = f(a[i]) }
  }

  @inline(__always)
  private static func zip(
    _ z: Output, _ a: Input, _ b: Input, _ n: Int, _ f: (Double, Double) -> Double
  ) { for i in 0..<n { z[i] = f(a[i], b[i]) } }
}
