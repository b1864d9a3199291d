#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The sole right to a file, among the threads of this process and among processes, for as long as
/// the object lives: a hidden file `.NAME.lock` beside it is locked, and removed at the end. After
/// a crash the system has released it.
public final class FileLock: Sendable {
  private let descriptor: Int32
  private let lockPath: String

  /// nil where someone else holds it.
  ///
  /// - Throws: ``DataError/cannotWrite(path:reason:)`` where the folder cannot be written to.
  public init?(for path: String) throws(DataError) {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    lockPath = String(path.dropLast(name.count)) + ".\(name).lock"
    while true {
      let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        throw .cannotWrite(path: path, reason: String(cString: strerror(errno)))
      }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        close(descriptor)
        return nil
      }
      // Whoever held it before may have removed this very file meanwhile.
      var mine = stat()
      var there = stat()
      if fstat(descriptor, &mine) == 0, stat(lockPath, &there) == 0, mine.st_ino == there.st_ino {
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
  }

  deinit {
    unlink(lockPath)
    close(descriptor)
  }
}

/// Whether there is a file or a folder of this name.
public func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Makes a folder unless it is there.
///
/// - Throws: ``DataError/cannotWrite(path:reason:)``, also where a file has the name.
public func makeFolder(_ path: String) throws(DataError) {
  if mkdir(path, 0o777) == 0 { return }
  let number = errno
  var status = stat()
  if number == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
  throw .cannotWrite(path: path, reason: String(cString: strerror(number)))
}
