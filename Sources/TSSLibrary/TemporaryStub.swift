import TSSLanguage
extension Table { var resume: (@Sendable (Context) throws(Diagnostic) -> Value)? { nil } }
enum Suggestions { static func best(for: String, among: [String]) -> [String] { [] } }
