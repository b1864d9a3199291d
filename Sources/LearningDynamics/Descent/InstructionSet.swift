import CKernels

/// The vector instructions that the kernels may use. Results do not depend on them.
public enum InstructionSet: Int32, Hashable, Sendable, CaseIterable {
  /// Plain C: SSE2 on x86-64, Neon on arm64.
  case portable
  case avx2
  case avx512

  public var isSupported: Bool { tss_level_is_supported(rawValue) != 0 }

  /// What this machine has, in increasing order of width.
  public static var supported: [InstructionSet] { allCases.filter(\.isSupported) }

  /// The widest that this machine has.
  public static var best: InstructionSet { InstructionSet(rawValue: tss_best_level())! }
}
