#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The program that draws figures in files.
public struct Gnuplot: Hashable, Sendable {
  /// Its name, looked for on PATH, or its path.
  public var program: String

  /// The gnuplot on PATH, or another.
  public init(program: String = "gnuplot") { self.program = program }
}

extension Figure {
  /// The suffixes of the files that a figure can be written to.
  public static let suffixes = GnuplotStyle.Format.allCases.map(\.rawValue) + ["gp"]

  /// Draws the figure to a file whose suffix tells the format: `.svg`, `.pdf`, `.png`, or `.gp` for
  /// the gnuplot script itself.
  ///
  /// The file appears when it is complete; until then an older one stays as it was. Pixels are 300
  /// to the inch. The same figure gives the same bytes, save for the date in a PDF.
  ///
  /// - Parameter isStopped: asked all the while; gnuplot is ended where it says so.
  /// - Returns: What was left out and why, and gnuplot's warnings, one sentence each.
  /// - Throws: ``PlotError``; without gnuplot the script is written beside where the file would be.
  @discardableResult
  public func write(
    to path: String, with gnuplot: Gnuplot = Gnuplot(), isStopped: () -> Bool = { false }
  ) throws(PlotError) -> [String] {
    let name = FileName(path)
    if name.suffix == "gp" {
      let script = GnuplotScript(self, format: .pdf)
      try writeScript(script.text(output: name.stem + ".pdf"), to: path)
      return script.notes
    }
    guard let format = GnuplotStyle.Format(rawValue: name.suffix) else {
      throw .unknownSuffix(path: path, known: Self.suffixes)
    }
    guard access(name.folder, W_OK) == 0 else {
      throw .cannotWrite(path: path, reason: reason(errno))
    }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw .cannotWrite(path: path, reason: reason(EISDIR))
    }
    let script = GnuplotScript(self, format: format)
    let temporary = name.temporary
    defer { unlink(temporary) }
    let message: String
    do {
      message = try run(script, into: temporary, for: path, gnuplot, isStopped)
    } catch {
      if case .gnuplotMissing(_, let scriptPath) = error {
        try writeScript(script.text(output: path), to: scriptPath)
      }
      throw error
    }
    // A link goes on pointing to where it points.
    let target = resolved(path)
    guard rename(temporary, target) == 0 else {
      throw .cannotWrite(path: path, reason: reason(errno))
    }
    return script.notes + (message.isEmpty ? [] : ["gnuplot: \(message)"])
  }

  /// The figure as the bytes of a PNG file, 300 pixels to the inch; nothing is written beside.
  public func png(
    with gnuplot: Gnuplot = Gnuplot(), isStopped: () -> Bool = { false }
  ) throws(PlotError) -> [UInt8] {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let path = FileName("\(folder)/tss-plot.png").temporary
    defer { unlink(path) }
    _ = try run(GnuplotScript(self, format: .png), into: path, for: path, gnuplot, isStopped)
    guard let file = fopen(path, "r") else {
      throw .gnuplotFailed(path: path, message: reason(errno))
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
      bytes += chunk[..<count]
    }
    return bytes
  }

  /// Runs a script that writes the file `output`, on the way to `path`; gives what gnuplot said.
  private func run(
    _ script: GnuplotScript, into output: String, for path: String, _ gnuplot: Gnuplot,
    _ isStopped: () -> Bool
  ) throws(PlotError) -> String {
    let result: Subprocess.Result
    do {
      // Without `-d` a user's own settings would change the figure.
      result = try Subprocess.run(
        gnuplot.program, ["-d"], input: script.text(output: output), isStopped: isStopped)
    } catch {
      switch error {
      case .refused(let number): throw .gnuplotFailed(path: path, message: reason(number))
      case .stopped: throw .stopped
      case .missing:
        let usual = FileName(path).stem + ".gp"
        throw .gnuplotMissing(path: path, script: isOthers(usual) ? path + ".gp" : usual)
      }
    }
    let message = Self.told(result.output)
    // gnuplot ends with 0 when it has drawn nothing, so the file itself is asked.
    var status = stat()
    guard result.status == 0, stat(output, &status) == 0, status.st_size > 0 else {
      throw .gnuplotFailed(path: path, message: message)
    }
    return message
  }

  /// Whether a file is there that did not come from here.
  private func isOthers(_ path: String) -> Bool {
    guard let file = fopen(path, "r") else { return false }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 100)
    guard fgets(&line, 100, file) != nil else { return false }
    return line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
      != Array(GnuplotScript.firstLine.utf8)
  }

  private func writeScript(_ text: String, to path: String) throws(PlotError) {
    let temporary = FileName(path).temporary
    guard let file = fopen(temporary, "w") else {
      throw .cannotWrite(path: path, reason: reason(errno))
    }
    let isWritten = fputs(text, file) >= 0
    guard fclose(file) == 0, isWritten, rename(temporary, resolved(path)) == 0 else {
      let number = errno
      unlink(temporary)
      throw .cannotWrite(path: path, reason: reason(number))
    }
  }

  /// What gnuplot said, in one line and without the script lines that it repeats before an error.
  private static func told(_ output: String) -> String {
    let lines = output.split(separator: "\n").map { $0.drop { $0 == " " || $0 == "\t" } }
      .filter { $0.contains { $0 != "^" && $0 != " " } }
    let error = lines.lastIndex { $0.contains(/^("[^"]*",? )?line \d+:/) }
    return lines[(error ?? max(0, lines.count - 4))...].joined(separator: "; ")
  }
}

/// A path taken apart.
private struct FileName {
  var folder: String
  /// The path without its suffix.
  var stem: String
  /// In lower case, without the point; empty for none.
  var suffix: String
  private var last: Substring

  init(_ path: String) {
    last = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    let before = String(path.dropLast(last.count))
    folder = before.isEmpty ? "." : before
    // A name that begins with its only point has no suffix.
    if let point = last.lastIndex(of: "."), point != last.startIndex {
      suffix = last[last.index(after: point)...].lowercased()
      stem = before + last[..<point]
    } else {
      suffix = ""
      stem = path
    }
  }

  /// A name beside the file that nobody else uses.
  var temporary: String {
    let number = String(UInt64.random(in: 0...UInt64.max), radix: 36)
    return (folder == "." ? "" : folder) + ".\(last.prefix(60)).\(number)"
  }
}

/// Where a chain of links ends; the path itself where there is nothing yet.
private func resolved(_ path: String) -> String {
  guard let real = realpath(path, nil) else { return path }
  defer { free(real) }
  return String(cString: real)
}

private func reason(_ number: Int32) -> String { String(cString: strerror(number)) }

extension Figure {
  /// The gnuplot script that draws the figure as `suffix` into the file `output`.
  package func gnuplotScript(suffix: String, output: String) -> String {
    GnuplotScript(self, format: GnuplotStyle.Format(rawValue: suffix) ?? .pdf).text(output: output)
  }
}
