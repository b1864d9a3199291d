import CKernels

/// The Hermite coefficients G_m(μ) and E[f²] of one field (``Smoothing``, ``WideSmoothing``) at
/// equidistant means μ, to be read between them.
///
/// Given the outer variables only the mean of a field differs from point to point, and G_m(μ) varies
/// on the scale of the function and of the deviation that smooths it: some dozens of entries serve the
/// hundreds of points of a rule in two dimensions.
struct ModeTable {
  /// How many coefficients there are.
  let modes: Int
  let rows: Int
  private let low: Double
  private let step: Double
  /// Columns: E[f²], then the coefficients, then room up to a whole vector.
  private let columns: Int
  private var values: [Double]
  private let level = tss_best_level()

  /// The entries that a table from `low` to `high` has.
  static func rows(_ low: Double, _ high: Double, step: Double) -> Double {
    ((high - low) / step).rounded(.up) + Double(TSS_TABLE_POINTS)
  }

  /// A table without values.
  init(_ low: Double, _ high: Double, step: Double, modes: Int) {
    self.modes = modes
    self.step = step
    rows = Int(Self.rows(low, high, step: step))
    self.low = low - step * (0.5 * Double(TSS_TABLE_POINTS) - 0.5)
    columns = (modes + 8) / 8 * 8
    values = [Double](repeating: 0, count: rows * columns)
  }

  /// The mean of an entry.
  func mean(_ row: Int) -> Double { low + step * Double(row) }

  /// Sets entries from `row` on; the first row of G has E[f²], the others the coefficients, rows
  /// `stride` apart.
  mutating func set(_ row: Int, _ count: Int, _ G: UnsafePointer<Double>, stride: Int) {
    for c in 0...modes {
      let source = G + c * stride
      var target = row * columns + c
      for p in 0..<count {
        values[target] = source[p]
        target += columns
      }
    }
  }

  /// Sets an entry from its coefficients and, after them, E[f²].
  mutating func set(_ row: Int, _ G: UnsafePointer<Double>) {
    values[row * columns] = G[modes]
    for m in 0..<modes { values[row * columns + 1 + m] = G[m] }
  }

  /// The sizes of what the entries have.
  func sizes(_ body: (_ square: Double, _ G: UnsafePointer<Double>) -> Void) {
    values.withUnsafeBufferPointer { values in
      for row in 0..<rows {
        let entry = values.baseAddress! + row * columns
        body(entry[0], entry + 1)
      }
    }
  }

  /// E[f²] at these means into the first row of G, the first `wanted` coefficients into the others.
  func read(
    _ mean: UnsafePointer<Double>, _ count: Int, wanted: Int, _ G: UnsafeMutablePointer<Double>,
    stride: Int
  ) {
    values.withUnsafeBufferPointer { values in
      var table = tss_table(
        low: low, step: step, rows: Int64(rows), columns: Int64(columns),
        values: values.baseAddress!)
      tss_interpolate(
        level, &table, mean, Int64(count), G, Int64(min(wanted, modes) + 1), Int64(stride))
    }
    for m in min(wanted, modes)..<max(wanted, modes) where m < wanted {
      (G + (m + 1) * stride).update(repeating: 0, count: count)
    }
  }
}
