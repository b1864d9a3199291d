/// Errors that are measured on samples; nil where they are not, because every step draws its own
/// sample or because ε_g is known from the overlaps.
struct SampleErrors {
  /// ½⟨(φ − y)²⟩ over the training set, its label noise included.
  var training: Double?
  /// ½⟨(φ − φ*)²⟩, or ½⟨(φ − y)²⟩ for given labels, over the held-out rows.
  var test: Double?
}
