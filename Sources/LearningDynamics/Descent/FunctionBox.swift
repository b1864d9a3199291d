import CKernels

/// A custom activation as the kernels call it.
final class FunctionBox {
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
