import Foundation
import Groundwork

/// The reference data under Tests/Reference, copies of what independent programs computed.
enum Reference {
  struct JSON {
    let object: [String: Any]
    func string(_ key: String) -> String { object[key] as! String }
    func number(_ key: String) -> Double { (object[key] as! NSNumber).doubleValue }
    func list(_ key: String) -> [Double] {
      (object[key] as! [NSNumber]).map { $0.doubleValue }
    }
    func matrix(_ key: String) -> Matrix {
      let rows = (object[key] as! [[NSNumber]]).map { $0.map { $0.doubleValue } }
      return Matrix(rows: rows.count, columns: rows[0].count, elements: rows.flatMap { $0 })
    }
    func objects(_ key: String) -> [JSON] {
      (object[key] as! [[String: Any]]).map { JSON(object: $0) }
    }
  }

  /// The cases of one file.
  static func cases(_ file: String) throws -> [JSON] {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Reference/\(file)")
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
    return JSON(object: object as! [String: Any]).objects("cases")
  }
}
