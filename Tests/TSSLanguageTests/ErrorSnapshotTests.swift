import TSSLanguage
import TestSupport
import Testing

@Suite struct ErrorSnapshotTests {
  @Test func syntax() throws {
    let snapshots = try ErrorSnapshots(in: Programs.folder("errors")) { source in
      do throws(Diagnostic) {
        _ = try Parser.parse(source)
        return []
      } catch {
        return [error]
      }
    }
    #expect(snapshots.problems.isEmpty, "\(snapshots.problems.joined(separator: "\n"))")
    #expect(snapshots.count >= 60)
  }

  @Test func check() throws {
    let snapshots = try ErrorSnapshots(in: Programs.folder("errors/check")) {
      Laboratory().interpreter.check($0)
    }
    #expect(snapshots.problems.isEmpty, "\(snapshots.problems.joined(separator: "\n"))")
    #expect(snapshots.count >= 15)
  }

  @Test func run() throws {
    let snapshots = try ErrorSnapshots(in: Programs.folder("errors/run")) { source in
      do throws(Diagnostic) {
        _ = try Laboratory().interpreter.run(source)
        return []
      } catch {
        return [error]
      }
    }
    #expect(snapshots.problems.isEmpty, "\(snapshots.problems.joined(separator: "\n"))")
    #expect(snapshots.count >= 25)
  }
}
