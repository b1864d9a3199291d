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

/// Reads the command line and exits with the status that LANGUAGE.md promises: 0 done, 1 runtime
/// error, 2 parse or check error or wrong usage, 130 interrupted.
@main
enum Main {
  static func main() {
    do {
      exit(try Options.parse(Options.separated(Array(CommandLine.arguments.dropFirst()))).run())
    } catch {
      let message = Options.fullMessage(for: error)
      if Options.exitCode(for: error).isSuccess {
        StandardStream.output.write(message + "\n")
        exit(0)
      }
      StandardStream.error.write(message + "\n")
      exit(2)
    }
  }
}
