import TSSData
import Testing

/// Arrays as MNIST ships them, made by `Fixtures/make.py`.
@Suite struct IDXTests {
  private func array(_ name: String) throws -> NDArray { try IDX.decode(fixture(name + ".idx")) }

  @Test func everyType() throws {
    #expect(try array("u1") == NDArray([0, 128, 255]))
    #expect(try array("i1") == NDArray(shape: [2, 1], values: [-128, 127]))
    #expect(try array("i2") == NDArray([-3, 300]))
    #expect(try array("i4") == NDArray(shape: [2, 3, 4], values: (0..<24).map(Double.init)))
    #expect(try array("f4") == NDArray([Double(Float(0.1)), -2.5]))
    #expect(try array("f8") == NDArray(shape: [1, 2], values: [0.1, 1e300]))
  }

  @Test(arguments: ["i4.idx.gz", "named.gz"])
  func gzipped(name: String) throws {
    let bytes = try fixture(name)
    #expect(Gzip.recognises(bytes) && !IDX.recognises(bytes))
    #expect(try Gzip.decode(bytes) == fixture("i4.idx"))
  }

  @Test func everyTruncationIsAnError() throws {
    for name in ["u1.idx", "i4.idx", "f8.idx"] {
      let bytes = try fixture(name)
      for length in bytes.indices {
        #expect(throws: DataError.self) { try IDX.decode(Array(bytes[..<length])) }
      }
      #expect(throws: DataError.self) { try IDX.decode(bytes + [0]) }
    }
    let bytes = try fixture("named.gz")
    for length in bytes.indices {
      #expect(throws: DataError.self) { try Gzip.decode(Array(bytes[..<length])) }
    }
  }

  @Test func damageNeverCrashes() throws {
    for name in ["i4.idx", "f8.idx"] {
      for bytes in damaged(try fixture(name)) { _ = try? IDX.decode(bytes) }
    }
    for bytes in damaged(try fixture("named.gz")) { _ = try? Gzip.decode(bytes) }
  }

  @Test func forgedSizesAreErrors() throws {
    let huge: [UInt8] = [0, 0, 8, 3] + [UInt8](repeating: 0xFF, count: 12)
    #expect(throws: DataError.self) { try IDX.decode(huge) }
    // No places, whatever the other extents are.
    let empty: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 8)
    #expect(try IDX.decode(empty).values.isEmpty)
    var bytes = try fixture("i4.idx.gz")
    bytes[bytes.count - 1] = 0xFF
    #expect(throws: DataError.malformed(.gzip, at: nil, problem: "its size is wrong")) {
      try Gzip.decode(bytes)
    }
    bytes = try fixture("i4.idx.gz")
    bytes[bytes.count - 8] ^= 1
    #expect(throws: DataError.malformed(.gzip, at: nil, problem: "its checksum is wrong")) {
      try Gzip.decode(bytes)
    }
  }
}
