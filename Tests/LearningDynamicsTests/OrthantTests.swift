import Foundation
import Groundwork
import LearningDynamics
import Testing

@Suite struct OrthantTests {
  /// Orthants against one-factor models r_ij = a_i a_j, whose probability is one integral.
  @Test(arguments: [
    [0.7, 0.7, 0.7, 0.7],
    [0.9, -0.3, 0.5, 0.7], [0.99, 0.98, -0.97, 0.2], [0.1, 0.2, 0.3, 0], [-0.6, 0.6, 0.8, -0.8],
  ])
  func orthants(a: [Double]) {
    func normal(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }
    for count in 1...4 {
      let h = 0.002
      var sum = 0.0
      for i in -5000...5000 {
        let t = h * Double(i)
        var product = exp(-0.5 * t * t)
        for k in 0..<count { product *= normal(a[k] * t / (1 - a[k] * a[k]).squareRoot()) }
        sum += product
      }
      let known = sum * h / (2 * .pi).squareRoot()
      let found = Orthant.probability(count) { a[$0] * a[$1] }
      #expect(abs(found - known) < 1e-11, "\(count): \(found) \(known)")
    }
  }

  @Test func orthantsOfSingularCovariances() throws {
    // x₄ = -x₃ are never both positive; four copies are positive half of the time.
    let mirrored = try SlopeMoments(
      .relu,
      covariance: Matrix(
        rows: 4, columns: 4,
        elements: [1, 0, 0.3, -0.3, 0, 1, 0.2, -0.2, 0.3, 0.2, 1, -1, -0.3, -0.2, -1, 1]))
    #expect(try mirrored([0, 1, 2, 3]) == 0)
    #expect(try mirrored([2, 2, 2, 2]) == 0.5)
    // x₃ = (x₁ + x₂)/√2, x₄ = (x₁ - x₂)/√2 of independent x₁, x₂: an eighth of the plane.
    let r = 0.5.squareRoot()
    let plane = try SlopeMoments(
      .relu,
      covariance: Matrix(
        rows: 4, columns: 4, elements: [1, 0, r, r, 0, 1, r, -r, r, r, 1, 0, r, -r, 0, 1]))
    let probability = try plane([0, 1, 2, 3])
    #expect(abs(probability - 0.125) < 1e-9, "\(probability)")
  }

  /// n variables with all correlations 1/2 are all positive with probability 1/(n + 1): they are
  /// differences of n independent variables from one more, which is the least of all.
  @Test func equalCorrelationsOfOneHalf() {
    for n in 0...4 {
      let found = Orthant.probability(n) { _, _ in 0.5 }
      #expect(abs(found - 1 / Double(n + 1)) < 2e-13, "\(n): \(found)")
    }
  }

  /// Two pairs whose members are ever closer to parallel, almost to where the caller merges them:
  /// the probability of two variables, less what lies between the members, to the second order of
  /// their angle. The members' conditional variances are angle² and known to the rounding of
  /// correlations, which is what limits the equations of ReLU networks next to copies.
  @Test func pairsThatAreNearlyParallel() {
    for exponent in 2...5 {
      let angle = pow(10, -Double(exponent))
      // x, y independent; x′, y′ are turned away from them by `angle`, in directions of their own.
      let near = cos(angle)
      let r = [[1, near, 0, 0], [near, 1, 0, 0], [0, 0, 1, near], [0, 0, near, 1]]
      let found = Orthant.probability(4) { r[$0][$1] }
      let pair = 0.25 + asin(near) / (2 * .pi)
      #expect(abs(found - pair * pair) < 1e-14)
      // Correlated by 0.6, with the members' deviations independent of everything.
      let c = 0.6
      let s = [
        [1, near, c, c * near], [near, 1, c * near, c * near * near],
        [c, c * near, 1, near], [c * near, c * near * near, near, 1],
      ]
      let other = Orthant.probability(4) { s[$0][$1] }
      let two = 0.25 + asin(c) / (2 * .pi)
      // Each of the two deviations costs angle/2π · P(the other pair | x = 0) = angle/4π.
      let order = angle * angle
      #expect(abs(other - (two - angle / (2 * .pi))) < order + 1e-18 / order, "\(angle): \(other)")
    }
  }

  /// What the equations met: two copies of each of two teachers, 1 - ρ = 3.04e-11 in both pairs.
  @Test func copiesAtTheLimitOfMergingHaveAProbability() {
    let near = 1 - 3.04e-11
    for cross in [-0.3, -1e-9, 0, 1e-16, 1e-9, 0.5] {
      for rounding in [-2e-16, 0, 2e-16] {
        let r = [
          [1, near, cross, cross], [near, 1, cross, cross + rounding],
          [cross, cross, 1, near], [cross, cross + rounding, near, 1],
        ]
        let found = Orthant.probability(4) { r[$0][$1] }
        let two = 0.25 + asin(cross) / (2 * .pi)
        #expect(abs(found - two) < 1e-5, "\(cross): \(found)")
      }
    }
  }

  /// E[θ(x) θ(y) relu(x′) relu(y′)] of independent x and y, and x′, y′ turned away from them by d:
  /// ((1 + cos d)/2)²/2π, that is 1/2π - .0796 d² (PHYSICS.md, B), also where they are merged.
  @Test func copiesDeviateSmoothly() {
    let integrals = RectifierIntegrals(n: 4)
    let fields = LocalFields(K: 4, M: 0)
    func noise(_ u: [Double], _ d: Double) -> Double {
      let near = cos(d)
      let C = [[1, near, 0, 0], [near, 1, 0, 0], [0, 0, 1, near], [0, 0, near, 1]]
      for a in 0..<4 {
        fields.u[a] = u[a]
        for b in 0..<4 { fields.C[4 * a + b] = C[a][b] }
      }
      var drift = [Double](repeating: 0, count: 16), noise = drift
      integrals.firstLayer(fields, noiseVariance: 0, drift: &drift, noise: &noise)
      return noise[2]
    }
    for d in [0.5, 0.1, 1e-2, 1e-3, 1e-4, 2e-5, 1e-5, 7e-6, 1e-6] {
      let single = noise([0, 1, 0, 0], d) + noise([0, 0, 0, 1], d)
      let found = 0.5 * (noise([0, 1, 0, 1], d) - single)
      let half = (1 + cos(d)) / 2
      #expect(abs(found - half * half / (2 * .pi)) < 1e-11, "\(d)")
    }
  }
}
