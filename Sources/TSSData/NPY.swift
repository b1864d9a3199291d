/// Arrays in the bytes of NumPy's `.npy` (format 1.0 to 3.0; NumPy Enhancement Proposal 1).
///
/// A magic word and a version, the length of the header, the header (a Python dictionary of the
/// element type, the order and the shape), and the elements.
public enum NPY {
  /// Read from bytes: booleans, integers and floating-point numbers of any width and byte order,
  /// and strings (`<U`, `|S`), in C or Fortran order.
  ///
  /// Structures, complex numbers, dates and pickled objects are refused.
  public static func decode(_ bytes: [UInt8]) throws(DataError) -> NPYValue {
    let reader = ByteReader(bytes: bytes)
    guard bytes.starts(with: magic) else {
      throw .malformed(.npy, at: nil, problem: "it does not begin as an array of NumPy")
    }
    let lengthWidth = bytes.count > 6 && bytes[6] == 1 ? 2 : 4
    guard let length = reader.integer(at: 8, width: lengthWidth),
      length <= bytes.count - 8 - lengthWidth
    else { throw .malformed(.npy, at: nil, problem: "it ends within the header") }
    let start = 8 + lengthWidth + length
    let header = try NPYHeader(String(decoding: bytes[8 + lengthWidth..<start], as: UTF8.self))
    let count = try header.count(limit: bytes.count - start)
    let offsets = header.isFortran ? fortranOrder(header.shape) : nil
    return try header.element.decode(
      reader, start: start, count: count, shape: header.shape, order: offsets)
  }

  /// The bytes of an array: `<f8` or, for strings, `<U`, in C order, format 1.0.
  public static func encode(_ value: NPYValue) throws(DataError) -> [UInt8] {
    switch value {
    case .numbers(let array):
      let count = array.values.count
      guard count < maximum / 8 else { throw tooLarge(array.shape) }
      var bytes = header("<f8", array.shape)
      bytes.reserveCapacity(bytes.count + 8 * count)
      #if _endian(little)
        array.values.withUnsafeBytes { bytes.append(contentsOf: $0) }
      #else
        for number in array.values { bytes.append(number.bitPattern, width: 8) }
      #endif
      return bytes
    case .strings(let shape, let strings):
      let count = strings.count
      precondition((shape.contains(0) ? 0 : shape.reduce(1, *)) == count)
      let width = strings.map { $0.unicodeScalars.count }.max() ?? 0
      guard count == 0 || width < maximum / 4 / count else { throw tooLarge(shape) }
      // NumPy has no strings of no width.
      let padded = max(1, width)
      var bytes = header("<U\(padded)", shape)
      for string in strings {
        let scalars = string.unicodeScalars
        for scalar in scalars { bytes.append(UInt64(scalar.value), width: 4) }
        bytes += [UInt8](repeating: 0, count: 4 * (padded - scalars.count))
      }
      return bytes
    }
  }

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// What a ZIP archive without its 64-bit extension can hold.
  private static let maximum = 0xFFFF_FFFF - 65_536

  private static func tooLarge(_ shape: [Int]) -> DataError {
    .tooLarge(.npy, what: "an array of shape \(shape) takes more than 4 GiB")
  }

  private static func header(_ type: String, _ shape: [Int]) -> [UInt8] {
    // A tuple of one has a comma in Python.
    let list = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(list)), }"
    // The elements begin at a multiple of 64, so that they can be mapped into memory.
    let used = (10 + text.utf8.count + 1) % 64
    text += String(repeating: " ", count: (64 - used) % 64) + "\n"
    var bytes = magic + [1, 0]
    bytes.append(UInt64(text.utf8.count), width: 2)
    return bytes + Array(text.utf8)
  }

  /// Where each element in C order stands when the first index runs fastest.
  private static func fortranOrder(_ shape: [Int]) -> [Int]? {
    guard shape.count > 1, !shape.contains(0) else { return nil }
    var strides: [Int] = []
    var stride = 1
    for extent in shape {
      strides.append(stride)
      stride *= extent
    }
    var index = [Int](repeating: 0, count: shape.count)
    var place = 0
    var order: [Int] = []
    order.reserveCapacity(stride)
    for _ in 0..<stride {
      order.append(place)
      for axis in shape.indices.reversed() {
        index[axis] += 1
        place += strides[axis]
        if index[axis] < shape[axis] { break }
        place -= strides[axis] * shape[axis]
        index[axis] = 0
      }
    }
    return order
  }
}
