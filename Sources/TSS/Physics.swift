import LearningDynamics
import TSSLibrary

// The values of the domain as Swift programs know them: the core's own types.

/// A recorded learning curve.
public typealias Run = LearningDynamics.Run
/// A network that learns.
public typealias Student = LearningDynamics.Student
/// A network that labels the data.
public typealias Teacher = LearningDynamics.Teacher

/// The run itself, not a copy of what it recorded. An ensemble is none.
extension Run: FromValue, ToValue {
  public static func from(_ value: Value) -> Run? {
    guard let object = RunObject.from(value), !object.isEnsemble else { return nil }
    return object.runs.first
  }
  public static var wanted: String { "a run" }
  public var scriptValue: Value { .object(RunObject(self)) }
}

extension Student: FromValue, ToValue {
  public static func from(_ value: Value) -> Student? { StudentObject.from(value)?.student }
  public static var wanted: String { "a student" }
  public var scriptValue: Value { .object(StudentObject(self)) }
}

extension Teacher: FromValue, ToValue {
  public static func from(_ value: Value) -> Teacher? { TeacherObject.from(value)?.teacher }
  public static var wanted: String { "a teacher" }
  public var scriptValue: Value { .object(TeacherObject(self)) }
}
