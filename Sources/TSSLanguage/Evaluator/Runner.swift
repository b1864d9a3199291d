#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import Groundwork

/// A thread with a deep stack that runs what it is given, one piece after the other.
///
/// Programs run on it whichever thread asks, so that nested calls have room. It is started when it
/// is first needed, and kept: starting one for each input of a prompt would do as well, but calls
/// of single functions from Swift would cost 50 µs each.
final class Runner: Sendable {
  private let mailbox = Mailbox()

  /// What the thread and its clients share. It outlives the runner until the thread has ended.
  private final class Mailbox: @unchecked Sendable {
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    var isStarted = false
    var isEnding = false
    var work: (() -> Void)?
    var isDone = false
    var thread: pthread_t?

    init() {
      pthread_mutex_init(mutex, nil)
      pthread_cond_init(changed, nil)
    }

    deinit {
      pthread_mutex_destroy(mutex)
      pthread_cond_destroy(changed)
      mutex.deallocate()
      changed.deallocate()
    }

    /// The life of the thread.
    func serve() {
      pthread_mutex_lock(mutex)
      thread = pthread_self()
      while true {
        while work == nil, !isEnding { pthread_cond_wait(changed, mutex) }
        guard let piece = work else { break }
        pthread_mutex_unlock(mutex)
        piece()
        pthread_mutex_lock(mutex)
        work = nil
        isDone = true
        pthread_cond_broadcast(changed)
      }
      pthread_mutex_unlock(mutex)
    }

    func perform(_ piece: @escaping () -> Void) {
      pthread_mutex_lock(mutex)
      defer { pthread_mutex_unlock(mutex) }
      if !isStarted {
        isStarted = true
        Thread { self.serve() }.detach()
      }
      work = piece
      isDone = false
      pthread_cond_broadcast(changed)
      while !isDone { pthread_cond_wait(changed, mutex) }
    }

    func end() {
      pthread_mutex_lock(mutex)
      isEnding = true
      pthread_cond_broadcast(changed)
      pthread_mutex_unlock(mutex)
    }

    var isCurrent: Bool { thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
  }

  deinit { mailbox.end() }

  /// Runs a piece on the thread and waits for it. From the thread itself, as when a host function
  /// asks for another program, it runs at once.
  func perform<Result>(
    _ body: () throws(Diagnostic) -> Result
  ) throws(Diagnostic) -> Result {
    if mailbox.isCurrent { return try body() }
    var result: Swift.Result<Result, Diagnostic>?
    withoutActuallyEscaping({ () -> Void in
      do throws(Diagnostic) { result = .success(try body()) } catch { result = .failure(error) }
    }) { mailbox.perform($0) }
    return try result!.get()
  }
}
