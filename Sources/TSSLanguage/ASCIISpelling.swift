extension String {
  /// Greek letters of names spelled out, for terminals that cannot show them: `η_w` is `eta_w`.
  package var spelledInASCII: String {
    if utf8.allSatisfy({ $0 < 128 }) { return self }
    return reduce(into: "") { $0 += greekNames[$1] ?? String($1) }
  }
}

private let greekNames: [Character: String] = {
  let names = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "", "sigma", "tau", "upsilon", "phi",
    "chi", "psi", "omega",
  ]
  var table: [Character: String] = ["∞": "inf", "ς": "sigma", "ϵ": "epsilon"]
  for (offset, name) in names.enumerated() where !name.isEmpty {
    let small = Character(Unicode.Scalar(0x3B1 + UInt32(offset))!)
    let capital = Character(Unicode.Scalar(0x391 + UInt32(offset))!)
    table[small] = name
    table[capital] = name.prefix(1).uppercased() + name.dropFirst()
  }
  return table
}()
