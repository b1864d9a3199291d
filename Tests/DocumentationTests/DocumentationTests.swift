import Testing

/// Every block of code in README.md and docs is run, and prints what stands there; links lead
/// somewhere. `Page` says what the blocks mean.
///
/// `TSS_UPDATE_SNAPSHOTS=1 scripts/test --filter DocumentationTests` writes outputs and pictures
/// anew, which are then to be read with a critical eye.
@Suite struct DocumentationTests {
  @Test(arguments: Page.names) func everyBlockDoesWhatItSays(name: String) throws {
    let page = try Page(name)
    try page.run()
    for problem in page.problems { Issue.record("\(problem)") }
  }

  @Test func whatAgreesAndWhatNot() {
    #expect(agree(["K  value", "2  0.5000000001"], ["K   value", "2  0.5"]))
    #expect(agree(["eg 1.234e-05 → 3"], ["eg 1.235e-05 → 3"]))
    #expect(!agree(["eg 1.234e-05"], ["eg 1.237e-05"]))
    #expect(!agree(["K = 3"], ["K = 4"]))
    #expect(!agree(["x = 0.5"], ["y = 0.5"]))
    #expect(!agree(["1", "2"], ["1"]))
  }
}
