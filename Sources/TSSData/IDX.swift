/// Arrays in the bytes of IDX, the format of the MNIST files (LeCun, Cortes and Burges 1998).
///
/// Two zero bytes, one for the type of the elements, one for the number of dimensions; then the
/// extents as 32-bit integers and the elements, all of them with the most significant byte first.
public enum IDX {
  /// Whether bytes begin as an IDX file does. There is no magic word: any file may.
  public static func recognises(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 4 && bytes[0] == 0 && bytes[1] == 0 && Element(rawValue: bytes[2]) != nil
      && bytes[3] > 0
  }

  /// The array; the last index runs fastest, as in the file.
  public static func decode(_ bytes: [UInt8]) throws(DataError) -> NDArray {
    guard recognises(bytes), let element = Element(rawValue: bytes[2]) else {
      throw malformed("it does not begin with 0, 0, a type and a number of dimensions")
    }
    let dimensions = Int(bytes[3])
    let reader = ByteReader(bytes: bytes)
    var shape: [Int] = []
    for axis in 0..<dimensions {
      guard let extent = reader.unsigned(at: 4 + 4 * axis, width: 4, bigEndian: true) else {
        throw malformed("it ends within the header")
      }
      shape.append(Int(extent))
    }
    let start = 4 + 4 * dimensions
    var count = shape.contains(0) ? 0 : 1
    for extent in shape where count > 0 {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow { throw wrongSize(shape) }
      count = product
    }
    guard count <= bytes.count / element.width, count * element.width == bytes.count - start else {
      throw wrongSize(shape)
    }
    return NDArray(
      shape: shape,
      values: [Double](unsafeUninitializedCapacity: count) { values, written in
        for i in 0..<count {
          let bits = reader.unsigned(
            at: start + i * element.width, width: element.width, bigEndian: true)
          values[i] = element.value(bits ?? 0)
        }
        written = count
      })
  }

  /// The code of an element's type.
  private enum Element: UInt8 {
    case unsignedByte = 0x08
    case signedByte = 0x09
    case short = 0x0B
    case int = 0x0C
    case float = 0x0D
    case double = 0x0E

    var width: Int {
      switch self {
      case .unsignedByte, .signedByte: 1
      case .short: 2
      case .int, .float: 4
      case .double: 8
      }
    }

    func value(_ bits: UInt64) -> Double {
      switch self {
      case .unsignedByte: Double(bits)
      case .signedByte: Double(Int8(truncatingIfNeeded: bits))
      case .short: Double(Int16(truncatingIfNeeded: bits))
      case .int: Double(Int32(truncatingIfNeeded: bits))
      case .float: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      case .double: Double(bitPattern: bits)
      }
    }
  }

  private static func wrongSize(_ shape: [Int]) -> DataError {
    let extents = shape.map { "\($0)" }.joined(separator: "×")
    return malformed("it is not as long as an array of \(extents) must be")
  }

  private static func malformed(_ problem: String) -> DataError {
    .malformed(.idx, at: nil, problem: problem)
  }
}
