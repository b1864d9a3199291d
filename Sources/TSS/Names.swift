import Groundwork
import TSSLanguage

// Names of the language's module that an embedding program writes, so that `import TSS` is enough.

/// A value of the language.
public typealias Value = TSSLanguage.Value
/// What is wrong, where, and what to do about it.
public typealias Diagnostic = TSSLanguage.Diagnostic
/// A program text.
package typealias Source = TSSLanguage.Source
/// A piece of a program's text.
public typealias Span = TSSLanguage.Span
/// What a program may use up before it is stopped.
public typealias Limits = TSSLanguage.Limits
/// What may be done to files.
public typealias FileAccess = TSSLanguage.FileAccess
/// A request to stop that any thread may make.
public typealias Interrupt = TSSLanguage.Interrupt
/// An expression that is computed in the background.
public typealias Job = TSSLanguage.Job
/// What a job says while it runs, and that it has ended.
public typealias JobEvent = TSSLanguage.JobEvent
/// How far a long computation is.
public typealias ProgressReport = TSSLanguage.ProgressReport
/// Whether a long computation goes on.
public typealias ProgressDecision = TSSLanguage.ProgressDecision
/// Where values are shown.
public typealias TerminalTraits = TSSLanguage.TerminalTraits
public typealias PictureTerminal = TSSLanguage.PictureTerminal
public typealias PictureAbility = TSSLanguage.PictureAbility
/// Named values in order.
public typealias Record = TSSLanguage.Record
/// Values over a grid of named axes.
public typealias Table = TSSLanguage.Table
/// The base of the values that a host brings.
public typealias NativeObject = TSSLanguage.NativeObject
/// Whether a text is a whole input.
public typealias Completeness = TSSLanguage.Completeness
/// What could have been meant by a name that is not known.
public typealias Suggestions = TSSLanguage.Suggestions
/// The global names of a session at one moment.
public typealias Snapshot = Interpreter.Snapshot
/// A matrix of numbers.
public typealias Matrix = Groundwork.Matrix

extension Int {
  /// For `Limits(memory:)`.
  public static func megabytes(_ count: Int) -> Int { count << 20 }
}

extension Diagnostic {
  /// The message with the lines of the program that it is about, ready to print.
  public func render(color: Bool = false, width: Int = 80) -> String {
    Renderer(color: color, width: width).render(self)
  }

  /// What a command exits with that ends with this.
  public var exitStatus: Int32 {
    switch stage {
    case .syntax, .check: 2
    case .runtime: 1
    case .interrupted: 130
    }
  }
}
