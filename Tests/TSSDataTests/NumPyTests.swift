import TSSData
import Testing

/// Arrays written by NumPy 2, and by us.
@Suite struct NumPyTests {
  private func numbers(_ name: String) throws -> NDArray {
    try #require(try NPY.decode(fixture(name + ".npy")).numbers)
  }

  @Test func everyOrderOfBytesAndIndices() throws {
    let grid = NDArray(shape: [2, 3], values: [0.5, 1.5, 2.5, 3.5, 4.5, 5.5])
    #expect(try numbers("f8") == grid)
    #expect(try numbers("f8-big") == grid)
    let box = NDArray(shape: [2, 3, 4], values: (0..<24).map(Double.init))
    #expect(try numbers("f8-fortran") == box)
  }

  @Test func everyWidth() throws {
    let singles = try numbers("f4").values
    #expect(singles[..<3] == [Double(Float(0.1)), -2.5, .infinity])
    #expect(singles[3].isNaN)
    #expect(try numbers("f2").values == [0.0999755859375, -2.5, 65504, 0x1p-24, .infinity])
    #expect(try numbers("i2-big").values == [-3, 300, 32767])
    #expect(try numbers("i8") == NDArray(shape: [2, 1], values: [-1, 0x1p40]))
    #expect(try numbers("u1").values == [0, 255])
    #expect(try numbers("bool").values == [1, 0, 1])
  }

  @Test func scalarsAndNothing() throws {
    #expect(try numbers("scalar") == NDArray(3.25))
    #expect(try numbers("empty") == NDArray(shape: [0, 3], values: []))
  }

  @Test func strings() throws {
    #expect(
      try NPY.decode(fixture("strings.npy"))
        == .strings(shape: [2, 2], ["first", "both", "η = 0.2", ""]))
    #expect(try NPY.decode(fixture("bytes.npy")) == .strings(shape: [2], ["erf", "relu"]))
  }

  @Test func whatIsNotReadIsNamed() throws {
    #expect(throws: DataError.unsupported(.npy, what: "arrays of elements `<c16` cannot be read")) {
      try NPY.decode(fixture("complex.npy"))
    }
    #expect(throws: DataError.unsupported(.npy, what: "arrays of structures cannot be read")) {
      try NPY.decode(fixture("structure.npy"))
    }
  }

  @Test func bytesAreNumPys() throws {
    #expect(try NPY.encode(NPY.decode(fixture("f8.npy"))) == fixture("f8.npy"))
    #expect(try NPY.encode(NPY.decode(fixture("scalar.npy"))) == fixture("scalar.npy"))
    #expect(try NPY.encode(NPY.decode(fixture("strings.npy"))) == fixture("strings.npy"))
  }

  @Test(arguments: ["stored.npz", "packed.npz"])
  func archives(name: String) throws {
    let entries = try NPZ.decode(fixture(name))
    #expect(entries.map(\.name) == ["alpha", "Q", "noise", "layers", "smooth"])
    let alpha = try #require(entries[0].value.numbers?.values)
    #expect(alpha.count == 500 && alpha[499] == 1 && abs(alpha[250] - 250.0 / 499) < 1e-15)
    #expect(entries[1].value.numbers?.values.reduce(0, +) == 4)
    #expect(entries[2].value.numbers?.values.first == 0.345584192064786)
    #expect(entries[3].value == .strings(shape: [2], ["first", "both"]))
    #expect(entries[4].value.numbers?.values.suffix(200).allSatisfy { $0 == 4 } == true)
  }

  @Test func archivesRoundTrip() throws {
    let entries: [NPZ.Entry] = [
      ("α", .numbers(NDArray([0, -0.0, .infinity, .leastNonzeroMagnitude]))),
      ("none", .numbers(NDArray(shape: [3, 0], values: []))),
      ("words", .strings(shape: [1, 2], ["σ", "soft committee"])),
      ("nothing", .strings(shape: [0], [])),
    ]
    let bytes = try NPZ.encode(entries)
    let back = try NPZ.decode(bytes)
    #expect(back.map(\.name) == entries.map(\.name))
    #expect(back.map(\.value) == entries.map(\.value))
    #expect(try NPZ.encode(entries) == bytes)
    #expect(try NPZ.decode(NPZ.encode([])).isEmpty)
  }

  @Test func blocksOfEveryKind() throws {
    let members = try Zip.decode(fixture("inflate.zip"))
    let text = try #require(members.last).bytes
    for member in members.dropLast() {
      #expect(try Inflate.unpack(member.bytes[...], limit: text.count) == text, "\(member.name)")
      #expect(throws: Inflate.Failure.self, "\(member.name)") {
        try Inflate.unpack(member.bytes[...], limit: text.count - 1)
      }
    }
  }

  @Test func damageNeverCrashes() throws {
    for name in ["f8", "f8-fortran", "strings", "i8", "bytes"] {
      for bytes in damaged(try fixture(name + ".npy")) { _ = try? NPY.decode(bytes) }
    }
    for bytes in damaged(try fixture("packed.npz")) { _ = try? NPZ.decode(bytes) }
    for member in try Zip.decode(fixture("inflate.zip")).dropLast() {
      for bytes in damaged(Array(member.bytes.prefix(400))) {
        _ = try? Inflate.unpack(bytes[...], limit: 100_000)
      }
    }
  }

  @Test func truncatedFilesAreErrors() throws {
    for name in ["f8.npy", "packed.npz"] {
      let bytes = try fixture(name)
      for length in stride(from: 0, to: bytes.count, by: 7) {
        #expect(throws: DataError.self) {
          let part = Array(bytes[..<length])
          if name == "f8.npy" { _ = try NPY.decode(part) } else { _ = try NPZ.decode(part) }
        }
      }
    }
  }

  @Test func forgedShapesAreErrors() throws {
    for shape in ["(9223372036854775807, 9223372036854775807)", "(-1,)", "(1e3,)", "(4294967296,)"]
    {
      let header = "{'descr': '<f8', 'fortran_order': False, 'shape': \(shape), }\n"
      let bytes =
        [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      #expect(throws: DataError.self, "\(shape)") { try NPY.decode(bytes) }
    }
  }
}
