import Groundwork
import LearningDynamics
import TSSLanguage

/// A teacher as a value of the language.
public final class TeacherObject: NativeObject, @unchecked Sendable {
  public let teacher: Teacher
  /// `g` as it was given, for a function of the language.
  private let function: Value?
  /// σ as it was given, for a function of α.
  private let noise: Value?

  public init(_ teacher: Teacher, function: Value? = nil, noise: Value? = nil) {
    self.teacher = teacher
    self.function = function
    self.noise = noise
  }

  public override var typeName: String { "teacher" }
  public override var fieldNames: [String] { ["M", "g", "v", "σ", "T", "scale"] }

  public override func field(_ name: String) -> Value? {
    switch name {
    case "M": .number(Double(teacher.hiddenUnits))
    case "g": function ?? .word(teacher.activation.rawValue)
    case "v": secondLayers(teacher.tasks) ?? Value(teacher.secondLayer)
    case "σ": noise ?? .number(teacher.labelNoise)
    case "T": overlaps.map { .matrix($0) } ?? .word("isotropic")
    case "scale": .number(teacher.scale)
    default: nil
    }
  }

  /// T where it does not depend on a draw.
  private var overlaps: Matrix? {
    let M = teacher.hiddenUnits
    return switch teacher.weights {
    case .orthonormal: .identity(M)
    case .isotropic: nil
    case .graded: .diagonal((1...M).map(Double.init))
    case .overlaps(let T): T
    }
  }

  public override func describe() -> String {
    var parts = ["M=\(teacher.hiddenUnits)", "g=\(teacher.activation.rawValue)"]
    if let tasks = secondLayers(teacher.tasks) {
      parts.append("v=\(tasks.printed())")
    } else if Set(teacher.secondLayer) != [1] {
      parts.append("v=\(secondLayer(teacher.secondLayer))")
    }
    if teacher.noiseSchedule != nil || teacher.labelNoise != 0 {
      parts.append("σ=\(noise?.printed() ?? teacher.labelNoise.printed)")
    }
    switch teacher.weights {
    case .orthonormal: break
    case .isotropic: parts.append("weights=isotropic")
    case .graded: parts.append("weights=graded")
    case .overlaps(let T): parts.append("weights=\(Value.matrix(T).printed())")
    }
    if teacher.scale != 1 { parts.append("scale=\(teacher.scale.printed)") }
    return "teacher(\(parts.joined(separator: ", ")))"
  }

  public override func isEqual(to other: NativeObject) -> Bool {
    (other as? TeacherObject)?.teacher == teacher
  }
}

/// A student as a value of the language.
public final class StudentObject: NativeObject, @unchecked Sendable {
  public let student: Student
  /// `g` as it was given, for a function of the language.
  private let function: Value?

  public init(_ student: Student, function: Value? = nil) {
    self.student = student
    self.function = function
  }

  public override var typeName: String { "student" }
  public override var fieldNames: [String] { ["K", "g", "v", "init", "scale"] }

  public override func field(_ name: String) -> Value? {
    switch name {
    case "K": .number(Double(student.hiddenUnits))
    case "g": function ?? .word(student.activation.rawValue)
    case "v":
      switch student.secondLayer {
      case .values(let v): secondLayers(student.heads) ?? Value(v)
      case .normal(let sd): .object(InitialisationObject(.normal(sd: sd)))
      }
    case "init": .object(InitialisationObject(student.initialisation))
    case "scale": .number(student.scale)
    default: nil
    }
  }

  public override func describe() -> String {
    var parts = ["K=\(student.hiddenUnits)", "g=\(student.activation.rawValue)"]
    switch student.secondLayer {
    case .values(let v):
      if let heads = secondLayers(student.heads) {
        parts.append("v=\(heads.printed())")
      } else if Set(v) != [1] {
        parts.append("v=\(secondLayer(v))")
      }
    case .normal(let sd): parts.append("v=normal(\(sd.printed))")
    }
    parts.append("init=\(InitialisationObject(student.initialisation).describe())")
    if student.scale != 1 { parts.append("scale=\(student.scale.printed)") }
    return "student(\(parts.joined(separator: ", ")))"
  }

  public override func isEqual(to other: NativeObject) -> Bool {
    (other as? StudentObject)?.student == student
  }
}

/// A way to draw the student's start: `normal(0.1)`, `informed()`.
public final class InitialisationObject: NativeObject, @unchecked Sendable {
  public let initialisation: Student.Initialisation

  public init(_ initialisation: Student.Initialisation) { self.initialisation = initialisation }

  public override var typeName: String { "initialisation" }

  /// A start that was given as a record is read like one.
  public override var fieldNames: [String] {
    guard case .overlaps(_, _, let v) = initialisation else { return [] }
    return v == nil ? ["Q", "R"] : ["Q", "R", "v"]
  }

  public override func field(_ name: String) -> Value? {
    guard case .overlaps(let Q, let R, let v) = initialisation else { return nil }
    return switch name {
    case "Q": .matrix(Q)
    case "R": .matrix(R)
    case "v": v.map { Value($0) }
    default: nil
    }
  }

  public override func describe() -> String {
    switch initialisation {
    case .normal(let sd, let perturb):
      perturb == 0 ? "normal(\(sd.printed))" : "normal(\(sd.printed), perturb=\(perturb.printed))"
    case .informed(let noise): noise == 0 ? "informed()" : "informed(\(noise.printed))"
    case .denoise(let noise): noise == 0 ? "denoise()" : "denoise(\(noise.printed))"
    case .mixed: "mixed"
    case .zeros: "zeros"
    case .overlaps(let Q, let R, let v):
      "(Q=\(Value.matrix(Q).printed()), R=\(Value.matrix(R).printed())"
        + (v.map { ", v=\(Value($0).printed())" } ?? "") + ")"
    case .blocks(let Q, let R, let v):
      "(Q=\(Value.list(Q.map { .matrix($0) }).printed()), "
        + "R=\(Value.list(R.map { .matrix($0) }).printed())"
        + (v.map { ", v=\(Value($0).printed())" } ?? "") + ")"
    }
  }

  public override func isEqual(to other: NativeObject) -> Bool {
    (other as? InitialisationObject)?.initialisation == initialisation
  }
}

/// A matrix with a row for each task; nil where there is one only.
private func secondLayers(_ rows: [[Double]]) -> Value? {
  rows.isEmpty ? nil : .matrix(Matrix(rows))
}

extension Matrix {
  /// The matrix of these rows, at least one, all of the same length.
  init(_ rows: [[Double]]) {
    self.init(rows: rows.count, columns: rows[0].count) { rows[$0][$1] }
  }
}

/// One number where all are equal, as the user would write it; else the list.
private func secondLayer(_ v: [Double]) -> String {
  Set(v).count == 1 ? v[0].printed : Value(v).printed()
}
