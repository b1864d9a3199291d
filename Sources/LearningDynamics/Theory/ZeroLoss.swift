import Groundwork

/// Which configuration without loss a student ends in.
public enum ZeroLossBranch: String, Hashable, Sendable, CaseIterable {
  /// One unit for each teacher unit, the others at 0 (erf, first layer; PHYSICS.md, D3). With two
  /// or more extra units this is a long transient: later they cancel in pairs (D4), which only the
  /// state of a run knows.
  case zero
  /// Several units copy each teacher unit and share its output (D6, D7).
  case copies
  /// Any linear student (D5).
  case linear
  /// The state of a run, as it is.
  case state
}

/// Hidden units that give exactly the teacher's output: their overlaps and outputs.
package struct ZeroLoss {
  package let branch: ZeroLossBranch
  package let family: SlopeMoments.Family
  /// Q of the units (for ReLU of unit multiples: lengths do not matter to the slopes).
  package let Q: Matrix
  /// Scale · v.
  package let outputs: [Double]

  /// The configuration that learning from small weights is expected to end in.
  ///
  /// - Parameters:
  ///   - layers: what is trained: with the first layer alone v is the student's as given, with both
  ///     it adapts to v_k = v*_m/n_m.
  ///   - copies: n_m, how many units copy each teacher unit; nil for the branch that the case
  ///     suggests, with n_m as even as possible where there are copies.
  ///   - family: the slopes, where they are not those of the student's activation.
  package init(
    student: Student, teacher: Teacher, layers: Layers, copies: [Int]? = nil,
    as family: SlopeMoments.Family? = nil
  ) throws(TheoryError) {
    let K = student.hiddenUnits
    let family = if let family { family } else { try SlopeMoments.Family(student.activation) }
    guard student.activation.agrees(with: teacher.activation) else {
      throw .unrealisable("student and teacher have different activations")
    }
    guard layers != .second else {
      throw .invalid("noise leaves no trace of order 1 in a second layer trained alone")
    }
    self.family = family
    let T = try teacher.limitingOverlaps()
    // A teacher unit without output is none.
    let units = teacher.secondLayer.indices.filter { teacher.secondLayer[$0] != 0 }
    let targets = units.map { teacher.scale * teacher.secondLayer[$0] }
    if let copies {
      guard copies.count == teacher.hiddenUnits, copies.allSatisfy({ $0 >= 0 }) else {
        throw .invalid("copies needs a number for each of the \(teacher.hiddenUnits) teacher units")
      }
      guard copies.reduce(0, +) <= K else {
        throw .invalid("there are \(copies.reduce(0, +)) copies, but only K=\(K) hidden units")
      }
    }
    let chosenCounts = copies.map { all in units.map { all[$0] } }

    if layers == .both {
      guard !family.isHomogeneous else {
        throw .needsState(
          "with both layers the final error of \(family.name) networks depends on the start, "
            + "on how the two layers share the output: it needs the state of a run")
      }
      guard family.isOdd || copies != nil || K == units.count else {
        throw Self.tooMany(K, units.count, family)
      }
      guard K >= units.count else { throw Self.tooFew(K, units.count) }
      let counts = chosenCounts ?? Self.even(K, over: units.count)
      try Self.requireAll(counts)
      let unit = Self.assignment(counts)
      branch = .copies
      outputs = unit.map { targets[$0] / Double(counts[$0]) }
      Q = Matrix(rows: unit.count, columns: unit.count) { T[units[unit[$0]], units[unit[$1]]] }
      return
    }

    guard case .values(let v) = student.secondLayer else {
      throw .needsState(
        "the student's second layer is drawn at random: it needs the state of a run")
    }
    let given = v.map { student.scale * $0 }
    let chosen: (unit: [Int?], branch: ZeroLossBranch)
    switch family {
    case .linear:
      guard given.contains(where: { $0 != 0 }) || units.isEmpty else {
        throw .unrealisable("all outputs of the student are 0")
      }
      branch = .linear
      outputs = given
      Q = .identity(K)
      return
    case .relu:
      chosen = (try Self.positiveMultiples(given, targets, chosenCounts), .copies)
    case .erf, .sampled:
      guard K >= units.count else { throw Self.tooFew(K, units.count) }
      if let chosenCounts {
        chosen = (
          try Self.equalCopies(given, targets, chosenCounts, mayMirror: family.isOdd), .copies
        )
      } else if let unit = Self.matching(given, targets, mayMirror: family.isOdd) {
        guard K == units.count || family.isOdd else {
          throw Self.tooMany(K, units.count, family)
        }
        chosen = (unit, .zero)
      } else {
        chosen = (try Self.equalCopies(given, targets, nil, mayMirror: family.isOdd), .copies)
      }
    }
    branch = chosen.branch
    outputs = given
    let unit = chosen.unit
    Q = Matrix(rows: K, columns: K) { i, j in
      guard let m = unit[i], let n = unit[j] else { return 0 }
      // A unit with the opposite output is the teacher's mirrored.
      let mirrored = family.isOdd && (given[i] * targets[m] < 0) != (given[j] * targets[n] < 0)
      return mirrored ? -T[units[m], units[n]] : T[units[m], units[n]]
    }
  }

  package var smallNoise: SmallNoise {
    get throws(TheoryError) { try SmallNoise(family, Q: Q, outputs: outputs) }
  }

  // MARK: Assignments

  /// As many for each as possible, the first ones getting what is left over.
  package static func even(_ K: Int, over M: Int) -> [Int] {
    (0..<M).map { K / M + ($0 < K % M ? 1 : 0) }
  }

  private static func assignment(_ counts: [Int]) -> [Int] {
    counts.indices.flatMap { [Int](repeating: $0, count: counts[$0]) }
  }

  private static func requireAll(_ counts: [Int]) throws(TheoryError) {
    if let missing = counts.firstIndex(of: 0) {
      throw .unrealisable("no unit copies teacher unit \(missing + 1)")
    }
  }

  private static func tooFew(_ K: Int, _ M: Int) -> TheoryError {
    .unrealisable("the student has K=\(K) hidden units, the teacher M=\(M)")
  }

  private static func tooMany(
    _ K: Int, _ M: Int, _ family: SlopeMoments.Family
  ) -> TheoryError {
    .needsCopies(
      "g = \(family.name) is not odd, and where the K - M = \(K - M) units too many of its students "
        + "end depends on the start: it needs `copies` or the state of a run")
  }

  private static func agree(_ a: Double, _ b: Double) -> Bool {
    abs(a - b) <= 1e-9 * max(abs(a), abs(b))
  }

  /// A different student unit with the same output for every target, or with the opposite one
  /// where units may be mirrored; nil where there is none.
  private static func matching(
    _ given: [Double], _ targets: [Double], mayMirror: Bool
  ) -> [Int?]? {
    var unit = [Int?](repeating: nil, count: given.count)
    for (m, target) in targets.enumerated() {
      let free = given.indices.filter { unit[$0] == nil }
      let fits = { (k: Int) in
        agree(given[k], target) || mayMirror && agree(abs(given[k]), abs(target))
      }
      guard let k = free.first(where: fits) else { return nil }
      unit[k] = m
    }
    return unit
  }

  /// Copies of equal outputs that add up to the targets, the rest at 0.
  private static func equalCopies(
    _ given: [Double], _ targets: [Double], _ counts: [Int]?, mayMirror: Bool
  ) throws(TheoryError) -> [Int?] {
    let size = abs(given.first ?? 0)
    let signs = Set((given + targets).filter { $0 != 0 }.map { $0 < 0 })
    guard size > 0, given.allSatisfy({ agree(abs($0), size) }), mayMirror || signs.count == 1 else {
      throw .unrealisable(
        "the outputs \(given.brief) of the hidden units are fixed and do not match the teacher's "
          + "\(targets.brief) one by one; for other divisions give the state of a run")
    }
    let needed = targets.map { abs($0) / size }
    let whole = needed.map { $0.rounded() }
    for m in targets.indices {
      guard agree(needed[m], whole[m]), whole[m] >= 1 else {
        throw .unrealisable(
          "copies with the fixed output \(size.brief) cannot add up to the teacher's \(abs(targets[m]).brief)"
        )
      }
      if let counts, Double(counts[m]) != whole[m] {
        throw .unrealisable(
          "\(counts[m]) copies with the fixed output \(size.brief) add up to "
            + "\((Double(counts[m]) * size).brief), not to the teacher's \(abs(targets[m]).brief)")
      }
    }
    let total = whole.reduce(0, +)
    guard total <= Double(given.count) else {
      throw .unrealisable("\(total.plain) copies would be needed, but K=\(given.count)")
    }
    let unit = assignment(whole.map { Int($0) })
    return unit + [Int?](repeating: nil, count: given.count - unit.count)
  }

  /// ReLU units c_k w*_m with c_k > 0: any outputs of the right sign will do, for the lengths c_k
  /// adapt to Σ v_k c_k = v*_m (D6). Units of either sign are shared out evenly.
  private static func positiveMultiples(
    _ given: [Double], _ targets: [Double], _ counts: [Int]?
  ) throws(TheoryError) -> [Int?] {
    var unit = [Int?](repeating: nil, count: given.count)
    for sign in [1.0, -1.0] {
      let own = given.indices.filter { given[$0] * sign > 0 }
      let wanted = targets.indices.filter { targets[$0] * sign > 0 }
      if wanted.isEmpty {
        guard own.isEmpty else {
          throw .needsState(
            "hidden units whose output has a sign that the teacher's have not die: "
              + "it needs the state of a run")
        }
        continue
      }
      guard own.count >= wanted.count else {
        throw .unrealisable(
          "the student has \(own.count) hidden units with outputs of the sign of \(sign.plain), "
            + "the teacher \(wanted.count)")
      }
      let shares =
        counts.map { all in wanted.map { all[$0] } } ?? even(own.count, over: wanted.count)
      try requireAll(shares)
      guard shares.reduce(0, +) == own.count else {
        throw .invalid("the copies of ReLU units must add up to all K=\(given.count) of them")
      }
      for (k, share) in zip(own, assignment(shares)) { unit[k] = wanted[share] }
    }
    return unit
  }
}

extension Teacher {
  /// T as N → ∞.
  package func limitingOverlaps() throws(TheoryError) -> Matrix {
    switch weights {
    case .orthonormal, .isotropic: return .identity(hiddenUnits)
    case .graded: return .diagonal((0..<hiddenUnits).map { Double($0 + 1) })
    case .overlaps(let T):
      guard T.rows == hiddenUnits, T.columns == hiddenUnits else {
        throw .invalid("T is \(T.rows)×\(T.columns), but the teacher has M=\(hiddenUnits)")
      }
      return T
    }
  }
}
