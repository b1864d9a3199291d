import CKernels
import Groundwork

/// The weights of one simulation and the steps that change them: the Swift side of
/// `tss_descent` in CKernels.
final class DescentKernel {
  private let handle: OpaquePointer
  let K: Int
  let M: Int
  let N: Int
  /// Kept alive for the kernel, which knows their addresses.
  private let studentFunction: FunctionBox?
  private let teacherFunction: FunctionBox?

  /// Throws `TrainingError.invalid` where there is not enough memory.
  init(student: Student, teacher: Teacher, N: Int, seed: UInt64, options: DescentOptions) throws {
    K = student.hiddenUnits
    M = teacher.hiddenUnits
    self.N = N
    studentFunction = FunctionBox(student.activation)
    teacherFunction = FunctionBox(teacher.activation)
    var settings = tss_descent_settings(
      dimension: Int64(N), student_units: Int32(K), teacher_units: Int32(M),
      student_activation: Self.code(student.activation),
      teacher_activation: Self.code(teacher.activation),
      student_function: studentFunction?.function ?? tss_function(),
      teacher_function: teacherFunction?.function ?? tss_function(),
      student_scale: student.scale, teacher_scale: teacher.scale,
      label_noise: teacher.labelNoise, batch: Int64(options.batch), seed: seed,
      single: options.precision == .float32 ? 1 : 0,
      level: (options.instructionSet ?? .best).rawValue)
    guard let handle = tss_descent_create(&settings) else {
      throw TrainingError.invalid("there is not enough memory for weights at N=\(N)")
    }
    self.handle = handle
    for (m, value) in teacher.secondLayer.enumerated() {
      tss_descent_teacher_output(handle)[m] = value
    }
  }

  deinit { tss_descent_destroy(handle) }

  private static func code(_ activation: Activation) -> Int32 {
    switch activation {
    case .erf: Int32(TSS_ERF)
    case .linear: Int32(TSS_LINEAR)
    case .relu: Int32(TSS_RELU)
    case .quadratic: Int32(TSS_QUADRATIC)
    case .sign: Int32(TSS_SIGN)
    case .custom: Int32(TSS_CUSTOM)
    }
  }

  var v: [Double] {
    get { Array(UnsafeBufferPointer(start: tss_descent_student_output(handle), count: K)) }
    set { for k in 0..<K { tss_descent_student_output(handle)[k] = newValue[k] } }
  }

  func setWeights(student: [Double], teacher: [Double]) {
    tss_descent_set_student(handle, student)
    tss_descent_set_teacher(handle, teacher)
  }

  /// K rows of N.
  var studentWeights: [Double] {
    [Double](unsafeUninitializedCapacity: K * N) { buffer, count in
      tss_descent_get_student(handle, buffer.baseAddress!)
      count = K * N
    }
  }

  /// Q and R of the weights as they are now.
  var overlaps: (Q: Matrix, R: Matrix) {
    var Q = Matrix(rows: K, columns: K)
    var R = Matrix(rows: K, columns: M)
    tss_descent_overlaps(handle, &Q.elements, &R.elements)
    return (Q, R)
  }

  /// The rates of a few steps; nil leaves a layer alone.
  struct Rates {
    var first: [Double]?
    var second: [Double]?
    var decay: [Double]
  }

  /// Takes up to `steps` steps and returns how many: fewer where `shouldStop`, asked now and then
  /// within a large batch, says so, or where the fields have left every sensible range.
  func run(
    from first: Int, steps: Int, rates: Rates, shouldStop: () -> Bool
  ) -> Int {
    withoutActuallyEscaping(shouldStop) { ask in
      withUnsafePointer(to: ask) { context in
        pointers(rates.first) { eta_w in
          pointers(rates.second) { eta_v in
            Int(
              tss_descent_run(
                handle, UInt64(first), Int64(steps), eta_w, eta_v, rates.decay,
                { $0!.assumingMemoryBound(to: (() -> Bool).self).pointee() ? 1 : 0 },
                UnsafeMutableRawPointer(mutating: context)))
          }
        }
      }
    }
  }

  private func pointers<Result>(
    _ values: [Double]?, _ body: (UnsafePointer<Double>?) -> Result
  ) -> Result {
    guard let values else { return body(nil) }
    return values.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}

/// A custom activation as the kernels call it.
private final class FunctionBox {
  private let activation: CustomActivation
  /// For g while it may be written over x, and for a g′ that nobody asked for.
  private var scratch: [Double] = []

  /// nil for the built-in ones.
  init?(_ activation: Activation) {
    guard case .custom(let custom) = activation else { return nil }
    self.activation = custom
  }

  var function: tss_function {
    tss_function(
      evaluate: { context, x, g, derivative, n in
        Unmanaged<FunctionBox>.fromOpaque(context!).takeUnretainedValue()
          .evaluate(x, g, derivative, Int(n))
      }, context: Unmanaged.passUnretained(self).toOpaque())
  }

  private func evaluate(
    _ x: UnsafePointer<Double>, _ g: UnsafeMutablePointer<Double>,
    _ derivative: UnsafeMutablePointer<Double>?, _ n: Int
  ) {
    if let derivative {
      activation.evaluate(x, count: n, g: g, dg: derivative)
      return
    }
    if scratch.count < 2 * n { scratch = .init(repeating: 0, count: 2 * n) }
    scratch.withUnsafeMutableBufferPointer { scratch in
      let values = scratch.baseAddress!
      activation.evaluate(x, count: n, g: values, dg: values + n)
      g.update(from: values, count: n)
    }
  }
}
