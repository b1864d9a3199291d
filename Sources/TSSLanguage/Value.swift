import Groundwork

/// A value of the language. Values are immutable; `x[2] = 5` rebinds `x` to a changed copy.
public enum Value: Sendable {
  case number(Double)
  case bool(Bool)
  case nothing
  indirect case string(String)
  case list([Value])
  indirect case matrix(Matrix)
  case record(Record)
  case function(Function)
  /// A constant that prints as itself: `first`, `both`, `orthonormal`.
  indirect case word(String)
  case table(Table)
  /// A value of the domain: a teacher, a run, a plot.
  case object(NativeObject)
}

/// Named values in the order in which they were written.
public final class Record: Sendable {
  public let names: [String]
  public let values: [Value]

  /// Names are distinct.
  public init(_ fields: [(String, Value)]) {
    names = fields.map(\.0)
    values = fields.map(\.1)
  }

  /// As many names as values; names are distinct.
  public init(names: [String], values: [Value]) {
    precondition(names.count == values.count)
    self.names = names
    self.values = values
  }

  public subscript(name: String) -> Value? {
    names.firstIndex(of: name).map { values[$0] }
  }

  public var fields: [(String, Value)] { Array(zip(names, values)) }
}

/// What `sweep` makes: a value for each point of a grid of named axes.
public final class Table: Sendable {
  public struct Axis: Sendable {
    public var name: String
    /// Distinct, at least one.
    public var values: [Value]

    public init(name: String, values: [Value]) {
      self.name = name
      self.values = values
    }
  }

  public let axes: [Axis]
  /// The last axis is fastest; `nothing` where a cell failed or was not reached.
  public let cells: [Value]

  /// Cells that an interrupted sweep did not reach, in order.
  public let unreached: [Int]
  /// Computes cells that were not reached.
  public typealias Resumption = @Sendable (Table, Context) throws(Diagnostic) -> Table
  private let resumption: Resumption?

  public init(
    axes: [Axis], cells: [Value], unreached: [Int] = [], resumption: Resumption? = nil
  ) {
    precondition(cells.count == axes.reduce(1) { $0 * $1.values.count })
    self.axes = axes
    self.cells = cells
    self.unreached = unreached
    self.resumption = resumption
  }

  /// Whether there are cells left that `resumed` can compute.
  public var canResume: Bool { !unreached.isEmpty && resumption != nil }

  /// The same table with the cells that were not reached: goes on with an interrupted sweep.
  /// The body sees the outer variables as they are now. Gives itself where nothing is left.
  public func resumed(in context: Context) throws(Diagnostic) -> Table {
    guard canResume, let resumption else { return self }
    return try resumption(self, context)
  }
}

/// The base of all values that the host brings: immutable objects with named fields.
open class NativeObject: @unchecked Sendable {
  public init() {}

  /// The type in the user's words: `teacher`, `run`.
  open var typeName: String { "object" }

  /// The names of the fields, in the order in which they are shown.
  open var fieldNames: [String] { [] }

  /// A field's value; nil where there is none of this name.
  open func field(_ name: String) -> Value? { nil }

  /// One line, as it stands inside a list or a string.
  open func describe() -> String { "<\(typeName)>" }

  /// What is shown when the value is the result of an input or of a statement at the top of a
  /// file; may be several lines, or nil for nothing.
  open func display(in context: Context) throws(Diagnostic) -> String? { describe() }

  open func isEqual(to other: NativeObject) -> Bool { self === other }
}

extension Value {
  /// What messages call it: "a number", "a list", "a student".
  public var kindName: String {
    switch self {
    case .number: "a number"
    case .bool: "a truth value"
    case .nothing: "nothing"
    case .string: "a string"
    case .list: "a list"
    case .matrix: "a matrix"
    case .record: "a record"
    case .function: "a function"
    case .word: "a word"
    case .table: "a table"
    case .object(let object):
      "\("aeiou".contains(object.typeName.first ?? "x") ? "an" : "a") \(object.typeName)"
    }
  }
}
