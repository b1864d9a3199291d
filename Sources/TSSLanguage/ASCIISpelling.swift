extension String {
  /// Greek letters of names spelled out, for terminals that cannot show them: `η_w` is `eta_w`.
  package var spelledInASCII: String {
    if utf8.allSatisfy({ $0 < 128 }) { return self }
    return self == "∞" ? "inf" : Greek.spelledName(self)
  }
}
