import TSSData
import TSSLanguage
import TSSPlots

extension PlotObject {
  /// The figure as a picture for terminals that show them, drawn by gnuplot; nil where the terminal
  /// or gnuplot cannot.
  func picture(in context: Context) throws(Diagnostic) -> String? {
    guard let ability = context.terminal.pictures?.ability else { return nil }
    let interrupt = context.interrupt
    let png: [UInt8]
    do {
      png = try figure.png { interrupt.isRequested }
    } catch {
      if case .stopped = error { try context.poll() }
      return nil
    }
    // A letter of the figure as high as one of the terminal.
    let columns = min(context.terminal.width - 1, Int(figure.paper.width / 2.54 * 72 / 4.5))
    switch ability.format {
    case .kitty: return KittyPicture.text(png: png, columns: columns)
    case .sixel:
      guard let image = try? PNGImage.decode(png) else { return nil }
      let raster = Raster(width: image.width, height: image.height, rgb: image.rgb)
      return SixelPicture.text(raster.scaled(toWidth: columns * ability.cellWidth))
    }
  }
}
