extension LearningCurve {
  /// The recorded instant of the smallest ε_g, the first of them: where one would have to stop a
  /// student that begins to learn the noise of a finite training set. Nil where nothing was
  /// recorded.
  public var bestSample: Run.Sample? { curve.min { $0.error < $1.error } }
}
