import CPlatform
import Glibc

/// Runs shares of one task on threads of their own.
public enum ForkJoin {
    private final class Share {
        let index: Int
        let body: (Int) -> Void

        init(_ index: Int, _ body: @escaping (Int) -> Void) {
            self.index = index
            self.body = body
        }
    }

    /// Calls `body(0)` ... `body(count - 1)`, the first on the calling thread,
    /// and returns when all are done. Where no thread can be had the caller
    /// does the share. Costs some 20 microseconds a share.
    public static func run(_ count: Int, _ body: (Int) -> Void) {
        guard count > 1 else { return count == 1 ? body(0) : () }
        withoutActuallyEscaping(body) { body in
            var threads: [pthread_t] = []
            for index in 1..<count {
                var thread = pthread_t()
                let share = Unmanaged.passRetained(Share(index, body))
                let code = pthread_create(
                    &thread, nil,
                    { raw in
                        guard let raw else { return nil }
                        let share = Unmanaged<Share>.fromOpaque(raw).takeRetainedValue()
                        share.body(share.index)
                        return nil
                    }, share.toOpaque())
                if code == 0 {
                    threads.append(thread)
                } else {
                    share.release()
                    body(index)
                }
            }
            body(0)
            for thread in threads { pthread_join(thread, nil) }
        }
    }
}
