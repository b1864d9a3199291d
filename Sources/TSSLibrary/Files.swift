import TSSData
import TSSLanguage

/// `save` and `load`: values to files and back, the format told by the suffix.
enum Files {
  static let dataSuffixes = ["csv", "npz", "json"]

  static func install(in vocabulary: inout Vocabulary) {
    vocabulary.define(
      "save",
      [
        Parameter("value", .required, "a plot, a run, a table, numbers, a record"),
        Parameter("file", .required, "a name that ends in .csv .npz .json or .svg .pdf .png"),
      ],
      Documentation(
        "Writes a value. CSV holds columns: a run by α, a table one row a cell. NPZ holds NumPy "
          + "arrays. JSON holds any value but functions and plots, and comes back as it was; a run "
          + "comes back as a record of its fields. An older file is replaced only when the new one "
          + "is complete.",
        examples: [
          (
            "save((α=[0, 1], eg=[0.5, 0.25]), \"/tmp/example.csv\")\n"
              + "load(\"/tmp/example.csv\").eg", "[0.5, 0.25]"
          )
        ],
        seeAlso: ["files", "load", "plot", "figure"])
    ) { (call) throws(Diagnostic) in
      let path = try call.string("file")
      let value = call["value"] ?? .nothing
      let name = resolved(path, in: call.context)
      guard call.context.files == .all else {
        throw call.error(
          "writing files is not allowed here: \"\(path)\"", code: "files", at: "file")
      }
      if case .object(let object) = value, let plot = object as? PlotObject {
        try plot.write(to: path, in: call.context, at: call.span(of: "file"))
        return .nothing
      }
      let bytes = try encoded(value, suffix(path), call)
      do throws(DataError) {
        try writeFileAtomically(name, bytes, shouldStop: { call.isStopped })
      } catch {
        try call.context.poll()
        throw call.error(words(error, path), code: "file", at: "file")
      }
      return .nothing
    }
    vocabulary.define(
      "load",
      [
        Parameter(
          "file", .required,
          "a name that ends in .csv .npz .npy or .json, or an IDX file; any may be gzipped (.gz)")
      ],
      Documentation(
        "Reads what `save`, NumPy or another program wrote. CSV gives a record of columns, NPZ a "
          + "record of arrays, NPY one array, JSON the value. IDX, the format of MNIST, is known by "
          + "its first bytes: labels are a list, images a matrix with one image a row.",
        examples: [
          (
            "save([1, 2; 3, 4], \"/tmp/example.json\"); load(\"/tmp/example.json\")",
            "[1, 2; 3, 4]"
          )
        ],
        seeAlso: ["files", "save", "readtext"])
    ) { (call) throws(Diagnostic) in
      let path = try call.string("file")
      guard call.context.files != .none else {
        throw call.error(
          "reading files is not allowed here: \"\(path)\"", code: "files", at: "file")
      }
      do {
        let bytes = try readFile(
          resolved(path, in: call.context), shouldStop: { call.isStopped })
        return try decoded(bytes, path, call)
      } catch let error as Diagnostic {
        throw error
      } catch let error as DataError {
        try call.context.poll()
        var help: String?
        if case .cannotRead = error { help = neighbour(of: path, in: call.context) }
        throw call.error(words(error, path), code: "file", at: "file", help: help)
      } catch {
        throw call.error("\(error)", code: "file", at: "file")
      }
    }
  }

  /// The error with the path as the user wrote it.
  private static func words(_ error: DataError, _ path: String) -> String {
    switch error {
    case .cannotRead(_, let reason): "\(DataError.cannotRead(path: path, reason: reason))"
    case .cannotWrite(_, let reason): "\(DataError.cannotWrite(path: path, reason: reason))"
    default: "\(error)"
    }
  }

  /// The file that was probably meant: the nearest name in the same folder.
  private static func neighbour(of path: String, in context: Context) -> String? {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { String(path[...$0]) } ?? ""
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    let resolvedFolder = resolved(folder.isEmpty ? "." : folder, in: context)
    return Suggestions.best(for: name, among: fileNames(in: resolvedFolder), limit: 1).first
      .map { "did you mean \"\(folder)\($0)\"?" }
  }

  /// A path as the operating system takes it: relative ones start from the session's folder.
  static func resolved(_ path: String, in context: Context) -> String {
    path.hasPrefix("/") || context.directory == "." ? path : "\(context.directory)/\(path)"
  }

  private static func suffix(_ path: String) -> String {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: ".") else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  private static func encoded(
    _ value: Value, _ suffix: String, _ call: Call
  ) throws(Diagnostic) -> [UInt8] {
    let refusal = { (what: String, help: String) in
      call.error(
        "\(value.kindName) cannot be saved as \(what)", code: "type", at: "value", help: help)
    }
    switch suffix {
    case "csv":
      guard let columns = Tabulation.columns(of: value) else {
        throw refusal("CSV, which holds columns of equal length", "save(…, \"f.json\")")
      }
      do {
        let cells = try columns.map { column in
          try column.cells.enumerated().map { index, value in
            if index & 4095 == 4095 { try call.context.poll() }
            return cell(value)
          }
        }
        return try CSVTable(names: columns.map(\.name), columns: cells)
          .encoded { try call.context.poll() }
      } catch { throw diagnostic(error, call) }
    case "npz":
      guard let arrays = Tabulation.arrays(of: value) else {
        throw refusal("NPZ, which holds arrays of numbers", "save(…, \"f.json\")")
      }
      try call.context.poll()
      do { return try NPZ.encode(arrays, shouldStop: { call.isStopped }) } catch {
        try call.context.poll()
        throw call.error("\(error)", code: "file", at: "value")
      }
    case "json":
      let json = try JSONValues.json(of: value, call)
      do { return try json.encoded { try call.context.poll() } } catch {
        throw diagnostic(error, call)
      }
    case "svg", "pdf", "png":
      throw call.error(
        "only a plot can be saved as .\(suffix), not \(value.kindName)", code: "type",
        at: "value", help: "save(plot(…), \"f.\(suffix)\")")
    default:
      let known = (dataSuffixes + ["svg", "pdf", "png"]).map { ".\($0)" }
      let help = Suggestions.best(for: suffix, among: known.map { String($0.dropFirst()) }).first
      throw call.error(
        "cannot tell the format: the name ends in none of \(known.joined(separator: ", "))",
        code: "choice", at: "file", help: help.map { "did you mean .\($0)?" })
    }
  }

  private static func cell(_ value: Value) -> CSVCell {
    switch value {
    case .number(let number): .number(number)
    case .nothing: .empty
    case .bool(let bool): .text(bool ? "true" : "false")
    case .string(let text), .word(let text): .text(text)
    default: .text(value.printed())
    }
  }

  private static func decoded(
    _ bytes: [UInt8], _ path: String, _ call: Call
  ) throws -> Value {
    if suffix(path) == "gz" {
      return try decoded(
        Gzip.decode(bytes, shouldStop: { call.isStopped }), String(path.dropLast(3)), call)
    }
    switch suffix(path) {
    case "csv", "tsv", "txt", "dat":
      let table = try CSVTable(decoding: bytes)
      return .record(
        Record(
          zip(table.names, table.columns).map { name, cells in
            (
              Greek.canonicalName(name),
              .list(
                cells.map { cell in
                  switch cell {
                  case .number(let number): .number(number)
                  case .text(let text): .string(text)
                  case .empty: .nothing
                  }
                })
            )
          }))
    case "npz":
      return .record(
        Record(
          try NPZ.decode(bytes, shouldStop: { call.isStopped }).map {
            (Greek.canonicalName($0.name), Tabulation.value(of: $0.value))
          }))
    case "npy": return Tabulation.value(of: try NPY.decode(bytes))
    case "json": return try JSONValues.value(of: JSON(decoding: bytes), call)
    default:
      // MNIST's files have no suffix, or one of their own.
      if Gzip.recognises(bytes) {
        return try decoded(Gzip.decode(bytes, shouldStop: { call.isStopped }), path, call)
      }
      if IDX.recognises(bytes) { return Tabulation.value(of: try IDX.decode(bytes)) }
      throw call.error(
        "cannot tell the format: `load` reads .csv, .npz, .npy and .json, and IDX", code: "choice",
        at: "file")
    }
  }
}
