/// Numbers in a box of any number of dimensions, the last index running fastest.
public struct NDArray: Hashable, Sendable {
  /// The extent of each dimension; empty for a single number.
  public var shape: [Int]
  /// The numbers, as many as the product of the shape.
  public var values: [Double]

  /// - Precondition: there are as many values as the shape has places.
  public init(shape: [Int], values: [Double]) {
    // A box without places may have sides whose product overflows.
    let places = shape.contains(0) ? 0 : shape.reduce(1, *)
    precondition(shape.allSatisfy { $0 >= 0 } && places == values.count)
    self.shape = shape
    self.values = values
  }

  /// A list.
  public init(_ values: [Double]) { self.init(shape: [values.count], values: values) }

  /// A single number.
  public init(_ value: Double) { self.init(shape: [], values: [value]) }
}

/// What a NumPy array of a kind that is read here holds.
public enum NPYValue: Hashable, Sendable {
  /// Numbers or booleans (0 and 1), whatever their width; integers beyond 2^53 are rounded.
  case numbers(NDArray)
  /// Strings, the last index running fastest.
  case strings(shape: [Int], [String])

  /// The numbers, if it holds such.
  public var numbers: NDArray? {
    if case .numbers(let array) = self { array } else { nil }
  }

  /// The extent of each dimension.
  public var shape: [Int] {
    switch self {
    case .numbers(let array): array.shape
    case .strings(let shape, _): shape
    }
  }
}
