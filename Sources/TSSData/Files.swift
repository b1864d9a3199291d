#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// All bytes of a file.
///
/// - Parameter shouldStop: asked between pieces; ``DataError/stopped`` is thrown then.
/// - Throws: ``DataError/cannotRead(path:reason:)`` with the operating system's reason.
public func readFile(
  _ path: String, shouldStop: () -> Bool = { false }
) throws(DataError) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .cannotRead(path: path, reason: reason(errno)) }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    throw .cannotRead(path: path, reason: reason(errno))
  }
  // A pipe has no size, and a file may grow while it is read.
  var bytes: [UInt8] = []
  bytes.reserveCapacity(Int(status.st_size) + 1)
  var chunk = [UInt8](repeating: 0, count: 1 << 18)
  while true {
    if shouldStop() { throw .stopped }
    let count = read(descriptor, &chunk, chunk.count)
    if count == 0 { return bytes }
    if count > 0 {
      bytes += chunk[..<count]
    } else if errno != EINTR {
      throw .cannotRead(path: path, reason: reason(errno))
    }
  }
}

/// Writes a file that appears only when it is complete: until then, and after any failure, an older
/// one stays as it was.
///
/// A link is followed, and what is no ordinary file (`/dev/stdout`, a named pipe) is written to
/// directly.
///
/// - Parameter isDurable: whether the bytes are on the disk before the older file is replaced, so
///   that one of the two survives a loss of power.
/// - Parameter shouldStop: asked between pieces; ``DataError/stopped`` is thrown then, and the older
///   file stays.
/// - Throws: ``DataError/cannotWrite(path:reason:)`` with the operating system's reason.
public func writeFileAtomically(
  _ path: String, _ bytes: [UInt8], isDurable: Bool = false, shouldStop: () -> Bool = { false }
) throws(DataError) {
  var status = stat()
  let exists = stat(path, &status) == 0
  if exists && status.st_mode & S_IFMT == S_IFDIR {
    throw .cannotWrite(path: path, reason: reason(EISDIR))
  }
  if exists && status.st_mode & S_IFMT != S_IFREG {
    if let number = write(bytes, to: path, flags: O_WRONLY, shouldStop: shouldStop) {
      if number == ECANCELED { throw .stopped }
      throw .cannotWrite(path: path, reason: reason(number))
    }
    return
  }
  let target = resolved(path)
  let temporary = temporaryName(beside: target)
  let flags = O_WRONLY | O_CREAT | O_EXCL
  if let number = write(
    bytes, to: temporary, flags: flags, isDurable: isDurable, shouldStop: shouldStop)
  {
    if number == ECANCELED { throw .stopped }
    throw .cannotWrite(path: path, reason: reason(number))
  }
  if exists { chmod(temporary, status.st_mode & 0o7777) }
  guard rename(temporary, target) == 0 else {
    let number = errno
    unlink(temporary)
    throw .cannotWrite(path: path, reason: reason(number))
  }
}

/// Writes all bytes; the error number if that fails, after what was made is removed again:
/// ECANCELED where `shouldStop` said so.
private func write(
  _ bytes: [UInt8], to path: String, flags: Int32, isDurable: Bool = false, shouldStop: () -> Bool
) -> Int32? {
  let descriptor = open(path, flags | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else { return errno }
  var failure: Int32?
  var written = 0
  while written < bytes.count {
    if shouldStop() {
      failure = ECANCELED
      break
    }
    let end = min(written + 4 << 20, bytes.count)
    let count = bytes[written..<end].withUnsafeBytes {
      write(descriptor, $0.baseAddress, $0.count)
    }
    if count >= 0 {
      written += count
    } else if errno != EINTR {
      failure = errno
      break
    }
  }
  if isDurable, failure == nil, fsync(descriptor) != 0 { failure = errno }
  // A full disk may be noticed only now.
  if close(descriptor) != 0, failure == nil { failure = errno }
  if failure != nil, flags & O_CREAT != 0 { unlink(path) }
  return failure
}

private func resolved(_ path: String) -> String {
  guard let real = realpath(path, nil) else { return path }
  defer { free(real) }
  return String(cString: real)
}

private func temporaryName(beside path: String) -> String {
  let last = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
  let number = String(UInt64.random(in: 0...UInt64.max), radix: 36)
  return String(path.dropLast(last.count)) + ".\(last.prefix(60)).\(number)"
}

private func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
