import Groundwork
import TSSLanguage

/// `a == b` of the language: by content, functions by identity, different kinds never.
func areEqual(_ a: Value, _ b: Value) -> Bool {
  switch (a, b) {
  case (.number(let x), .number(let y)): return x == y
  case (.bool(let x), .bool(let y)): return x == y
  case (.nothing, .nothing): return true
  case (.string(let x), .string(let y)): return x == y
  case (.word(let x), .word(let y)): return x == y
  case (.list(let xs), .list(let ys)):
    return xs.count == ys.count && zip(xs, ys).allSatisfy(areEqual)
  case (.matrix(let A), .matrix(let B)):
    return A.rows == B.rows && A.columns == B.columns
      && zip(A.elements, B.elements).allSatisfy { $0 == $1 }
  case (.record(let r), .record(let s)):
    return r.names.count == s.names.count
      && r.fields.allSatisfy { name, value in s[name].map { areEqual(value, $0) } ?? false }
  case (.function(let f), .function(let g)): return f === g
  case (.table(let s), .table(let t)):
    return s.axes.count == t.axes.count
      && zip(s.axes, t.axes).allSatisfy {
        $0.name == $1.name && areEqual(.list($0.values), .list($1.values))
      } && areEqual(.list(s.cells), .list(t.cells))
  case (.object(let x), .object(let y)): return x.isEqual(to: y)
  default: return false
  }
}
