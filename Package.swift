// swift-tools-version: 6.2
import PackageDescription

/// Warnings are errors in every Swift target of the house.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
  name: "tss",
  products: [
    .library(name: "LearningDynamics", targets: ["LearningDynamics"]),
    .library(name: "TSS", targets: ["TSS"]),
    .executable(name: "tss", targets: ["tss"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // What both the theory and the language stand on: matrices and threads.
    .target(name: "Groundwork", swiftSettings: strict),

    // The numerical core: knows no language.
    .target(name: "CKernels"),
    .target(
      name: "LearningDynamics", dependencies: ["CKernels", "Groundwork"], swiftSettings: strict),

    // The language: knows no physics and no terminal.
    .target(
      name: "TSSLanguage", dependencies: ["CKernels", "Groundwork"], swiftSettings: strict),
    .target(name: "TSSPlots", swiftSettings: strict),
    .target(name: "TSSData", swiftSettings: strict),

    // Where they meet.
    .target(
      name: "TSSStandardLibrary", path: "stdlib",
      resources: [
        .embedInCode("prelude.tss"), .embedInCode("activations.tss"),
        .embedInCode("schedules.tss"), .embedInCode("theory.tss"),
        .embedInCode("topics.md"), .embedInCode("keywords.md"),
      ],
      swiftSettings: strict),
    .target(
      name: "TSSLibrary",
      dependencies: ["Groundwork", "LearningDynamics", "TSSData", "TSSLanguage", "TSSPlots"],
      swiftSettings: strict),
    .target(
      name: "TSS",
      dependencies: ["TSSLanguage", "TSSLibrary", "TSSStandardLibrary", "LearningDynamics"],
      swiftSettings: strict),

    // The terminal: public calls of TSS only, which `packageAccess` sees to.
    .systemLibrary(name: "CLibedit", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
    .target(
      name: "CLineEditor", dependencies: ["CLibedit"], linkerSettings: [.linkedLibrary("edit")]),
    .target(
      name: "TSSPrompt", dependencies: ["CLineEditor", "TSS"], packageAccess: false,
      swiftSettings: strict),
    .executableTarget(
      name: "tss",
      dependencies: [
        "TSS", "TSSPrompt", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),

    // What docs/embedding.md shows; its folder is a package of its own as well.
    .executableTarget(
      name: "Embedding", dependencies: ["LearningDynamics", "TSS"],
      path: "Examples/Embedding/Sources/Embedding", swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["TSSLanguage"], path: "Tests/Support",
      swiftSettings: strict),
    .testTarget(name: "GroundworkTests", dependencies: ["Groundwork"], swiftSettings: strict),
    .testTarget(
      name: "LearningDynamicsTests", dependencies: ["CKernels", "Groundwork", "LearningDynamics"],
      swiftSettings: strict),
    .testTarget(
      name: "TSSLanguageTests", dependencies: ["Groundwork", "TSSLanguage", "TestSupport"],
      swiftSettings: strict),
    .testTarget(name: "TSSPlotsTests", dependencies: ["TSSPlots"], swiftSettings: strict),
    .testTarget(
      name: "TSSDataTests", dependencies: ["TSSData"], exclude: ["Fixtures"],
      swiftSettings: strict),
    .testTarget(
      name: "TSSLibraryTests",
      dependencies: ["LearningDynamics", "TSSLibrary", "TSSLanguage", "TSSStandardLibrary"],
      swiftSettings: strict),
    .testTarget(
      name: "TSSTests",
      dependencies: ["TSS", "TSSLanguage", "TSSLibrary", "LearningDynamics", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "DocumentationTests", dependencies: ["TSS", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "TSSPromptTests", dependencies: ["TSSPrompt", "TSS", "TestSupport"],
      swiftSettings: strict),
  ]
)
