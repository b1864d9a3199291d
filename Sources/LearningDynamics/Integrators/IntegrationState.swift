/// What an integration must remember between two accepted steps to go on to the same bits as if it
/// had never stopped: the integrators' histories, step sizes, orders, estimates and counters.
public struct IntegrationState: Hashable, Sendable {
  /// The memory of the integrator, in the order in which `StateTransfer` passes it.
  package var numbers: [Double] = []
  /// The Jacobian that NDF goes on using, row by row; shared with the integrator until it makes
  /// another.
  package var jacobian: [Double] = []
  /// v where the phase began: the rounding of ε_g that error tests allow for is measured by it.
  package var secondLayer: [Double] = []

  package init() {}

  /// To the bit.
  public static func == (a: Self, b: Self) -> Bool {
    a.numbers.elementsEqual(b.numbers) { $0.bitPattern == $1.bitPattern }
      && a.jacobian == b.jacobian && a.secondLayer == b.secondLayer
  }
}

/// Passes the memory of an integrator out of it, or back into it: one list of what is remembered
/// serves both directions, so that they cannot differ.
struct StateTransfer {
  private(set) var state: IntegrationState
  private let isReading: Bool
  private var place = 0
  /// Whether numbers were missing, or were none that an integrator leaves.
  private(set) var isDamaged = false

  /// Into `state`, whose memory is used again.
  init(into state: consuming IntegrationState) {
    self.state = state
    self.state.numbers.removeAll(keepingCapacity: true)
    isReading = false
  }

  init(from state: IntegrationState) {
    self.state = state
    isReading = true
  }

  /// Whether all was read, and nothing was left.
  var isComplete: Bool { !isDamaged && (!isReading || place == state.numbers.count) }

  mutating func pass(_ value: inout Double) {
    guard isReading else {
      state.numbers.append(value)
      return
    }
    guard place < state.numbers.count else {
      isDamaged = true
      return
    }
    value = state.numbers[place]
    place += 1
  }

  /// A counter, within `range`.
  mutating func pass(_ value: inout Int, in range: ClosedRange<Int> = -1 << 53...1 << 53) {
    var number = Double(value)
    pass(&number)
    guard let whole = Int(exactly: number), range.contains(whole) else {
      isDamaged = true
      return
    }
    value = whole
  }

  mutating func pass(_ value: inout Bool) {
    var number = value ? 1 : 0
    pass(&number, in: 0...1)
    value = number == 1
  }

  /// nil is passed as a number that is none.
  mutating func pass(_ value: inout Double?) {
    var number = value ?? .nan
    pass(&number)
    value = number.isNaN ? nil : number
  }

  mutating func pass(_ values: UnsafeMutablePointer<Double>, count: Int) {
    guard isReading else {
      state.numbers.append(contentsOf: UnsafeBufferPointer(start: values, count: count))
      return
    }
    guard place + count <= state.numbers.count else {
      isDamaged = true
      return
    }
    for i in 0..<count { values[i] = state.numbers[place + i] }
    place += count
  }

  mutating func pass(_ values: inout [Double]) {
    values.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { pass(base, count: buffer.count) }
    }
  }

  mutating func passJacobian(_ J: inout [Double]) {
    if !isReading {
      state.jacobian = J
    } else if state.jacobian.count == J.count {
      J = state.jacobian
    } else {
      isDamaged = true
    }
  }

  /// No method but NDF has one.
  mutating func passNoJacobian() { if !isReading { state.jacobian = [] } }

  mutating func pass(_ statistics: inout IntegratorStatistics) {
    pass(&statistics.accepted)
    pass(&statistics.rejected)
    pass(&statistics.derivatives)
    pass(&statistics.jacobians)
    pass(&statistics.factorisations)
  }
}
