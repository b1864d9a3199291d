import Groundwork

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The variables of one call: slots that the resolver numbered. Nil means no value yet.
typealias Slots = UnsafeMutablePointer<Value?>

/// What a piece of program becomes: the variables of the running call and the running thread in,
/// a value out.
typealias Code = (Slots, Strand) throws(Unwinding) -> Value

/// Code in a container. As an element of an array or the payload of an optional, a bare closure
/// would be wrapped for generic callers, and each call would go through two more functions.
struct Piece {
  let run: Code
  init(_ run: @escaping Code) { self.run = run }
}

/// What leaves a piece of program early: an error, or a `return` on its way to its function.
///
/// A class, so that the error travels in one register; a `Diagnostic` is some 150 bytes that
/// every frame of the native stack would have to hold.
final class Unwinding: Error, @unchecked Sendable {
  /// Nil for a `return`, whose value waits in the strand.
  var diagnostic: Diagnostic?

  init(_ diagnostic: Diagnostic?) { self.diagnostic = diagnostic }

  static let returning = Unwinding(nil)

  /// More of the user's frames than this are not kept.
  static let framesKept = 5

  convenience init(_ code: String, _ message: String, at span: Span?, help: String? = nil) {
    self.init(.runtime(code, message, at: span, help: help))
  }
}

/// Runs a piece that reports what is wrong without knowing where, and says where.
@inline(__always)
func locating<Result>(
  _ span: Span, _ body: () throws(Diagnostic) -> Result
) throws(Unwinding) -> Result {
  do { return try body() } catch { throw Unwinding(error.located(at: span)) }
}

extension Diagnostic {
  /// The same, at a place unless it has one.
  func located(at span: Span?) -> Diagnostic {
    guard self.span == nil else { return self }
    var copy = self
    copy.span = span
    return copy
  }
}

/// The state of evaluation on one thread, reached through a pointer so that the hot paths touch no
/// reference counts.
typealias Strand = UnsafeMutablePointer<StrandState>

struct StrandState {
  /// The next free slot and the end of this thread's slots.
  var top: Slots
  var end: Slots
  /// Calls under way on this thread.
  var depth = 0
  var maximumDepth = Int.max
  /// Calls and rounds of loops until the next look at the interrupt and the limits.
  var fuel = 0
  /// The native stack must not go below this address.
  var stackLimit: UInt
  /// Values that a list may have.
  var maximumElements = Int.max
  /// What host functions are given.
  var context: Evaluation?
  /// On the threads of a job, what the variables of the top level hold for it.
  var view: UnsafeMutablePointer<CellContents>?
  /// The value of a `return` that is under way.
  var returned = Value.nothing
  /// The call of a host function that is under way, for the frames of what it calls back.
  var site: CallSite?
  /// For a call that is wanted whole, when it began to be stopped; infinite where it is not yet,
  /// nil where nothing is wanted whole.
  var finishing: Double?
  fileprivate var slots: Slots

  /// Slots of a thread: address space only, committed as it is touched.
  static let slotCount = 4 << 20
  /// Seconds that a call which is wanted whole may take after a request to stop.
  static let patience = 1.0
  /// Native stack that is left for host functions when a call is refused.
  static let reserve: UInt = 192 << 10
}

/// Where a call stands in the source.
final class CallSite: Sendable {
  let span: Span
  init(_ span: Span) { self.span = span }
}

extension Strand {
  /// The state of the current thread, made when it is first needed and freed when the thread ends.
  static var current: Strand {
    if let known = pthread_getspecific(strandKey) {
      return known.assumingMemoryBound(to: StrandState.self)
    }
    let strand = Strand.allocate(capacity: 1)
    let slots = Slots.allocate(capacity: StrandState.slotCount)
    strand.initialize(
      to: StrandState(
        top: slots, end: slots + StrandState.slotCount,
        stackLimit: lowestStackAddress() + StrandState.reserve, slots: slots))
    pthread_setspecific(strandKey, strand)
    return strand
  }

  /// Reserves slots for a call; they are not initialised. Nil when the thread has no more.
  @inline(__always)
  func push(_ count: Int) -> Slots? {
    guard let base = room(for: count) else { return nil }
    pointee.top = base + count
    return base
  }

  /// Where the slots of a call would be; nil when the thread has no more.
  @inline(__always)
  func room(for count: Int) -> Slots? {
    let base = pointee.top
    return base + count <= pointee.end ? base : nil
  }

  /// Frees slots of the topmost call.
  @inline(__always)
  func pop(_ base: Slots, _ count: Int) {
    // Not `deinitialize(count: count)`, which asks the type's metadata how. Nil owns nothing, so
    // the slots count as not initialised afterwards, as do those that hold a number.
    for index in 0..<count {
      if case .number? = base[index] { continue }
      base[index] = nil
    }
    pointee.top = base
  }

  /// What a variable of the top level holds for the program that runs on this thread.
  @inline(__always)
  func contents(
    _ own: UnsafeMutablePointer<CellContents>, _ number: Int
  ) -> UnsafeMutablePointer<CellContents> {
    guard let view = pointee.view, number >= 0 else { return own }
    return view + number
  }

  /// Whether a deeper call fits on the native stack.
  @inline(__always)
  var hasNativeStack: Bool {
    var mark: UInt8 = 0
    return withUnsafeMutablePointer(to: &mark) { UInt(bitPattern: $0) } > pointee.stackLimit
  }

  /// Counts a step: a call or a round of a loop.
  @inline(__always)
  func tick() throws(Unwinding) {
    pointee.fuel &-= 1
    if pointee.fuel < 0 { try refuel() }
  }

  /// Ends the program before its next statement, round or call where an interrupt was requested,
  /// however many steps are left: what has just been computed may be unfinished, and is still
  /// bound.
  func stopIfInterrupted(_ machine: Machine) {
    if machine.interrupt.isRequested { pointee.fuel = -1 }
  }

  /// Stands between two statements, which count as no steps.
  @inline(__always)
  func stopBetweenStatements() throws(Unwinding) {
    if pointee.fuel < 0 { try refuel() }
  }

  @inline(never)
  private func refuel() throws(Unwinding) {
    guard let context = pointee.context else { return }
    do {
      pointee.fuel = try context.machine.refuel(heeding: heedsInterrupt)
    } catch { throw Unwinding(error) }
  }

  /// Whether a request to stop ends what runs here; see ``Context/finish(_:_:)``.
  var heedsInterrupt: Bool {
    guard let began = pointee.finishing else { return true }
    let now = monotonicSeconds()
    if began == .infinity, pointee.context?.machine.interrupt.isRequested == true {
      pointee.finishing = now
    }
    return now - began > StrandState.patience
  }

  /// Bytes of native stack that are left.
  var remainingStack: UInt {
    var mark: UInt8 = 0
    let here = withUnsafeMutablePointer(to: &mark) { UInt(bitPattern: $0) }
    return here > pointee.stackLimit ? here - pointee.stackLimit : 0
  }
}

private let strandKey: pthread_key_t = {
  var key = pthread_key_t()
  #if canImport(Darwin)
    pthread_key_create(&key) { freeStrand($0) }
  #else
    pthread_key_create(&key) { if let pointer = $0 { freeStrand(pointer) } }
  #endif
  return key
}()

private func freeStrand(_ pointer: UnsafeMutableRawPointer) {
  let strand = pointer.assumingMemoryBound(to: StrandState.self)
  strand.pointee.slots.deallocate()
  strand.deinitialize(count: 1)
  strand.deallocate()
}

/// The lowest address that the current thread's stack may grow to. Of a thread that is not the
/// house's own little is known: it is taken to have half a megabyte from here.
private func lowestStackAddress() -> UInt {
  if let floor = Thread.currentStackFloor { return floor }
  var mark: UInt8 = 0
  return withUnsafeMutablePointer(to: &mark) { UInt(bitPattern: $0) } - (512 << 10)
}
