/// The dictionary at the head of an `.npy` file.
struct NPYHeader {
  var element: NPYElement
  var isFortran: Bool
  var shape: [Int]

  /// Reads `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`, which NumPy always writes
  /// with these three keys, though their order is not promised.
  init(_ text: String) throws(DataError) {
    func broken(_ what: String) -> DataError {
      .malformed(.npy, at: nil, problem: "the header has no \(what)")
    }
    guard let type = Self.value(of: "descr", in: text) else { throw broken("element type") }
    guard let quote = type.first, quote == "'" || quote == "\"" else {
      throw .unsupported(.npy, what: "arrays of structures cannot be read")
    }
    element = try NPYElement(String(type.dropFirst().prefix { $0 != quote }))
    guard let order = Self.value(of: "fortran_order", in: text) else { throw broken("order") }
    isFortran = order.hasPrefix("True")
    guard let box = Self.value(of: "shape", in: text), box.first == "(",
      let end = box.firstIndex(of: ")")
    else { throw broken("shape") }
    let inner = box[box.index(after: box.startIndex)..<end]
    shape = []
    for part in inner.split(separator: ",") {
      let digits = part.filter { $0 != " " }
      if digits.isEmpty { continue }
      guard let extent = Int(digits), extent >= 0 else { throw broken("shape of whole numbers") }
      shape.append(extent)
    }
  }

  private static func value(of key: String, in text: String) -> Substring? {
    for quote in ["'", "\""] {
      // `split` keeps the search linear without Foundation.
      let parts = text.split(
        separator: quote + key + quote, maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { return parts[1].drop { $0 == ":" || $0 == " " } }
    }
    return nil
  }

  /// How many elements there are, all of which must be among `limit` bytes.
  func count(limit: Int) throws(DataError) -> Int {
    var count = 1
    var isTooLarge = false
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      isTooLarge = isTooLarge || overflow
      count = overflow ? Int.max : product
    }
    if shape.contains(0) { return 0 }
    let (size, overflow) = count.multipliedReportingOverflow(by: element.width)
    guard !isTooLarge, !overflow, size <= limit, element.width > 0 || count < 1 << 24 else {
      throw .malformed(.npy, at: nil, problem: "it ends before the last of its elements")
    }
    return count
  }
}

/// The type of an array's elements, such as `<f8`.
struct NPYElement {
  enum Kind { case boolean, signed, unsigned, float, unicode, bytes }

  var kind: Kind
  /// In bytes.
  var width: Int
  var isBigEndian: Bool

  init(_ name: String) throws(DataError) {
    let unsupported = DataError.unsupported(
      .npy, what: "arrays of elements `\(name)` cannot be read")
    let bare = name.first.map { "<>|=".contains($0) } ?? false ? name.dropFirst() : name[...]
    isBigEndian = name.first == ">"
    guard let letter = bare.first, let size = Int(bare.dropFirst()), size >= 0, size < 1 << 28
    else { throw unsupported }
    width = size
    switch (letter, size) {
    case ("b", 1): kind = .boolean
    case ("i", 1), ("i", 2), ("i", 4), ("i", 8): kind = .signed
    case ("u", 1), ("u", 2), ("u", 4), ("u", 8): kind = .unsigned
    case ("f", 2), ("f", 4), ("f", 8): kind = .float
    case ("S", _): kind = .bytes
    case ("U", _):
      kind = .unicode
      width = 4 * size
    default: throw unsupported
    }
  }

  func decode(
    _ reader: ByteReader, start: Int, count: Int, shape: [Int], order: [Int]?
  ) throws(DataError) -> NPYValue {
    let place = { (i: Int) in start + (order.map { $0[i] } ?? i) * width }
    switch kind {
    case .unicode, .bytes:
      return .strings(shape: shape, (0..<count).map { string(reader, at: place($0)) })
    case .boolean, .signed, .unsigned, .float:
      var values: [Double] = []
      values.reserveCapacity(count)
      for i in 0..<count {
        let bits =
          reader.unsigned(at: place(i), width: width, bigEndian: isBigEndian) ?? 0
        values.append(number(bits))
      }
      return .numbers(NDArray(shape: shape, values: values))
    }
  }

  private func number(_ bits: UInt64) -> Double {
    switch (kind, width) {
    case (.float, 8): return Double(bitPattern: bits)
    case (.float, 4): return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case (.float, _): return half(bits)
    case (.signed, _):
      let unused = UInt64(64 - 8 * width)
      return Double(Int64(bitPattern: bits << unused) >> Int64(unused))
    case (.boolean, _): return bits == 0 ? 0 : 1
    default: return Double(bits)
    }
  }

  /// IEEE half precision: 5 bits of exponent, 10 of fraction. Not every platform has `Float16`.
  private func half(_ bits: UInt64) -> Double {
    let sign = bits & 0x8000 == 0 ? 1.0 : -1.0
    let fraction = Double(bits & 0x3FF) / 1024
    switch Int(bits >> 10 & 0x1F) {
    case 0: return sign * fraction * 0x1p-14
    case 31: return fraction == 0 ? sign * .infinity : .nan
    case let exponent:
      return sign * (1 + fraction) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }

  private func string(_ reader: ByteReader, at offset: Int) -> String {
    if kind == .bytes {
      let bytes = reader.bytes[offset..<offset + width]
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    var text = String.UnicodeScalarView()
    for i in 0..<width / 4 {
      let value = reader.unsigned(at: offset + 4 * i, width: 4, bigEndian: isBigEndian) ?? 0
      if value == 0 { break }
      text.append(Unicode.Scalar(UInt32(truncatingIfNeeded: value)) ?? "\u{FFFD}")
    }
    return String(text)
  }
}
