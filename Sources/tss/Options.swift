import ArgumentParser
import TSS
import TSSPrompt

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The command line of `tss`.
struct Options: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tss",
    abstract: "A laboratory for learning dynamics.",
    usage: """
      tss                       the prompt
      tss FILE [ARGS…]          run a script; what follows FILE is its `args`
      tss -e CODE [-e CODE…]    run code
      tss -i FILE [ARGS…]       run a script, then the prompt
      tss --check FILE…         look for mistakes without running
      tss test [FILE…]          run the `## >>>` examples and the asserts of scripts,
                                or the examples of the standard library
      tss -                     run what stands on standard input
      """,
    discussion: """
      Exit status: 0 done, 1 error at run time, 2 error found before running or wrong usage, \
      130 interrupted. NO_COLOR in the environment is respected.
      """,
    version: "tss \(Self.versionNumber)")

  static let versionNumber = "0.1.0"

  @Option(
    name: .customShort("e"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Run this code; may be given several times.", valueName: "code"))
  var code: [String] = []

  @Flag(name: .customShort("i"), help: "Go on with the prompt after the script.")
  var interactive = false

  @Flag(help: "Report mistakes without running anything.")
  var check = false

  @Option(help: ArgumentHelp("Colour: auto, always or never.", valueName: "when"))
  var color = ColorChoice.auto

  @Option(help: ArgumentHelp("Threads for sweeps and ensembles.", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Write the reference, as scripts/reference does.", valueName: "folder", visibility: .hidden))
  var reference: String?

  @Flag(help: "Show no progress.")
  var quiet = false

  @Argument(help: ArgumentHelp("A script and its arguments.", valueName: "file"))
  var rest: [String] = []

  /// Everything after the first word that is no option belongs to the script, dashes or not: a
  /// `--` before that word says so to the parser.
  static func separated(_ arguments: [String]) -> [String] {
    var index = 0
    while index < arguments.count {
      switch arguments[index] {
      case "--": return arguments
      case "-e", "--color", "--threads", "--reference": index += 2
      case let word where word.hasPrefix("-") && word != "-": index += 1
      default: return arguments[..<index] + ["--"] + arguments[index...]
      }
    }
    return arguments
  }

  func validate() throws {
    if let threads, threads < 1 {
      throw ValidationError("--threads needs a whole number of at least 1")
    }
    if check, rest.isEmpty, code.isEmpty { throw ValidationError("--check needs a file") }
  }

  func run() -> Int32 {
    let console = Console(color: color, showsProgress: !quiet)
    if let reference { return ReferenceCommand(console: console).write(to: reference) }
    let run = RunCommand(console: console, threads: threads)
    if check { return run.check(files: rest, code: code) }
    if !code.isEmpty { return run.code(code, arguments: rest, thenPrompt: interactive) }
    guard let file = rest.first else {
      return isatty(0) == 1 ? run.prompt(isQuiet: quiet) : run.standardInput(arguments: [])
    }
    let arguments = Array(rest.dropFirst())
    switch file {
    case "test" where !interactive: return TestCommand(console: console).run(files: arguments)
    case "-": return run.standardInput(arguments: arguments)
    default: return run.file(file, arguments: arguments, thenPrompt: interactive)
    }
  }
}

extension ColorChoice: @retroactive ExpressibleByArgument {}
