import TSSData
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct FilesTests {
  /// Runs `body` with a folder that is gone afterwards.
  private func withFolder(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/tss-files-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }
    let folder = String(cString: try #require(made))
    defer {
      for name in try! names(in: folder) { unlink("\(folder)/\(name)") }
      rmdir(folder)
    }
    try body(folder)
  }

  private func names(in folder: String) throws -> [String] {
    let directory = try #require(opendir(folder))
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  @Test func writesAndReplaces() throws {
    try withFolder { folder in
      let path = folder + "/a.bin"
      try writeFileAtomically(path, [1, 2, 3])
      #expect(try readFile(path) == [1, 2, 3])
      let large = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) }
      try writeFileAtomically(path, large)
      #expect(try readFile(path) == large)
      try writeFileAtomically(path, [])
      #expect(try readFile(path) == [])
      #expect(try names(in: folder) == ["a.bin"])
    }
  }

  @Test func stopsWhereItIsToldTo() throws {
    try withFolder { folder in
      let path = folder + "/a.bin"
      try writeFileAtomically(path, [1, 2, 3])
      var pieces = 0
      let large = [UInt8](repeating: 7, count: 9 << 20)
      #expect(throws: DataError.stopped) {
        try writeFileAtomically(path, large) {
          pieces += 1
          return pieces == 3
        }
      }
      #expect(try readFile(path) == [1, 2, 3])
      #expect(try names(in: folder) == ["a.bin"])
      #expect(throws: DataError.stopped) { try readFile(path) { true } }
    }
    struct Stop: Error {}
    let numbers = JSON.array((0..<9000).map { JSON.number(Double($0)) })
    #expect(throws: Stop.self) { try numbers.encoded { throw Stop() } }
    let array = NPYValue.numbers(NDArray([Double](repeating: 1, count: 1000)))
    #expect(throws: DataError.stopped) { try NPZ.encode([("a", array)]) { true } }
    #expect(throws: DataError.stopped) { try Gzip.decode(fixture("named.gz")) { true } }
  }

  @Test func followsLinksAndKeepsModes() throws {
    try withFolder { folder in
      try writeFileAtomically(folder + "/real", [1])
      chmod(folder + "/real", 0o640)
      symlink("real", folder + "/link")
      try writeFileAtomically(folder + "/link", [2])
      #expect(try readFile(folder + "/real") == [2])
      var status = stat()
      #expect(lstat(folder + "/link", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
      #expect(stat(folder + "/real", &status) == 0 && status.st_mode & 0o777 == 0o640)
    }
  }

  @Test func errorsTellWhy() throws {
    let path = "/nowhere/at/all"
    let reason = "No such file or directory"
    #expect(throws: DataError.cannotRead(path: path, reason: reason)) { try readFile(path) }
    #expect(throws: DataError.cannotWrite(path: path, reason: reason)) {
      try writeFileAtomically(path, [])
    }
    #expect(throws: DataError.cannotWrite(path: "/tmp", reason: "Is a directory")) {
      try writeFileAtomically("/tmp", [])
    }
    #expect(throws: DataError.cannotRead(path: "/tmp", reason: "Is a directory")) {
      try readFile("/tmp")
    }
  }

  @Test func devicesAreWrittenTo() throws {
    try writeFileAtomically("/dev/null", [1, 2])
    #expect(throws: DataError.cannotWrite(path: "/dev/full", reason: "No space left on device")) {
      try writeFileAtomically("/dev/full", [1])
    }
  }
}
