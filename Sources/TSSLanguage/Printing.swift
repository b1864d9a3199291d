extension Double {
  /// As the language prints numbers: shortest round-trip, without `.0`; minus zero prints `0`.
  public var printed: String {
    if self == 0 { return "0" }
    let text = description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
