import TSSPlots
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

private let hasGnuplot = (0..<1).contains { _ in
  String(cString: getenv("PATH") ?? strdup("")).split(separator: ":").contains {
    access("\($0)/gnuplot", X_OK) == 0
  }
}

@Suite struct GnuplotTests {
  private let figure: Figure = {
    let x = (1...100).map(Double.init)
    let left = Chart(
      series: [
        Series(x: x, y: x.map { 1 / $0 }, label: "ODE"),
        Series(x: x, y: x.map { 1.1 / $0 }, label: "SGD", style: .crosses, colour: 0),
      ], xLabel: "α", yLabel: "ε_{g}", logX: true, logY: true, marks: [Mark(x: 9, label: "phase")])
    let right = Chart(
      series: [Series(x: [4, 5, 6], y: [1, 2, 3], errors: [0.1, 5, 0.3], style: .linesAndPoints)])
    return Figure([left, right], size: .init(width: 17, height: 7), title: "σ = 0.01")
  }()

  // MARK: Scaffolding

  private func withFolder(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/tss-plots-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }
    let folder = String(cString: try #require(made))
    defer {
      for name in try! names(in: folder) { unlink("\(folder)/\(name)") }
      rmdir(folder)
    }
    try body(folder)
  }

  private func names(in folder: String) throws -> [String] {
    let directory = try #require(opendir(folder))
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  private func read(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var byte = fgetc(file)
    while byte != EOF {
      bytes.append(UInt8(byte))
      byte = fgetc(file)
    }
    return bytes
  }

  private func text(_ path: String) throws -> String {
    String(decoding: try read(path), as: UTF8.self)
  }

  /// A shell script that stands in for gnuplot.
  private func impostor(_ script: String, in folder: String) throws -> Gnuplot {
    let path = folder + "/impostor"
    let file = try #require(fopen(path, "w"))
    fputs("#!/bin/sh\n" + script + "\n", file)
    fclose(file)
    chmod(path, 0o755)
    return Gnuplot(program: path)
  }

  // MARK: With gnuplot

  @Test(.enabled(if: hasGnuplot)) func everyFormat() throws {
    try withFolder { folder in
      let starts = ["svg": "<?xml", "pdf": "%PDF", "png": "PNG"]
      for (suffix, start) in starts {
        let path = "\(folder)/figure.\(suffix.uppercased())"
        #expect(try figure.write(to: path) == [])
        let head = String(decoding: try read(path).prefix(8), as: UTF8.self)
        #expect(head.contains(start), "\(suffix)")
      }
      #expect(try names(in: folder) == ["figure.PDF", "figure.PNG", "figure.SVG"])
    }
  }

  @Test(.enabled(if: hasGnuplot)) func bandsAreFilled() throws {
    try withFolder { folder in
      // One that reaches below zero, on a logarithmic axis.
      let chart = Chart(
        series: [Series(x: [1, 2, 3], y: [1, 0.5, 0.1], band: [0, 0.1, 0.2])], logY: true)
      let path = "\(folder)/figure.svg"
      #expect(try Figure([chart]).write(to: path) == [])
      let text = String(decoding: try read(path), as: UTF8.self)
      #expect(text.contains("fill-opacity"), "\(text)")
    }
  }

  @Test(.enabled(if: hasGnuplot)) func theSameFigureGivesTheSameBytes() throws {
    try withFolder { folder in
      try figure.write(to: folder + "/a.svg")
      try figure.write(to: folder + "/b.svg")
      #expect(try read(folder + "/a.svg") == read(folder + "/b.svg"))
    }
  }

  @Test(.enabled(if: hasGnuplot)) func wordsAreNoCommands() throws {
    let nasty = "a_b^c{d}@e&f~g\\046 `touch /tmp/tss-pwned` it's \"q\" <x>\n$y %d #"
    let shown = "a_b^c{d}@e&amp;f~g\\046 `touch /tmp/tss-pwned` it's \"q\" &lt;x> $y %d #"
    unlink("/tmp/tss-pwned")
    try withFolder { folder in
      let path = folder + "/it's $(x) `y`.svg"
      for words in [nasty, nasty + "_{1}"] {
        let chart = Chart(
          series: [Series(x: [1, 2], y: [1, 2], label: words)], title: words, xLabel: words,
          yLabel: words, marks: [Mark(x: 1, label: words)])
        #expect(try Figure([chart], title: words).write(to: path) == [])
        let svg = try text(path)
        #expect(svg.split(separator: shown).count - 1 >= 6, "\(words)")
      }
    }
    #expect(access("/tmp/tss-pwned", F_OK) != 0)
  }

  @Test(.enabled(if: hasGnuplot)) func oddities() throws {
    let huge = Double.greatestFiniteMagnitude
    let lists: [[Double]] = [
      [], [3], [1, 1, 1], [huge, -huge], [.nan], [.leastNonzeroMagnitude, 1e300], [0, 1, 2],
    ]
    try withFolder { folder in
      for style in Series.Style.allCases {
        let charts = lists.map { list in
          Chart(
            series: [Series(x: list, y: list, errors: list, label: "a", style: style)],
            logX: style == .points, logY: style != .line)
        }
        try Figure(charts, columns: 3).write(to: folder + "/odd.svg")
        try Figure(charts, size: .init(width: 2, height: .nan)).write(to: folder + "/odd.png")
      }
      try Figure([]).write(to: folder + "/none.svg")
    }
  }

  @Test(.enabled(if: hasGnuplot)) func manyPointsMakeSmallFiles() throws {
    let x = (0..<100_000).map(Double.init)
    let chart = Chart(
      series: [Series(x: x, y: x.map { $0.truncatingRemainder(dividingBy: 977) }, label: "σ")])
    try withFolder { folder in
      try Figure([chart]).write(to: folder + "/many.svg")
      #expect(try read(folder + "/many.svg").count < 300_000)
    }
  }

  // MARK: Without

  @Test func suffixesAreKnown() {
    for path in ["figure.jpg", "figure", "figure.", ".svg", "a.svg/b"] {
      #expect(throws: PlotError.unknownSuffix(path: path, known: ["svg", "pdf", "png", "gp"])) {
        try figure.write(to: path)
      }
    }
    let error = PlotError.unknownSuffix(path: "a.jpg", known: Figure.suffixes)
    #expect(
      "\(error)" == "cannot tell the format of `a.jpg`: a figure's name ends in one of "
        + ".svg, .pdf, .png, .gp")
  }

  @Test func missingGnuplotLeavesTheScript() throws {
    try withFolder { (folder) throws in
      let path = folder + "/figure.svg"
      let script = folder + "/figure.gp"
      #expect(throws: PlotError.gnuplotMissing(path: path, script: script)) {
        try figure.write(to: path, with: Gnuplot(program: "no-such-gnuplot"))
      }
      #expect(try names(in: folder) == ["figure.gp"])
      let words = "\(PlotError.gnuplotMissing(path: path, script: script))"
      #expect(words.contains("apt install gnuplot-nox") && words.contains("`gnuplot \(script)`"))
      #expect(try text(script).contains("set output '\(path)'"))
      // A script that came from here is replaced, one that did not is not.
      #expect(throws: PlotError.gnuplotMissing(path: path, script: script)) {
        try figure.write(to: path, with: Gnuplot(program: "no-such-gnuplot"))
      }
      let own = try #require(fopen(script, "w"))
      fputs("plot sin(x)\n", own)
      fclose(own)
      #expect(throws: PlotError.gnuplotMissing(path: path, script: path + ".gp")) {
        try figure.write(to: path, with: Gnuplot(program: "no-such-gnuplot"))
      }
      #expect(try text(script) == "plot sin(x)\n")
    }
  }

  @Test func scriptsCarryTheirData() throws {
    try withFolder { folder in
      #expect(try figure.write(to: folder + "/figure.gp") == [])
      let script = try text(folder + "/figure.gp")
      #expect(script.contains("set terminal pdfcairo size 17cm,7cm"))
      #expect(script.contains("5.0 2.0 -3.0 7.0"))
      #expect(script.contains("title 'ODE' noenhanced"))
    }
  }

  @Test func failuresAreToldAndDestroyNothing() throws {
    try withFolder { folder in
      let path = folder + "/figure.svg"
      let old = try #require(fopen(path, "w"))
      fputs("old", old)
      fclose(old)
      let failures = [
        (
          "cat > /dev/null; echo 'line 3: undefined variable: x' >&2; exit 1",
          "line 3: undefined variable: x"
        ),
        ("cat > /dev/null; echo 'no data' >&2; exit 0", "no data"),
        ("exit 0", ""),
        ("echo no thanks; exit 2", "no thanks"),
        ("exec 0<&-; sleep 0.1; echo deaf >&2; exit 3", "deaf"),
        ("kill -9 $$", ""),
      ]
      for (script, message) in failures {
        let gnuplot = try impostor(script, in: folder)
        #expect(throws: PlotError.gnuplotFailed(path: path, message: message), "\(script)") {
          try figure.write(to: path, with: gnuplot)
        }
        #expect(try text(path) == "old")
        #expect(try names(in: folder) == ["figure.svg", "impostor"])
      }
    }
  }

  @Test func aTalkativeProgramDoesNotBlock() throws {
    let x = (0..<20_000).map(Double.init)
    let large = Figure(
      (0..<8).map { _ in Chart(series: [Series(x: x, y: x.map { 1 / $0 }, style: .linesAndPoints)])
      })
    try withFolder { folder in
      // It says a megabyte before it reads anything.
      let gnuplot = try impostor("head -c 1000000 /dev/zero; cat > /dev/null; exit 1", in: folder)
      #expect(throws: PlotError.self) { try large.write(to: folder + "/x.svg", with: gnuplot) }
      // It leaves while most is unsaid, which must not raise SIGPIPE here.
      let deserter = try impostor("exit 1", in: folder)
      #expect(throws: PlotError.self) { try large.write(to: folder + "/x.svg", with: deserter) }
    }
  }

  @Test func foldersMustExist() {
    let path = "/nowhere/at/all/figure.svg"
    #expect(throws: PlotError.cannotWrite(path: path, reason: "No such file or directory")) {
      try figure.write(to: path)
    }
  }

  @Test func noChildIsLeftBehind() throws {
    try withFolder { folder in
      let gnuplot = try impostor("exit 1", in: folder)
      _ = try? figure.write(to: folder + "/x.svg", with: gnuplot)
    }
    // Other tests may have a program running, but none that has ended and was not waited for.
    let own = getpid()
    let processes = try names(in: "/proc").filter { Int($0) != nil }
    for process in processes {
      guard let status = try? text("/proc/\(process)/stat") else { continue }
      let fields = status.split(separator: ")").last?.split(separator: " ") ?? []
      guard fields.count > 1, fields[1] == "\(own)" else { continue }
      #expect(fields[0] != "Z", "\(status)")
    }
  }
}
