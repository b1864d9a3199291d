import Groundwork

/// What a few steps are taken with; nil for a rate leaves that layer alone.
struct DescentRates {
  var first: [Double]?
  var second: [Double]?
  var decay: [Double]
  /// σ of the labels; the same in all lanes, which stand at the same step of the run.
  var noise: [Double]
  /// β, of the phase.
  var momentum: Double
  /// With what probability a hidden unit takes part in a sample; 1 without dropout.
  var keep: Double
  /// Whether these are the first steps of a phase, before which the momentum's buffers are cleared.
  var beginsPhase: Bool
}

/// What takes the steps of online SGD: the state of one simulation, or of several in lanes that
/// advance together.
protocol DescentEngine: AnyObject {
  /// Nanoseconds of one step of all lanes, roughly.
  var cost: Double { get }

  /// Takes up to `steps` steps in all lanes, from the absolute number `first` on.
  ///
  /// - Parameters:
  ///   - rates: of every lane; nil for those that are over, whose state no longer matters.
  ///   - shouldStop: asked now and then within a large batch.
  /// - Returns: how many steps were taken: fewer where `shouldStop` said so, or where the next
  ///   would leave every sensible range in the lanes `failed`.
  func run(
    from first: Int, steps: Int, rates: [DescentRates?], shouldStop: () -> Bool
  ) -> (done: Int, failed: [Int])

  func overlaps(_ lane: Int) -> (Q: Matrix, R: Matrix)
  /// The parts of these in each eigenspace of structured inputs; none for isotropic ones.
  func blockOverlaps(_ lane: Int) -> [(Q: Matrix, R: Matrix)]
  func secondLayer(_ lane: Int) -> [Double]
  /// From now on the lane learns with these second layers of student and teacher: another task.
  func setSecondLayers(_ lane: Int, v: [Double], vStar: [Double])
  /// What is measured on samples now, with the output of the student times `keep`; nil where
  /// `shouldStop` said so.
  func sampleErrors(_ lane: Int, keep: Double, shouldStop: () -> Bool) -> SampleErrors?
  func state(_ lane: Int) -> DescentState
  /// The lane's run is over.
  func retire(_ lane: Int)
}

extension DescentEngine {
  func blockOverlaps(_ lane: Int) -> [(Q: Matrix, R: Matrix)] { [] }
  func sampleErrors(_ lane: Int, keep: Double, shouldStop: () -> Bool) -> SampleErrors? {
    SampleErrors()
  }

  /// Takes the runs of all lanes, which stand at the same step, to their ends, each with its
  /// monitor; what one throws ends only that one, an `Interruption` as the monitor would.
  func advance(
    _ runs: [Run], options: DescentOptions, monitors: [Monitor]
  ) -> [Result<Run, any Error>] {
    let began = monotonicSeconds()
    var courses: [DescentCourse?] = runs.map { _ in nil }
    var results: [Result<Run, any Error>?] = runs.map { _ in nil }
    // A chunk is about a quarter of a millisecond; shorter as long as the user's functions are slow.
    let longest = Int(min(max(250_000 / cost, 1), 4096))
    var chunk = longest

    /// Does one thing with a lane's course, and takes leave of it where that was its end.
    func with(_ lane: Int, _ body: (inout DescentCourse) throws -> Void) {
      do {
        try body(&courses[lane]!)
        guard courses[lane]!.isOver else { return }
        let run = courses[lane]!.finished(self, lane: lane, seconds: monotonicSeconds() - began)
        monitors[lane].keeper?.keep(run)
        results[lane] = .success(run)
      } catch {
        results[lane] = .failure(error)
      }
      courses[lane] = nil
      retire(lane)
    }

    for lane in runs.indices {
      do {
        courses[lane] = try DescentCourse(continuing: runs[lane], options: options)
      } catch {
        results[lane] = .failure(error)
        continue
      }
      with(lane) { try $0.begin(self, lane: lane, monitor: monitors[lane]) }
    }
    while let steps = courses.lazy.compactMap({ $0?.steps }).first {
      let count = courses.reduce(chunk) { min($0, $1?.stepsToNextEvent ?? $0) }
      let chunkBegan = monotonicSeconds()
      let rates = rates(of: courses, steps: count) { lane, error in
        with(lane) { course in
          guard error is Interruption else { throw error }
          course.interrupt()
        }
      }
      // Those whose rates could not be had are over.
      let active = courses.indices.filter { courses[$0] != nil }
      if active.isEmpty { break }
      var stopped: [Int] = []
      let (done, failed) = run(from: steps, steps: count, rates: rates) {
        stopped = active.filter { !monitors[$0].report(courses[$0]!.progress(rates[$0]!)) }
        return !stopped.isEmpty
      }
      let seconds = monotonicSeconds() - chunkBegan
      // A busy machine makes single chunks long; these must not make all that follow short.
      if seconds > 0.005 { chunk = max(1, chunk / 2) }
      if seconds < 0.001 { chunk = min(longest, 2 * chunk) }
      for lane in active {
        defer { keepWhereDue(courses[lane], lane: lane, monitors[lane], since: began) }
        with(lane) { course in
          if stopped.contains(lane) {
            course.interrupt(after: done)
          } else if failed.contains(lane) {
            course.diverge(after: done, at: rates[lane]!, self, lane: lane)
          } else {
            try course.advance(
              by: done, at: rates[lane]!, self, lane: lane, monitor: monitors[lane])
          }
        }
      }
    }
    return results.map { $0! }
  }

  /// Hands over a run that goes on, as if it were interrupted here.
  private func keepWhereDue(
    _ course: DescentCourse?, lane: Int, _ monitor: Monitor, since began: Double
  ) {
    guard let keeper = monitor.keeper, var course, keeper.isDue(course.run.seed) else { return }
    course.interrupt()
    keeper.keep(course.finished(self, lane: lane, seconds: monotonicSeconds() - began))
  }

  /// The rates of every lane; lanes at the same place of the plan share them.
  private func rates(
    of courses: [DescentCourse?], steps: Int, failure: (Int, any Error) -> Void
  ) -> [DescentRates?] {
    var rates: [DescentRates?] = []
    for (lane, course) in courses.enumerated() {
      guard let course else {
        rates.append(nil)
        continue
      }
      if let twin = courses[..<lane].firstIndex(where: {
        $0?.phase == course.phase && $0?.phaseSteps == course.phaseSteps
      }), let known = rates[twin] {
        rates.append(known)
        continue
      }
      do {
        rates.append(try course.rates(steps: steps))
      } catch {
        failure(lane, error)
        rates.append(nil)
      }
    }
    return rates
  }
}
