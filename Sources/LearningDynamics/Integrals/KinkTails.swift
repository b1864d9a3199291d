import CKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What Mehler's series leaves out for the kinks of two fields that are nearly parallel.
///
/// Given the outer fields, a student and the teacher unit that it has found have a correlation ρ
/// close to 1, and at a kink the terms ρ^m G_am G_bm fall as slowly as m^-5/2: err² would no longer
/// cancel. So E[p_a p_b] of the kinks alone is taken exactly and its first terms, which the
/// series has already, are subtracted; what is left of the functions is smooth.
///
/// For kinks at h and k in units of the deviations, with dE/dρ as in Price's theorem,
///
///     E[(z₁ - h)₊ (z₂ - k)₊] = L₁ - (1 - ρ) L₀ + ∫ (t - ρ) φ₂(h, k; t) dt,
///     E[θ(z₁ - h) θ(z₂ - k)] = L₀ - ∫ φ₂(h, k; t) dt,      t from ρ to 1,
///
/// where L₁ and L₀ are their values at ρ = 1, and t = cos ϑ makes the integrand
/// exp(-(h - k)²/(2 sin²ϑ) - hk/(1 + cos ϑ))/2π: nothing cancels at ρ → 1. Jumps of g″ fall fast
/// enough. For ρ < 0 the second field is reflected: (-y - κ)₊ is (y + κ)₊ but for a line, which
/// ends the series. What a jump of one has in common with the slope of the other is left as it is.
struct KinkTails {
  /// From this |ρ| on there is something to add: below, the series is complete.
  static let from = 0.75
  private let rules: QuadratureRules
  private let smoothing: Smoothing
  private let level = tss_best_level()
  /// Hermite coefficients of one kink of each field.
  private let first: UnsafeMutablePointer<Double>
  private let second: UnsafeMutablePointer<Double>
  /// The kinks' places, φ and Φ at the larger, sums, and products.
  private let h: UnsafeMutablePointer<Double>
  private let k: UnsafeMutablePointer<Double>
  private let phi: UnsafeMutablePointer<Double>
  private let Phi: UnsafeMutablePointer<Double>
  private let total: UnsafeMutablePointer<Double>
  private let product: UnsafeMutablePointer<Double>

  init(_ rules: QuadratureRules, _ smoothing: Smoothing) {
    self.rules = rules
    self.smoothing = smoothing
    let size = Smoothing.block, modes = rules.order.modes
    first = .allocate(capacity: (2 * modes + 6) * size)
    first.initialize(repeating: 0, count: (2 * modes + 6) * size)
    second = first + modes * size
    h = second + modes * size
    (k, phi, Phi) = (h + size, h + 2 * size, h + 3 * size)
    (total, product) = (h + 4 * size, h + 5 * size)
  }

  func deallocate() { first.deallocate() }

  /// A field given the outer ones.
  struct Field {
    var function: FieldFunction
    var mean: UnsafePointer<Double>
    var deviation: Double
  }

  /// Σ_p w_p times what is missing in E[g_a g_b | p].
  func sum(
    _ a: Field, _ b: Field, correlation: Double, _ w: UnsafePointer<Double>, _ count: Int
  ) -> Double {
    let sign = correlation < 0 ? -1.0 : 1.0, rho = abs(correlation)
    var sum = 0.0
    for own in a.function.kinks {
      for p in 0..<count { h[p] = (own.place - a.mean[p]) / a.deviation }
      for other in b.function.kinks {
        for p in 0..<count { k[p] = sign * (other.place - b.mean[p]) / b.deviation }
        // Far from its kink a function is a line, which ends the series.
        guard (0..<count).contains(where: { abs(h[$0]) < 8 && abs(k[$0]) < 8 }) else { continue }
        if own.slope * other.slope != 0 {
          let size = own.slope * a.deviation * other.slope * b.deviation
          sum += size * missing(rho, ofSlopes: true, w, count)
        }
        if own.jump * other.jump != 0 {
          sum += sign * own.jump * other.jump * missing(rho, ofSlopes: false, w, count)
        }
      }
    }
    return sum
  }

  /// The exact integral of two kinks at h and k less the terms of its series that are taken.
  private func missing(
    _ rho: Double, ofSlopes: Bool, _ w: UnsafePointer<Double>, _ count: Int
  ) -> Double {
    let size = Smoothing.block
    var sum = exact(rho, ofSlopes: ofSlopes, w, count)
    smoothing.coefficients(ofKinkAt: h, isSlope: ofSlopes, count, first)
    smoothing.coefficients(ofKinkAt: k, isSlope: ofSlopes, count, second)
    var power = 1.0
    for m in 0..<rules.order.modes {
      let (A, B) = (first + m * size, second + m * size)
      for p in 0..<count { product[p] = A[p] * B[p] }
      sum -= power * tss_dot(level, w, product, Int64(count))
      power *= rho
    }
    return sum
  }

  private func exact(
    _ rho: Double, ofSlopes: Bool, _ w: UnsafePointer<Double>, _ count: Int
  ) -> Double {
    let largest = acos(min(1, rho)), density = 1 / (2 * Double.pi).squareRoot()
    for p in 0..<count {
      let m = max(h[p], k[p])
      phi[p] = -0.5 * m * m
      Phi[p] = -m * 0.5.squareRoot()
    }
    tss_exp(level, phi, phi, Int64(count))
    tss_erf(level, Phi, Phi, Int64(count))
    for p in 0..<count {
      let m = max(h[p], k[p]), product = h[p] * k[p]
      let L0 = 0.5 * (1 + Phi[p])
      let L1 = (1 + product) * L0 + (m - h[p] - k[p]) * density * phi[p]
      total[p] = ofSlopes ? L1 - (1 - rho) * L0 : L0
    }
    for (node, weight) in zip(rules.tails.nodes, rules.tails.weights) {
      let angle = largest * node, cosine = cos(angle), sine = sin(angle)
      // cos ϑ - cos ϑ_max without cancellation.
      let moment = 2 * sin(0.5 * (largest + angle)) * sin(0.5 * (largest - angle))
      let factor = largest * weight / (2 * .pi) * (ofSlopes ? moment : -1)
      let byDistance = -0.5 / (sine * sine), byProduct = -1 / (1 + cosine)
      for p in 0..<count {
        let distance = h[p] - k[p]
        phi[p] = max(-700, byDistance * distance * distance + byProduct * h[p] * k[p])
      }
      tss_exp(level, phi, phi, Int64(count))
      for p in 0..<count { total[p] += factor * phi[p] }
    }
    return tss_dot(level, w, total, Int64(count))
  }
}
