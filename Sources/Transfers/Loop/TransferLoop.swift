import CCurl
import Platform

/// Tasks brought to their ends, some at a time, over connections that are kept between them. One thread does all of it.
final class TransferLoop {
    private let library: CurlLibrary
    private let multi: CurlLibrary.Handle
    let settings: TransferSettings
    private let width: Int
    private var idle: [CurlHandle] = []
    private var active: [CurlLibrary.Handle: (handle: CurlHandle, exchange: Exchange)] = [:]
    private var waiting: [(due: Double, exchange: Exchange)] = []

    /// - Parameter width: Tasks at a time.
    init(_ settings: TransferSettings, width: Int) throws(TransferError) {
        library = try .get()
        guard let multi = library.makeMulti() else { throw .file("out of memory") }
        self.multi = multi
        self.settings = settings
        self.width = max(1, width)
        // CURLMOPT_MAXCONNECTS: of connections that are kept.
        _ = sluice_curl_set_number(library.setMultiOption.pointer, multi, 6, self.width)
    }

    deinit {
        dropAll()
        idle = []
        _ = library.freeMulti(multi)
    }

    /// Runs tasks until there is none left.
    ///
    /// - Parameters:
    ///   - next: The next task; nil when there is none any more. One that waits for its next attempt holds its place,
    ///     so that a server which is asked too much is not asked for more.
    ///   - done: A task has ended well.
    ///   - tick: Called now and then, at most some times a second.
    /// - Throws: The first failure; what is under way then is dropped.
    func run(
        next: () throws -> (any TransferTask)?, done: (any TransferTask) throws -> Void = { _ in },
        tick: () -> Void = {}
    ) throws {
        defer { dropAll() }
        var isExhausted = false
        var lastTick = monotonicSeconds()
        while true {
            let now = monotonicSeconds()
            let due = waiting.filter { $0.due <= now }
            waiting.removeAll { $0.due <= now }
            for entry in due { try start(entry.exchange) }
            while !isExhausted, active.count + waiting.count < width {
                guard let task = try next() else {
                    isExhausted = true
                    break
                }
                try start(Exchange(task, settings))
            }
            if active.isEmpty, waiting.isEmpty { return }
            var running: CInt = 0
            try check(library.perform(multi, &running))
            let ended = try settleEnded(done)
            if now - lastTick > 0.2 {
                lastTick = now
                tick()
            }
            // Room that came free is filled before anything is waited for.
            if ended == 0 { try pause() }
        }
    }

    /// Until something comes, or a wait is over.
    private func pause() throws {
        let soon = (waiting.map(\.due).min() ?? .infinity) - monotonicSeconds()
        let milliseconds = CInt(max(0, min(soon * 1000, 250)).rounded(.up))
        try check(library.poll(multi, nil, 0, milliseconds, nil))
    }

    private func start(_ exchange: Exchange) throws {
        let handle = try idle.popLast() ?? CurlHandle(library)
        try exchange.prepare(handle)
        active[handle.pointer] = (handle, exchange)
        try check(library.add(multi, handle.pointer))
    }

    /// - Returns: How many transfers had ended.
    private func settleEnded(_ done: (any TransferTask) throws -> Void) throws -> Int {
        var (left, count): (CInt, Int) = (0, 0)
        while let message = library.nextMessage(multi, &left) {
            let told = message.load(as: SluiceCurlMessage.self)
            // CURLMSG_DONE is the only kind there is.
            guard told.kind == 1, let pointer = told.handle, let (handle, exchange) = active[pointer] else {
                continue
            }
            let code = told.data.result
            count += 1
            _ = library.remove(multi, pointer)
            active[pointer] = nil
            defer { idle.append(handle) }
            if let wait = try exchange.settle(code, handle) {
                waiting.append((monotonicSeconds() + wait, exchange))
            } else {
                try done(exchange.task)
            }
        }
        return count
    }

    private func dropAll() {
        for (handle, _) in active.values {
            _ = library.remove(multi, handle.pointer)
            idle.append(handle)
        }
        active = [:]
        waiting = []
    }

    private func check(_ code: CInt) throws(TransferError) {
        if code != 0 { throw .file("libcurl cannot go on (CURLMcode \(code))") }
    }
}
