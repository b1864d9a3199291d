#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A function of a field, smoothed over s, along a variable: f(slope z + offset).
struct FieldLine {
  private let partition: FieldPartition
  private let slope: Double
  private let offset: Double
  private let s: Double

  init(_ function: FieldFunction, slope: Double, offset: Double, s: Double) {
    partition = function.partition
    self.slope = slope
    self.offset = offset
    // What is narrower than this is a kink for the rules.
    self.s = s > 1e-7 * abs(slope) ? s : 0
  }

  private func resolves(_ low: Double, _ high: Double) -> Bool {
    let (a, b) = (offset + slope * low, offset + slope * high)
    return partition.resolves(min(a, b), max(a, b), smoothing: s)
  }

  /// Panels from -reach to reach, as pairs of ends, each of which all lines resolve by one rule:
  /// found by halving until `most` are there.
  static func panels(
    _ lines: [FieldLine], reach: Double, widest: Double, most: Int
  ) -> [(low: Double, high: Double)] {
    var ends = [-reach, 0, reach]
    for line in lines where line.s == 0 && abs(line.slope) > 1e-12 {
      for kink in line.partition.kinks {
        let place = (kink - line.offset) / line.slope
        if abs(place) < reach { ends.append(place) }
      }
    }
    ends.sort()
    var done: [(low: Double, high: Double)] = []
    var open = zip(ends, ends.dropFirst()).filter { $0.1 - $0.0 > 1e-13 }.map {
      (low: $0.0, high: $0.1)
    }
    while !open.isEmpty {
      var next: [(low: Double, high: Double)] = []
      for (low, high) in open {
        let size = high - low
        let isFine =
          size < 1e-8
          || size <= widest && lines.allSatisfy { $0.resolves(low, high) }
        if isFine || done.count + next.count + open.count > most && size <= widest {
          done.append((low, high))
        } else {
          next += [(low, 0.5 * (low + high)), (0.5 * (low + high), high)]
        }
      }
      open = next
    }
    return done
  }
}

extension QuadratureRules {
  /// Nodes and weights for a standard normal variable in these panels.
  func normal(_ panels: [(low: Double, high: Double)]) -> GaussRule {
    let density = 1 / (2 * Double.pi).squareRoot()
    var nodes: [Double] = [], weights: [Double] = []
    for (low, high) in panels {
      for (node, weight) in zip(cell.nodes, cell.weights) {
        let z = low + (high - low) * node
        nodes.append(z)
        weights.append(weight * (high - low) * density * exp(-0.5 * z * z))
      }
    }
    return GaussRule(nodes: nodes, weights: weights)
  }
}
