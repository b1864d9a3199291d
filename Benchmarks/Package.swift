// swift-tools-version: 6.2
import PackageDescription

/// A package of its own, so that nobody who uses the laboratory builds its benchmarks.
let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "tss", path: "..")],
  targets: [
    .executableTarget(
      name: "bench",
      dependencies: [
        .product(name: "LearningDynamics", package: "tss"), .product(name: "TSS", package: "tss"),
      ])
  ]
)
