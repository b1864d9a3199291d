#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import Synchronization

/// Threads for independent pieces of work: the members of an ensemble, the cells of a sweep.
///
/// Plain POSIX threads rather than tasks, because a piece may run code of the language, which
/// needs a deep stack, and because a piece is seconds of arithmetic that would starve a
/// cooperative pool.
public enum Workers {
  /// Stack of every worker, in bytes: address space only, committed as it is touched.
  public static let stackSize = 512 << 20

  /// The number of processors this process may use.
  public static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Calls `body(0) … body(count - 1)`, at most `threads` at a time, and returns when all are done.
  ///
  /// Pieces are handed out in order. With one thread they run one after the other on a worker.
  public static func run(
    count: Int, threads: Int = processorCount, _ body: @escaping @Sendable (Int) -> Void
  ) {
    let next = Atomic<Int>(0)
    let task = UInt(bitPattern: task)
    let crew = (0..<max(1, min(threads, count))).map { _ in
      Thread {
        Workers.task = UnsafeRawPointer(bitPattern: task)
        while true {
          let index = next.add(1, ordering: .relaxed).oldValue
          if index >= count { return }
          body(index)
        }
      }
    }
    for thread in crew { thread.join() }
  }

  /// What the current thread works for: set by whoever runs a program on it, and handed on to the
  /// workers that the program starts, which end before it does. Nothing is retained.
  public static var task: UnsafeRawPointer? {
    get { UnsafeRawPointer(pthread_getspecific(taskKey)) }
    set { pthread_setspecific(taskKey, newValue) }
  }

  /// The results of `body` for `0 ..< count`, in order.
  public static func map<Result: Sendable>(
    count: Int, threads: Int = processorCount, _ body: @escaping @Sendable (Int) -> Result
  ) -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: count))
    run(count: count, threads: threads) { index in
      let result = body(index)
      results.withLock { $0[index] = result }
    }
    return results.withLock { $0.map { $0! } }
  }
}

/// A POSIX thread with a deep stack.
public final class Thread: @unchecked Sendable {
  private final class Work {
    let body: @Sendable () -> Void
    var stackSize = 0
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private var handle = pthread_t()

  /// Starts at once; falls back to smaller stacks where the system refuses a deep one.
  public init(stackSize: Int = Workers.stackSize, _ body: @escaping @Sendable () -> Void) {
    let work = Work(body)
    // The new thread takes this reference over.
    let reference = Unmanaged.passRetained(work)
    var size = stackSize
    while true {
      var attributes = pthread_attr_t()
      pthread_attr_init(&attributes)
      defer { pthread_attr_destroy(&attributes) }
      pthread_attr_setstacksize(&attributes, size)
      work.stackSize = size
      let failure = pthread_create(
        &handle, &attributes,
        { pointer in
          let work = Unmanaged<Work>.fromOpaque(pointer!).takeRetainedValue()
          var mark: UInt8 = 0
          let top = withUnsafeMutablePointer(to: &mark) { UInt(bitPattern: $0) }
          pthread_setspecific(
            stackFloorKey, UnsafeMutableRawPointer(bitPattern: top - UInt(work.stackSize)))
          work.body()
          return nil
        }, reference.toOpaque())
      if failure == 0 { return }
      precondition(size > 1 << 20, "the system refuses to start a thread")
      size /= 2
    }
  }

  /// Waits for the thread to end; once only.
  public func join() { pthread_join(handle, nil) }

  /// Lets the thread end unobserved, instead of `join`.
  public func detach() { pthread_detach(handle) }

  /// About the lowest address that the stack of the current thread may grow to (a page or two
  /// more than there are); nil on threads that this class did not start.
  public static var currentStackFloor: UInt? {
    pthread_getspecific(stackFloorKey).map { UInt(bitPattern: $0) }
  }
}

private let taskKey: pthread_key_t = {
  var key = pthread_key_t()
  pthread_key_create(&key, nil)
  return key
}()

private let stackFloorKey: pthread_key_t = {
  var key = pthread_key_t()
  pthread_key_create(&key, nil)
  return key
}()
