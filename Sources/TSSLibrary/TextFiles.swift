import TSSLanguage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Text files as strings. Data files are for `load` and `save`.
extension StandardVocabulary {
  static func installTextFiles(in v: inout Vocabulary) {
    v.define(
      "readtext", [.required("path", "a file, from the current folder on")], result: "string",
      about: "The contents of a text file in UTF-8; `lines(readtext(path))` are its lines.",
      examples: [
        ("readtext(\"nowhere.txt\")", "error: \"nowhere.txt\" cannot be read")
      ],
      seeAlso: ["lines", "split", "number", "load"]
    ) { call throws(Diagnostic) in
      let path = try call.string("path")
      guard call.context.files != .none else {
        throw call.error("this session may not read files", code: "files", at: "path")
      }
      let isAbsolute = path.hasPrefix("/")
      let file = open(isAbsolute ? path : call.context.directory + "/" + path, O_RDONLY)
      guard file >= 0 else {
        let reason = String(cString: strerror(errno))
        throw call.error("\(path.quoted) cannot be read: \(reason)", code: "files", at: "path")
      }
      defer { close(file) }
      var bytes: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        try call.context.poll()
        let count = read(file, &chunk, chunk.count)
        guard count >= 0 else {
          let reason = String(cString: strerror(errno))
          throw call.error("\(path.quoted) cannot be read: \(reason)", code: "files", at: "path")
        }
        if count == 0 { break }
        bytes += chunk[..<count]
        try call.checkSize(Double(bytes.count), at: "path")
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw call.error("\(path.quoted) is no text in UTF-8", code: "files", at: "path")
      }
      return .string(text)
    }
  }
}
