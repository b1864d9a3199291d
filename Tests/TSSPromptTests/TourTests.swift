import TSSPrompt
import Testing

/// `:tour` as a user takes it.
@Suite struct TourTests {
  private let folder = TemporaryFolder()

  private func start() -> TerminalSession {
    let own = ["XDG_STATE_HOME": folder.path, "XDG_CONFIG_HOME": folder.path]
    let session = TerminalSession(["--color=never"], environment: own)
    session.expectPrompt()
    session.expect(":tour or :help")
    return session
  }

  @Test func everyStepRunsAndLeadsToTheNext() {
    let count = TourStep.all.count
    #expect(count == 10)
    let session = start()
    session.send(":tour\r")
    for number in 1..<count {
      session.expect("Step \(number) of \(count): \(TourStep.all[number - 1].title)")
      session.expectPrompt()
      // Return alone runs the line; nothing of it may fail.
      session.send("\r")
      session.expect("Step \(number + 1) of \(count)")
      #expect(!session.screen.text.contains("\nerror: "))
    }
    session.expectPrompt()
    session.send(":save \(folder.path)/tour.tss\r")
    session.expect("\(count - 1) inputs written")
    session.expect("That was the tour.")
    let saved = pipeline("cat '\(folder.path)/tour.tss'")
    for step in TourStep.all.dropLast() { #expect(saved.contains(step.line + "\n")) }
  }

  @Test func stepsFitTheScreen() {
    for step in TourStep.all {
      #expect((2...4).contains(step.text.split(separator: "\n").count), "\(step.title)")
      #expect("tss> \(step.line)".count < 80, "\(step.title)")
    }
  }

  @Test func waitsForWhatItAskedFor() {
    let session = start()
    session.send(":tour\r")
    session.expect("Step 1 of 10")
    session.expectPrompt()
    session.send("1 + 1\r")
    session.expect("(step 1 waits for: η = 0.5")
    // The user's own way is good as well; TAB writes the line to be changed.
    session.send("eta = 3\r")
    session.expect("Step 2 of 10")
    session.expectPrompt()
    session.send("\t")
    session.expect("tss> T = teacher(M=2, σ=0.1); S = student(K=3)")
    session.send("\u{3}:tour off\r")
    session.expect("the tour waits at step 2")
    session.expectPrompt()
    session.send("\r2\r")
    session.expect("tss>\ntss> 2\n2\ntss>")
    session.send(":tour\r")
    session.expect("Step 2 of 10", times: 2)
  }

  @Test func jumpsWithWhatTheStepNeeds() {
    let session = start()
    session.send(":tour 8\r")
    session.expect("from step 2: T = teacher")
    session.expect("Step 8 of 10")
    session.expectPrompt()
    session.send("\r")
    session.expect("Step 9 of 10")
    session.send(":tour 11\r")
    session.expect("the tour has steps 1 to 10")
  }
}
