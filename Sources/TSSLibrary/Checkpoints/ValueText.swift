import LearningDynamics
import TSSLanguage

/// Values as texts that differ where the values do, for comparing experiments: of what a function
/// reads from outside, say.
///
/// Numbers read back to the bit; what is long becomes a checksum. A function is its definition, with
/// what it reads in its turn. Of runs and other objects of the domain there are the fields.
enum ValueText {
  /// Characters that a message can show.
  private static let longest = 200

  static func of(_ function: Function) -> String {
    var writer = Writer()
    return writer.text(of: function)
  }

  private struct Writer {
    /// Functions around the walk, which may refer to themselves.
    private var open: Set<ObjectIdentifier> = []

    mutating func text(of function: Function) -> String {
      let key = ObjectIdentifier(function)
      guard !open.contains(key) else { return function.name ?? "itself" }
      open.insert(key)
      defer { open.remove(key) }
      var outer: [String] = []
      for (name, value) in function.outerValues {
        // The host's own functions and words are what they are called.
        switch value {
        case .function(let known) where known is Builtin && known.name == name: continue
        case .word(let word) where word == name: continue
        default: outer.append("\(name) = \(shortened(text(of: value)))")
        }
      }
      let definition = function.definition ?? function.printedSource
      return outer.isEmpty ? definition : "\(definition) with \(outer.joined(separator: ", "))"
    }

    private mutating func text(of value: Value) -> String {
      switch value {
      case .number, .bool, .nothing, .word, .string: value.inWords
      case .matrix(let matrix):
        "\(matrix.rows)×\(matrix.columns) " + text(of: matrix.elements.map { .number($0) })
      case .list(let elements): text(of: elements)
      case .record(let record): text(of: record.fields)
      case .table(let table):
        table.axes.map { "\($0.name) \(text(of: $0.values))" }.joined(separator: " ")
          + text(of: table.cells)
      case .function(let function): text(of: function)
      case .object(let job as Job): "job \(job.number)"
      case .object(let object) where object.fieldNames.isEmpty: object.describe()
      case .object(let object): object.typeName + text(of: fields(of: object))
      }
    }

    private mutating func text(of values: [Value]) -> String {
      var texts: [String] = []
      for value in values { texts.append(text(of: value)) }
      return "[\(texts.joined(separator: ", "))]"
    }

    private mutating func text(of fields: [(String, Value)]) -> String {
      var texts: [String] = []
      for (name, value) in fields { texts.append("\(name)=\(text(of: value))") }
      return "(\(texts.joined(separator: ", ")))"
    }

    /// How long a run took is no part of what it is.
    private func fields(of object: NativeObject) -> [(String, Value)] {
      object.fieldNames.filter { $0 != "seconds" }.compactMap { name in
        object.field(name).map { (name, $0) }
      }
    }

    private func shortened(_ text: String) -> String {
      guard text.utf8.count > longest else { return text }
      var sum = Checksum()
      for byte in text.utf8 { sum.add(byte) }
      return "(\(text.utf8.count) characters, checksum \(sum))"
    }
  }
}

/// Fowler, Noll and Vo's FNV-1a.
struct Checksum: CustomStringConvertible {
  private var hash: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }

  mutating func add(_ word: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) {
      add(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
    }
  }

  var description: String { String(hash, radix: 16) }
}
