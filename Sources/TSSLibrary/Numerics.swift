import TSSLanguage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Roots, minima, integrals and derivatives of functions of the language.
extension StandardVocabulary {
  static func installNumerics(in v: inout Vocabulary) {
    let f = Parameter.required("f", "a function of one number that gives a number")
    v.define(
      "root",
      [
        f, .required("a", "one end of the interval"), .required("b", "the other end"),
        .optional("tol", "1e-12", "how far from the root, relative to it", isNamedOnly: true),
      ], result: "number",
      about: "Where f is zero between a and b, by Brent's method; f(a) and f(b) differ in sign.",
      examples: [("root(x -> x^2 - 2, 0, 2)", "1.4142135623730951")], seeAlso: ["minimize"]
    ) { call throws(Diagnostic) in
      let integrand = try ScalarFunction(call)
      let (a, b) = (try call.number("a"), try call.number("b"))
      let (fa, fb) = (try integrand(a), try integrand(b))
      guard fa == 0 || fb == 0 || (fa < 0) != (fb < 0), !fa.isNaN, !fb.isNaN else {
        throw call.error(
          "`root` needs values of opposite sign at the ends: "
            + "f(\(a.printed)) = \(fa.printed), f(\(b.printed)) = \(fb.printed)",
          code: "bracket", at: "a")
      }
      let tolerance = max(try call.optionalNumber("tol") ?? 1e-12, 0)
      return .number(try brent(integrand, a, b, fa, fb, tolerance))
    }
    v.define(
      "minimize",
      [
        f, .required("a", "one end of the interval"), .required("b", "the other end"),
        .optional("tol", "1e-8", "how far from the minimum, relative to it", isNamedOnly: true),
      ], result: "record",
      about:
        "A minimum of f between a and b, by Brent's method: a record (x, value). Half of the "
        + "digits of x are all that values of f can tell.",
      examples: [("round(minimize(x -> (x - 1)^2, 0, 3).x, 6)", "1")], seeAlso: ["root"]
    ) { call throws(Diagnostic) in
      let objective = try ScalarFunction(call)
      let (a, b) = (try call.number("a"), try call.number("b"))
      guard a.isFinite, b.isFinite else {
        throw call.error("`minimize` needs a finite interval", at: a.isFinite ? "b" : "a")
      }
      let tolerance = max(try call.optionalNumber("tol") ?? 1e-8, 1e-9)
      let (x, value) = try goldenParabola(objective, min(a, b), max(a, b), tolerance)
      return .record(Record([("x", .number(x)), ("value", .number(value))]))
    }
    v.define(
      "integrate",
      [
        f, .required("a", "the lower bound, or -inf"), .required("b", "the upper bound, or inf"),
        .optional("tol", "1e-10", "error of the result, relative to it", isNamedOnly: true),
      ], result: "number",
      about:
        "The integral of f from a to b, by adaptive Gauss–Kronrod quadrature. Where the tolerance "
        + "cannot be reached, a note says how large the error may be.",
      examples: [
        ("integrate(x -> x^2, 0, 3)", "9"),
        ("integrate(x -> exp(-x^2/2), -inf, inf)", "2.5066282746310002"),
      ], seeAlso: ["derivative"]
    ) { call throws(Diagnostic) in
      let integrand = try ScalarFunction(call)
      let (a, b) = (try call.number("a"), try call.number("b"))
      guard !a.isNaN, !b.isNaN else { throw call.error("a bound is `nan`", at: "a") }
      let tolerance = max(try call.optionalNumber("tol") ?? 1e-10, 1e-14)
      let result = try Quadrature.integral(of: integrand, from: a, to: b, tolerance: tolerance)
      if !result.isConverged {
        call.context.note(
          "note: the error of `integrate` may be \(result.error.shortenedForNote)")
      }
      return .number(result.value)
    }
    v.define(
      "derivative", [f, .required("x", "where")], result: "number",
      about: "The derivative of f at x, by differences extrapolated to zero; about ten digits.",
      examples: [("round(derivative(sin, 0), 8)", "1")], seeAlso: ["integrate"]
    ) { call throws(Diagnostic) in
      .number(try ridders(try ScalarFunction(call), try call.number("x")))
    }
  }
}

/// The function argument `f` of a call, which must give numbers.
struct ScalarFunction {
  private let call: Call
  private let function: Function

  init(_ call: Call) throws(Diagnostic) {
    self.call = call
    function = try StandardVocabulary.function(call, "f")
  }

  func callAsFunction(_ x: Double) throws(Diagnostic) -> Double {
    try call.context.poll()
    let value = try call.context.call(function, [.number(x)])
    guard case .number(let number) = value else {
      throw call.error(
        "the function given to `\(call.function.name!)` must give a number, "
          + "not \(value.kindName)", code: "type", at: "f")
    }
    return number
  }
}

extension Double {
  fileprivate var shortenedForNote: String {
    (try? Value.number(self).formatted(".2g", at: nil)) ?? printed
  }
}

/// Brent's root finder (Brent 1973, chapter 4): bisection, hastened by the secant and by inverse
/// quadratic interpolation where they stay inside the bracket.
private func brent(
  _ f: ScalarFunction, _ a: Double, _ b: Double, _ fa: Double, _ fb: Double, _ tolerance: Double
) throws(Diagnostic) -> Double {
  var (a, b, fa, fb) = (a, b, fa, fb)
  var (c, fc) = (a, fa)
  var step = b - a
  var previous = step
  for _ in 0..<500 {
    if fc.magnitude < fb.magnitude { (a, b, c, fa, fb, fc) = (b, c, b, fb, fc, fb) }
    let limit = 2 * Double.ulpOfOne * b.magnitude + tolerance / 2 * max(b.magnitude, 1e-300)
    let half = (c - b) / 2
    if half.magnitude <= limit || fb == 0 { return b }
    if previous.magnitude >= limit, fa.magnitude > fb.magnitude {
      let s = fb / fa
      var (p, q): (Double, Double)
      if a == c {
        (p, q) = (2 * half * s, 1 - s)
      } else {
        let (r, t) = (fb / fc, fa / fc)
        p = s * (2 * half * t * (t - r) - (b - a) * (r - 1))
        q = (t - 1) * (r - 1) * (s - 1)
      }
      if p > 0 { q = -q } else { p = -p }
      if 2 * p < min(3 * half * q - (limit * q).magnitude, (previous * q).magnitude) {
        previous = step
        step = p / q
      } else {
        step = half
        previous = half
      }
    } else {
      step = half
      previous = half
    }
    (a, fa) = (b, fb)
    b += step.magnitude > limit ? step : (half > 0 ? limit : -limit)
    fb = try f(b)
    if (fb > 0) == (fc > 0) {
      (c, fc) = (a, fa)
      step = b - a
      previous = step
    }
  }
  return b
}

/// Brent's minimiser (Brent 1973, chapter 5): golden section, hastened by parabolas.
private func goldenParabola(
  _ f: ScalarFunction, _ low: Double, _ high: Double, _ tolerance: Double
) throws(Diagnostic) -> (Double, Double) {
  let golden = 0.381966011250105
  var (low, high) = (low, high)
  var x = low + golden * (high - low)
  var (w, v) = (x, x)
  var fx = try f(x)
  var (fw, fv) = (fx, fx)
  var (step, previous) = (0.0, 0.0)
  for _ in 0..<500 {
    let middle = (low + high) / 2
    let limit = tolerance * x.magnitude + 1e-12
    if (x - middle).magnitude <= 2 * limit - (high - low) / 2 { break }
    var isParabolic = false
    if previous.magnitude > limit {
      let r = (x - w) * (fx - fv)
      var q = (x - v) * (fx - fw)
      var p = (x - v) * q - (x - w) * r
      q = 2 * (q - r)
      if q > 0 { p = -p } else { q = -q }
      if p.magnitude < (q * previous / 2).magnitude, p > q * (low - x), p < q * (high - x) {
        previous = step
        step = p / q
        let next = x + step
        if next - low < 2 * limit || high - next < 2 * limit { step = x < middle ? limit : -limit }
        isParabolic = true
      }
    }
    if !isParabolic {
      previous = x < middle ? high - x : low - x
      step = golden * previous
    }
    let u = x + (step.magnitude >= limit ? step : step > 0 ? limit : -limit)
    let fu = try f(u)
    if fu <= fx {
      if u < x { high = x } else { low = x }
      (v, fv, w, fw, x, fx) = (w, fw, x, fx, u, fu)
    } else {
      if u < x { low = u } else { high = u }
      if fu <= fw || w == x {
        (v, fv, w, fw) = (w, fw, u, fu)
      } else if fu <= fv || v == x || v == w {
        (v, fv) = (u, fu)
      }
    }
  }
  return (x, fx)
}

/// Ridders' extrapolation of central differences (Ridders 1982, Adv. Eng. Software 4, 75).
private func ridders(_ f: ScalarFunction, _ x: Double) throws(Diagnostic) -> Double {
  let ratio = 1.4
  var h = 0.1 * max(x.magnitude, 0.1)
  var previous = [(try f(x + h) - f(x - h)) / (2 * h)]
  var (best, error) = (previous[0], Double.infinity)
  for _ in 1..<12 {
    h /= ratio
    var row = [(try f(x + h) - f(x - h)) / (2 * h)]
    var factor = ratio * ratio
    for column in previous.indices {
      row.append((row[column] * factor - previous[column]) / (factor - 1))
      factor *= ratio * ratio
      let estimate = max(
        (row[column + 1] - row[column]).magnitude, (row[column + 1] - previous[column]).magnitude)
      if estimate <= error { (best, error) = (row[column + 1], estimate) }
    }
    // Rounding has taken over where the highest order gets worse.
    if (row.last! - previous.last!).magnitude >= 2 * error { break }
    previous = row
  }
  return best
}
