import Synchronization
import TSS

// Stand-ins for the physics vocabulary, so that the example of EMBEDDING.md can run as it stands.
// Remove this file and the calls of `defineStandIns` when the vocabulary is installed.

final class Run: NativeObject, @unchecked Sendable {
  let eg: [Double]
  init(eg: [Double]) { self.eg = eg }
  override var typeName: String { "run" }
  override var fieldNames: [String] { ["eg"] }
  override func field(_ name: String) -> Value? { name == "eg" ? eg.scriptValue : nil }
}

extension Engine {
  /// `student`, `teacher`, `ode`, `plot` with the arguments that the tests name.
  mutating func defineStandIns() {
    define("teacher", doc: "A network that labels.", parameters: ["M"]) { (M: Int) in
      ["M": M]
    }
    define("student", doc: "A network that learns.", parameters: ["K", "g"]) {
      (K: Int, g: Value?) in
      ["K": K]
    }
    define(
      "ode", doc: "The order-parameter equations.", parameters: ["S", "T", "η", "time"]
    ) { (S: Value, T: Value, eta: Double, time: Double?) in
      Run(eg: (0...10).map { 1 / (1 + eta * Double($0)) })
    }
    define("plot", doc: "Draws runs.", parameters: ["run", "log"]) { (run: Value, log: String?) in
      Nothing()
    }
  }
}
