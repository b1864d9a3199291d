/// Equations for order parameters, as training integrates them: for isotropic inputs
/// ``OrderParameterEquations``, for structured ones ``BlockEquations``.
package protocol LearningEquations: DifferentialSystem {
  /// The local fields, whose sums ask whether they are still wanted.
  var fields: LocalFields { get }
  /// Whether all rates are constants.
  var isAutonomous: Bool { get }

  /// The state vector of these order parameters.
  func pack(_ state: OrderParameters) -> [Double]
  /// The order parameters of a state vector; what is not trained is taken from `base`, or as it was
  /// at the start.
  func unpack(_ y: UnsafePointer<Double>, onto base: OrderParameters?) -> OrderParameters

  /// η* of the last derivative where the rate is greedy, divided by 1 − β; else nil.
  var lastGreedyRate: Double? { get }
  /// η_w, η_v and κ at α since the phase began; 0 for a layer that is not trained.
  func rates(at alpha: Double) throws -> (first: Double, second: Double, decay: Double)
  /// ε_g at this state, as the sums give it: rounding may make it negative.
  func error(_ y: UnsafePointer<Double>) -> Double
  /// The name of the order parameter that the state holds at `index`: "Q", "R" or "v".
  func quantity(of index: Int) -> String
  /// How far finer quadrature moves the rates and ε_g of this state, relative to the largest of
  /// each kind; nil where the integrals are closed forms.
  func quadratureError(_ alpha: Double, _ y: [Double]) throws -> Double?
}

extension LearningEquations {
  func unpack(_ y: UnsafePointer<Double>) -> OrderParameters { unpack(y, onto: nil) }
}

extension OrderParameterEquations: LearningEquations {
  /// The equations that a start asks for: those of the blocks where it has any.
  package static func of(
    student: Student, teacher: Teacher, phase: Phase, start: OrderParameters, batch: Int,
    begin: Double = 0
  ) -> any LearningEquations {
    let fields = OrderParameterEquations(
      student: student, teacher: teacher, phase: phase, start: start, batch: batch,
      begin: begin)
    return start.blocks.isEmpty ? fields : BlockEquations(fields, start: start)
  }
}
