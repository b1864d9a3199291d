import Groundwork

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// D as an average over points that fill the Gaussian space of the fields evenly: for activations
/// whose moments of degree eight have no closed form.
///
/// The points are a Kronecker sequence (multiples of the powers of the root φ of φ^(d+1) = φ + 1,
/// modulo 1) under Box and Muller's map, with their mirror images. They stay the same along a run, so D is as
/// smooth in α as the fields' covariance. The error of S is 4% for erf, at K = M = 2
/// (docs/design/theory.md); D is a covariance whatever it is.
package final class SampledStepCovariance: StepNoise {
  private static let count = 8192
  /// n×count standard normal numbers, field by field.
  private let normals: [[Double]]
  private let student: FieldFunction
  private let teacher: FieldFunction

  package init(fields n: Int, student: Activation, teacher: Activation) {
    self.student = FieldFunction(student)
    self.teacher = FieldFunction(teacher)
    let dimensions = n + n % 2
    var root = 2.0
    for _ in 0..<60 { root = pow(1 + root, 1 / Double(dimensions + 1)) }
    var normals = [[Double]](
      repeating: .init(repeating: 0, count: Self.count), count: dimensions)
    for pair in stride(from: 0, to: dimensions, by: 2) {
      let (a, b) = (pow(root, -Double(pair + 1)), pow(root, -Double(pair + 2)))
      for k in 0..<Self.count {
        let place = Double(k) + 1
        let (x, y) = (0.5 + place * a, 0.5 + place * b)
        let radius = (-2 * log(max(x - x.rounded(.down), 1e-12))).squareRoot()
        let angle = 2 * .pi * (y - y.rounded(.down))
        normals[pair][k] = radius * cos(angle)
        normals[pair + 1][k] = radius * sin(angle)
      }
    }
    self.normals = Array(normals.prefix(n))
  }

  package func matrix(
    _ equations: OrderParameterEquations, firstRate eta: Double, secondRate: Double,
    drift: [Double]
  ) throws -> Matrix {
    let K = equations.K, n = K + equations.M, fields = equations.fields
    let size = equations.count, batch = equations.batch
    let root = Self.root(Matrix(rows: n, columns: n) { fields.C[$0 * n + $1] })
    let sigma = equations.noiseVariance.squareRoot()
    // Three points replace ζ: they have its moments up to the fifth.
    let noise: [(Double, Double)] =
      sigma == 0
      ? [(0.0, 1.0)] : [(0, 2.0 / 3), (3.0.squareRoot(), 1.0 / 6), (-3.0.squareRoot(), 1.0 / 6)]
    let scratch = UnsafeMutablePointer<Double>.allocate(capacity: size * (size + 2) + K)
    scratch.initialize(repeating: 0, count: size * (size + 2) + K)
    defer { scratch.deallocate() }
    let squares = scratch, sum = squares + size * size, step = sum + size, d = step + size
    let chunk = 256
    var x = [[Double]](repeating: .init(repeating: 0, count: chunk), count: n)
    var g = x, slopes = x
    for first in stride(from: 0, to: Self.count, by: chunk) {
      for sign in [1.0, -1.0] {
        if fields.stops(before: chunk * size * size) {
          throw Interruption()
        }
        for a in 0..<n {
          for k in 0..<chunk { x[a][k] = 0 }
          for b in 0..<n where root[a, b] != 0 {
            let factor = sign * root[a, b]
            for k in 0..<chunk { x[a][k] += factor * normals[b][first + k] }
          }
          (a < K ? student : teacher).evaluate(x[a], chunk, &g[a], &slopes[a])
        }
        for k in 0..<chunk {
          var output = 0.0
          for a in 0..<n { output += fields.u[a] * g[a][k] }
          for (zeta, probability) in noise {
            let e = output + sigma * zeta
            var p = 0
            if equations.layers.trainFirst {
              for i in 0..<K { d[i] = -eta * fields.u[i] * slopes[i][k] * e }
              for i in 0..<K {
                for m in K..<n {
                  step[p] = d[i] * x[m][k]
                  p += 1
                }
              }
              for i in 0..<K {
                for j in i..<K {
                  step[p] = d[i] * x[j][k] + d[j] * x[i][k] + d[i] * d[j] / batch
                  p += 1
                }
              }
            }
            if equations.layers.trainSecond {
              for i in 0..<K { step[p + i] = secondRate * equations.scale * g[i][k] * e }
            }
            for a in 0..<size {
              let weighted = probability * step[a]
              sum[a] += weighted
              for b in 0...a { squares[a * size + b] += weighted * step[b] }
            }
          }
        }
      }
    }
    let total = Double(2 * Self.count)
    return Matrix(rows: size, columns: size) { i, j in
      let (a, b) = (max(i, j), min(i, j))
      return (squares[a * size + b] - sum[a] * sum[b] / total) / total / batch
    }
  }

  /// L with L Lᵀ = C, teachers first, without pivoting: a smooth function of C. Columns that
  /// rounding has left nothing of are zero.
  private static func root(_ C: Matrix) -> Matrix {
    let n = C.rows
    var L = Matrix(rows: n, columns: n)
    for column in 0..<n {
      let j = n - 1 - column
      var pivot = C[j, j]
      for k in 0..<column { pivot -= L[j, k] * L[j, k] }
      guard pivot > 1e-13 * max(C[j, j], 1e-300) else { continue }
      let scale = pivot.squareRoot()
      for i in 0...j {
        var rest = C[i, j]
        for k in 0..<column { rest -= L[i, k] * L[j, k] }
        L[i, column] = rest / scale
      }
    }
    return L
  }
}
