#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import TSSLanguage

/// What a folder holds.
enum Folder {
  struct Entry {
    var name: String
    var isFolder: Bool
  }

  /// Without `.` and `..`; empty where the folder cannot be read.
  static func entries(_ path: String) -> [Entry] {
    fileNames(in: path).map { name in
      var status = stat()
      let isFolder = stat("\(path)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      return Entry(name: name, isFolder: isFolder)
    }
  }
}
