import TSS

/// How far the tour is.
struct Tour {
  /// The step that is next, from 0.
  var step = 0
  var isOn = false

  /// What TAB and ⏎ write into an empty line.
  var line: String? { isOn && step < TourStep.all.count ? TourStep.all[step].line : nil }
}

/// `:tour`: ten steps that the user types along with.
extension Prompt {
  func takeTour(_ argument: String) -> InputEnding {
    let count = TourStep.all.count
    switch argument {
    case "off":
      tour.isOn = false
      say("the tour waits at step \(min(tour.step, count - 1) + 1); :tour continues it")
      return .done
    case "":
      // At the end it begins anew.
      if tour.step >= count { tour.step = 0 }
    default:
      guard let number = Int(argument), (1...count).contains(number) else {
        say("the tour has steps 1 to \(count): `:tour 3`; `:tour off` leaves it")
        return .failed
      }
      tour.step = number - 1
    }
    tour.isOn = true
    prepare(tour.step)
    showStep()
    return .done
  }

  /// Who jumps into the middle gets what the steps before would have made.
  private func prepare(_ index: Int) {
    for name in TourStep.all[index].needs where session[name] as Value? == nil {
      guard let maker = TourStep.all.firstIndex(where: { $0.gives.contains(name) }) else {
        continue
      }
      prepare(maker)
      // Another name of the same step may have brought it.
      if session[name] as Value? != nil { continue }
      say("from step \(maker + 1): \(TourStep.all[maker].line)")
      evaluate(TourStep.all[maker].line)
    }
  }

  private func showStep() {
    let step = TourStep.all[tour.step]
    let head = "Step \(tour.step + 1) of \(TourStep.all.count): \(step.title)"
    var text = "\n" + (hasMessageColor ? "\u{1b}[1m\(head)\u{1b}[0m" : head) + "\n"
    let width = min(Console.width, 80)
    for line in Self.wrapped(step.text, to: width - 3) { text += "  \(line)\n" }
    let code = hasMessageColor ? "\u{1b}[36m\(step.line)\u{1b}[0m" : step.line
    text += "\n  \(code)\n\n"
    if tour.step == 0 {
      let way = "Type this line, or press ⏎ to run it (TAB to change it first); `:tour off` leaves."
      text += Self.wrapped(way, to: width - 1).joined(separator: "\n")
    }
    say(text)
  }

  /// The words in lines of at most so many columns.
  private static func wrapped(_ text: String, to width: Int) -> [String] {
    var lines = [""]
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if last.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  /// After every input: goes on where the step's aim is reached.
  func continueTour(after text: String, _ command: Command?, _ ending: InputEnding) {
    guard tour.isOn, tour.step < TourStep.all.count, command?.name != "tour" else { return }
    let step = TourStep.all[tour.step]
    guard ending == .done, reaches(step.goal, command) else {
      // A question in between is no failure.
      if command == nil { say("(step \(tour.step + 1) waits for: \(step.line))") }
      return
    }
    tour.step += 1
    if tour.step < TourStep.all.count { return showStep() }
    tour.isOn = false
    say("\nThat was the tour. `:tour 3` shows step 3 again; ^D leaves.")
  }

  private func reaches(_ goal: TourStep.Goal, _ command: Command?) -> Bool {
    switch goal {
    case .command(let name): return command?.name == name
    case .holds(let condition):
      // Names that are not there yet make this an error.
      return (try? session.eval(condition, as: Bool.self, name: "<tour>")) ?? false
    }
  }
}
