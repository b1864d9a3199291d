import LearningDynamics

/// An experiment as names and texts, to tell whether two are the same and what differs.
///
/// It is read off the values themselves, field by field, so that a parameter that is new to the
/// networks, the schedule or the engines takes part in the comparison without being listed here.
/// Numbers are written so that they read back to the bit. Of functions there are the text
/// with what it reads from outside (`FunctionText`) and, for rates, noise and activations, values
/// at some places.
enum ExperimentText {
  static func of(_ run: Run) -> [(name: String, text: String)] {
    var text = Collector()
    text.add(run.student, "student")
    text.add(run.teacher, "teacher")
    for (index, phase) in run.plan.enumerated() {
      text.add(phase, run.plan.count > 1 ? "phase \(index + 1)" : "")
    }
    switch run.engine {
    case .equations(let options):
      text.add("ode", "engine")
      text.add(options, "")
    case .descent(var options):
      text.add("sgd", "engine")
      // Of no influence on the bits.
      options.instructionSet = nil
      text.add(options, "")
    }
    text.add(run.N, "N")
    text.add(run.seed, "seed")
    return text.entries
  }

  /// What differs first, in a sentence; nil where nothing does.
  static func difference(
    _ there: [(name: String, text: String)], _ here: [(name: String, text: String)]
  ) -> String? {
    let old = Dictionary(there.map { ($0.name, $0.text) }) { $1 }
    let new = Dictionary(here.map { ($0.name, $0.text) }) { $1 }
    for (name, text) in here where old[name] != text {
      return "\(name) is \(old[name] ?? "not given") there and \(text) here"
    }
    guard let (name, text) = there.first(where: { new[$0.name] == nil }) else { return nil }
    return "\(name) is \(text) there and not given here"
  }

  private struct Collector {
    var entries: [(name: String, text: String)] = []
    /// The length of the phase whose rates are looked at.
    var time = 0.0

    mutating func add(_ value: Any, _ name: String) {
      switch value {
      case let text as String:
        if !text.isEmpty { entries.append((name, text)) }
      case let numbers as [Double]:
        entries.append((name, words(numbers)))
      case let number as Double:
        entries.append((name, number.printed))
      case let functions as FunctionText:
        add(functions.text(), name)
      case let rate as Rate:
        add(rate, name)
      case let custom as CustomActivation:
        add(custom, name)
      case let noise as NoiseSchedule:
        // From 10⁻³ to 10⁶, each an eighth larger than the one before.
        let places = [0] + sequence(first: 1e-3) { $0 < 1e6 ? $0 * 1.125 : nil }
        let values = places.map { (try? noise($0)) ?? .nan }
        if let source = noise.source { add(source, name) }
        entries.append((Self.join(name, "values"), "a function \(words(values, shown: 0))"))
      default:
        if let phase = value as? Phase { time = phase.time }
        reflect(value, name)
      }
    }

    private mutating func reflect(_ value: Any, _ name: String) {
      let mirror = Mirror(reflecting: value)
      switch mirror.displayStyle {
      case .optional:
        if let content = mirror.children.first?.value { add(content, name) }
      case .enum:
        guard let child = mirror.children.first else {
          entries.append((name, "\(value)"))
          return
        }
        add(child.value, Self.join(name, Self.userNames[child.label ?? ""] ?? child.label ?? ""))
      case .struct, .class, .tuple, .collection, .dictionary, .set:
        if mirror.children.isEmpty { entries.append((name, "\(value)")) }
        for (index, child) in mirror.children.enumerated() {
          let label = child.label ?? "\(index + 1)"
          add(child.value, Self.join(name, Self.userNames[label] ?? label))
        }
      default:
        // A function: its text is elsewhere.
        entries.append((name, value is any CustomStringConvertible ? "\(value)" : "a function"))
      }
    }

    private mutating func add(_ rate: Rate, _ name: String) {
      if rate.isGreedy {
        entries.append((name, "greedy"))
        return
      }
      if case .constant(let value) = rate {
        entries.append((name, value.printed))
        return
      }
      let places = [0, 0.0001, 0.001] + (1..<256).map { Double($0) / 256 }
      let values = places.map {
        (try? rate($0 * time)) ?? .nan
      }
      entries.append((name, "a function \(words(values, shown: 0))"))
    }

    private mutating func add(_ custom: CustomActivation, _ name: String) {
      let x = (-40...40).map { Double($0) / 8 + 0.0123 }
      var g = x
      var slope = x
      custom.evaluate(x, count: x.count, g: &g, dg: &slope)
      entries.append((name, "\(custom.name) \(words(g + slope + custom.kinks, shown: 0))"))
    }

    /// The numbers, or of many a checksum.
    private func words(_ numbers: [Double], shown: Int = 8) -> String {
      if numbers.count <= shown {
        return "[" + numbers.map(\.printed).joined(separator: ", ") + "]"
      }
      var sum = Checksum()
      for number in numbers { sum.add(number.bitPattern) }
      return "(\(numbers.count) numbers, checksum \(sum))"
    }

    private static func join(_ a: String, _ b: String) -> String {
      a.isEmpty ? b : b.isEmpty ? a : "\(a) \(b)"
    }

    /// What users call it.
    private static let userNames = [
      "hiddenUnits": "K", "activation": "g", "secondLayer": "v", "labelNoise": "σ",
      "initialisation": "init", "firstRate": "η_w", "secondRate": "η_v", "tolerance": "tol",
      "keepWeights": "keep_weights", "recording": "recorded", "some": "", "values": "",
      "source": "function", "noiseSchedule": "σ(α)",
    ]
  }
}
