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
}
