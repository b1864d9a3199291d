import TSSLanguage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Random numbers for programs. There is no hidden state: the same seed gives the same numbers.
extension StandardVocabulary {
  static func installRandom(in v: inout Vocabulary) {
    let n = Parameter.required("n", "how many")
    let seed = Parameter.optional("seed", "1", "a whole number; the same gives the same")
    v.define(
      "random", [n, seed], result: "list",
      about: "n numbers distributed evenly from 0 (included) to 1 (not included), drawn by "
        + "xoshiro256++ from the seed.",
      examples: [("random(3) == random(3, seed=1)", "true")], seeAlso: ["randn", "shuffle"]
    ) { call throws(Diagnostic) in
      var generator = try generator(call)
      return Value((0..<(try size(call, "n"))).map { _ in generator.uniform() })
    }
    v.define(
      "randn", [n, seed], result: "list",
      about: "n numbers from the standard normal distribution; `matrix(randn(6), columns=2)` is a "
        + "random matrix.",
      examples: [("count(randn(10, seed=3))", "10")], seeAlso: ["random"]
    ) { call throws(Diagnostic) in
      var generator = try generator(call)
      let n = try size(call, "n")
      var numbers: [Double] = []
      numbers.reserveCapacity(n + 1)
      while numbers.count < n { numbers += generator.normalPair() }
      return Value(Array(numbers.prefix(n)))
    }
    v.define(
      "shuffle", [.required("xs", "a list"), seed], result: "list",
      about: "The elements in random order; `take(shuffle(xs), n)` is a random sample.",
      examples: [("sort(shuffle([3, 1, 2], seed=5))", "[1, 2, 3]")], seeAlso: ["random", "take"]
    ) { call throws(Diagnostic) in
      var generator = try generator(call)
      var elements = try call.elements(0)
      // Fisher and Yates's method by hand: the library's own may change with its version.
      for last in elements.indices.reversed().dropLast() {
        elements.swapAt(last, Int(generator.uniform() * Double(last + 1)))
      }
      return .list(elements)
    }
  }

  private static func generator(_ call: Call) throws(Diagnostic) -> Xoshiro256 {
    Xoshiro256(seed: UInt64(try call.optionalCount("seed") ?? 1))
  }
}

/// xoshiro256++ 1.0 (Blackman and Vigna 2019), its state filled by SplitMix64 from the seed.
struct Xoshiro256 {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  init(seed: UInt64) {
    var counter = seed
    func next() -> UInt64 {
      counter &+= 0x9E37_79B9_7F4A_7C15
      var z = counter
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    state = (next(), next(), next(), next())
  }

  private mutating func next() -> UInt64 {
    func rotated(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    let result = rotated(state.0 &+ state.3, 23) &+ state.0
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotated(state.3, 45)
    return result
  }

  /// From 0 to 1, with 53 bits.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Two independent normal numbers, by Marsaglia's polar method.
  mutating func normalPair() -> [Double] {
    while true {
      let (x, y) = (2 * uniform() - 1, 2 * uniform() - 1)
      let square = x * x + y * y
      guard square > 0, square < 1 else { continue }
      let factor = (-2 * log(square) / square).squareRoot()
      return [x * factor, y * factor]
    }
  }
}
