/// Numbers over a grid of x and y, shown as colours.
///
/// A value that is not finite, or not positive on a logarithmic scale, is shown as a hatched
/// cell.
public struct HeatMap: Hashable, Sendable {
  /// The middle of each column of cells, in any order.
  public var x: [Double]
  /// The middle of each row of cells, in any order.
  public var y: [Double]
  /// The value at (`x[i]`, `y[j]`) is `values[j * x.count + i]`.
  public var values: [Double]
  /// The name of the colour bar.
  public var label: String?
  /// Whether colours go by the logarithm.
  public var isLogarithmic: Bool
  /// The ends of the colour bar, those of the values unless given; values beyond have the colour
  /// of the end.
  public var limits: Limits
  /// Values along which lines are drawn.
  public var contours: [Double]

  /// A map of `values`, of which there must be x.count·y.count.
  public init(
    x: [Double], y: [Double], values: [Double], label: String? = nil, isLogarithmic: Bool = false,
    limits: Limits = Limits(), contours: [Double] = []
  ) {
    precondition(values.count == x.count * y.count)
    self.x = x
    self.y = y
    self.values = values
    self.label = label
    self.isLogarithmic = isLogarithmic
    self.limits = limits
    self.contours = contours
  }
}
