import Foundation

/// Whether two printed texts say the same: to the letter, but numbers that are not whole may differ
/// by a millionth or by one in their last digit, for the last bits of the C library's functions
/// depend on the processor. Spaces between words do not count, for such numbers fill columns.
func agree(_ a: some Sequence<String>, _ b: some Sequence<String>) -> Bool {
  let a = a.flatMap(pieces)
  let b = b.flatMap(pieces)
  return a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || areNear($0, $1) }
}

/// The numbers of a line, what is between them, and its end.
private func pieces(_ line: String) -> [String] {
  var pieces: [String] = []
  var rest = line[...]
  while let number = rest.firstMatch(of: /-?\d+(\.\d+)?(e[+-]?\d+)?/) {
    pieces += [words(rest[..<number.range.lowerBound]), String(number.output.0)]
    rest = rest[number.range.upperBound...]
  }
  return pieces + [words(rest), "\n"]
}

private func words(_ text: Substring) -> String {
  text.split(separator: " ").joined(separator: " ")
}

private func areNear(_ a: String, _ b: String) -> Bool {
  guard let x = Double(a), let y = Double(b), isFraction(a), isFraction(b) else { return false }
  return abs(x - y) <= 1e-6 * max(abs(x), abs(y)) + 1.01 * max(lastDigit(a), lastDigit(b))
}

private func isFraction(_ number: String) -> Bool { number.contains { ".e".contains($0) } }

/// What one in the last digit of a number is worth.
private func lastDigit(_ number: String) -> Double {
  let parts = number.split(separator: "e")
  let decimals = parts[0].split(separator: ".").dropFirst().first?.count ?? 0
  let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
  return pow(10, Double(exponent - decimals))
}
