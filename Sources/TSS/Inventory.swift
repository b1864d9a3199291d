import Groundwork
import LearningDynamics
import TSSLanguage
import TSSLibrary

/// A name of a session with what stands under it.
public struct Variable: Sendable, Hashable {
  public var name: String
  /// `number`, `run`, `matrix`.
  public var kind: String
  /// How large it is in its own terms: `100×100`, `200 points`, `K: 7 × seed: 3`; empty for values
  /// that have no size.
  public var size: String
  /// What its numbers and characters occupy, without what the program spends on keeping them.
  public var bytes: Int
}

extension Session {
  /// The names that programs of this session have given values to, in alphabetical order, but for
  /// the numbered results.
  public var variables: [Variable] {
    names.filter { !$0.hasPrefix("_") }.compactMap { name in
      valueIfKnown(name).map {
        Variable(name: name, kind: $0.shortKind, size: $0.sizeText, bytes: $0.byteCount)
      }
    }
  }
}

extension Value {
  /// Without the article: `matrix`.
  var shortKind: String {
    let name = kindName
    return name.firstIndex(of: " ").map { String(name[name.index(after: $0)...]) } ?? name
  }

  /// How large the value is in its own terms; empty where nobody would ask.
  public var sizeText: String {
    switch self {
    case .number, .bool, .nothing, .word, .function: return ""
    case .string(let text): return Self.counted(text.count, "character")
    case .list(let elements): return Self.counted(elements.count, "element")
    case .matrix(let matrix): return "\(matrix.rows)×\(matrix.columns)"
    case .record(let record): return Self.counted(record.names.count, "field")
    case .table(let table):
      return table.axes.map { "\($0.name): \($0.values.count)" }.joined(separator: " × ")
    case .object(let object):
      guard let run = object as? RunObject, let first = run.runs.first else { return "" }
      let points = Self.counted(first.samples.count, "point")
      return run.isEnsemble ? "\(run.runs.count) × \(points)" : points
    }
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  /// What the numbers and characters of the value occupy.
  public var byteCount: Int {
    switch self {
    case .number: 8
    case .bool: 1
    case .nothing, .function: 0
    case .string(let text), .word(let text): text.utf8.count
    case .list(let elements): elements.reduce(0) { $0 + $1.byteCount }
    case .matrix(let matrix): 8 * matrix.elements.count
    case .record(let record): record.values.reduce(0) { $0 + $1.byteCount }
    case .table(let table):
      table.axes.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.byteCount } }
        + table.cells.reduce(0) { $0 + $1.byteCount }
    case .object(let object):
      (object as? RunObject)?.runs.reduce(0) { $0 + 8 * $1.numberCount } ?? 0
    }
  }
}

extension Run {
  /// How many numbers it keeps: the curve, kept weights, and the weights to go on with.
  fileprivate var numberCount: Int {
    let curve = samples.reduce(0) { $0 + 2 + $1.state.numberCount }
    let kept = keptWeights.reduce(0) { $0 + $1.w.elements.count }
    let weights = end.descent.map { $0.studentWeights.count + $0.teacherWeights.count } ?? 0
    return curve + kept + weights
  }
}

extension OrderParameters {
  fileprivate var numberCount: Int {
    Q.elements.count + R.elements.count + T.elements.count + v.count + vStar.count
      + blocks.reduce(0) { $0 + $1.Q.elements.count + $1.R.elements.count + $1.T.elements.count }
  }
}
