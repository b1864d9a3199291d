import TSS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `:vars` and `:hist`.
extension Prompt {
  func listNames() {
    let variables = session.variables
    if variables.isEmpty { return say("no names are defined yet") }
    let kinds = variables.map { $0.kind + ($0.size.isEmpty ? "" : ", \($0.size)") }
    let names = variables.map(\.name.count).max() ?? 0
    let widest = min(kinds.map(\.count).max() ?? 0, 28)
    for (variable, kind) in zip(variables, kinds) {
      let head = "  \(filled(variable.name, names))  \(filled(kind, widest))"
      let bytes = right(variable.bytes < 1000 ? "" : shownBytes(variable.bytes), 8)
      let room = Console.width - head.count - 13
      var line = head + " " + bytes
      if room >= 8, let value: Value = session[variable.name] {
        line += "  " + value.description(upTo: room)
      }
      say(line.trimmingEnd)
    }
    let total = variables.reduce(0) { $0 + $1.bytes }
    let count = variables.count
    say("  \(count) name\(count == 1 ? "" : "s"), \(shownBytes(total))")
  }

  /// The last inputs of this session, or those of all sessions with a text in them.
  func listInputs(_ argument: String) {
    if !argument.isEmpty, Int(argument) == nil { return searchInputs(argument) }
    let first = max(0, inputs.count - max(1, Int(argument) ?? 20))
    let digits = "\(inputs.count)".count
    for (index, input) in inputs.enumerated().dropFirst(first) {
      let text = input.file.map { ":load \($0)" } ?? input.text
      let ending = input.ending.map { shown($0, input.seconds) } ?? "runs"
      list(right("\(index + 1)", digits) + "  " + filled(ending, 15), text)
    }
    if inputs.isEmpty { say("no inputs yet; `:hist TEXT` looks through earlier sessions") }
  }

  private func searchInputs(_ text: String) {
    // The last is the question itself.
    let found = history.records.dropLast().filter { $0.text.contains(text) }.suffix(20)
    if found.isEmpty { return say("no input has `\(text)`") }
    for record in found {
      let when = record.time.map(date) ?? ""
      let ending =
        record.ending.map { shown($0, record.seconds ?? 0) }
        ?? (record.time == nil ? "" : "did not end")
      list(filled(when, 16) + "  " + filled(ending, 15), record.text)
    }
  }

  /// "12 ms", "failed, 0.3 ms".
  private func shown(_ ending: InputEnding, _ seconds: Double) -> String {
    (ending == .done ? "" : ending.rawValue + " ") + shownDuration(seconds)
  }

  private func list(_ head: String, _ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let indent = String(repeating: " ", count: head.count + 1)
    say(head + " " + lines.joined(separator: "\n" + indent))
  }

  /// In the user's time zone.
  private func date(_ seconds: Int) -> String {
    var time = time_t(seconds)
    var parts = tm()
    guard localtime_r(&time, &parts) != nil else { return "" }
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(1900 + Int(parts.tm_year))-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) "
      + "\(two(parts.tm_hour)):\(two(parts.tm_min))"
  }

  private func filled(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}

/// "812 bytes", "8.2 kB", "12 MB".
func shownBytes(_ count: Int) -> String {
  if count < 1000 { return "\(count) byte\(count == 1 ? "" : "s")" }
  var number = Double(count) / 1000
  for unit in ["kB", "MB", "GB"] {
    if number < 999.5 || unit == "GB" {
      let text = number < 9.95 ? "\((number * 10).rounded() / 10)" : "\(Int(number.rounded()))"
      return "\(text) \(unit)"
    }
    number /= 1000
  }
  return "\(count) bytes"
}

extension Value {
  /// One line of at most so many columns.
  fileprivate func description(upTo width: Int) -> String {
    let text = String(describe.prefix { $0 != "\n" })
    return text.count <= width ? text : text.prefix(width - 1) + "…"
  }
}

extension String {
  fileprivate var trimmingEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
