// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Embedding",
  dependencies: [.package(name: "tss", path: "../..")],
  targets: [
    .executableTarget(
      name: "Embedding",
      dependencies: [
        .product(name: "TSS", package: "tss"),
        .product(name: "LearningDynamics", package: "tss"),
      ])
  ]
)
