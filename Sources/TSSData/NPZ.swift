/// Named arrays in the bytes of NumPy's `.npz`: a ZIP archive of `.npy` files.
///
/// ```swift
/// let bytes = try NPZ.encode([("alpha", .numbers(NDArray([0, 1, 2])))])
/// try writeFileAtomically("run.npz", bytes)   // np.load("run.npz")["alpha"]
/// ```
public enum NPZ {
  /// A name and its array.
  public typealias Entry = (name: String, value: NPYValue)

  /// The bytes of an archive, stored without compression: the same arrays give the same bytes.
  ///
  /// - Parameter shouldStop: asked now and then.
  /// - Throws: ``DataError/tooLarge(_:what:)`` beyond 4 GiB; ``DataError/stopped``.
  public static func encode(
    _ entries: [Entry], shouldStop: () -> Bool = { false }
  ) throws(DataError) -> [UInt8] {
    var members: [Zip.Member] = []
    for entry in entries {
      members.append(Zip.Member(name: entry.name + ".npy", bytes: try NPY.encode(entry.value)))
    }
    return try Zip.encode(members, shouldStop: shouldStop)
  }

  /// The arrays of an archive by `np.savez` or `np.savez_compressed`, in its order.
  /// Throws ``DataError/stopped`` where `shouldStop` says so.
  public static func decode(
    _ bytes: [UInt8], shouldStop: () -> Bool = { false }
  ) throws(DataError) -> [Entry] {
    var entries: [Entry] = []
    for member in try Zip.decode(bytes, shouldStop: shouldStop)
    where member.name.hasSuffix(".npy") {
      if shouldStop() { throw .stopped }
      entries.append((String(member.name.dropLast(4)), try NPY.decode(member.bytes)))
    }
    return entries
  }
}
