import CCurl

/// A task on its way through requests, answers, redirects and waits.
final class Exchange {
    let task: any TransferTask
    private let settings: TransferSettings
    private var schedule: RetrySchedule
    /// Where the last answer said to ask in place of the task's own address.
    private var elsewhere: WebAddress?
    private var hops = 0

    private var asked: HTTPRequest?
    private var head: HTTPHead?
    private var isHeadComplete = false
    private var headBytes = 0
    private var use = BodyUse.keep
    private var kept: [UInt8] = []
    /// What went wrong on this side while bytes came.
    private var failure: (any Error)?
    /// The transfer was ended from here, and not because of a failure.
    private var isStopped = false

    private static let longestHead = 1 << 18
    private static let keptBytes = 1 << 16
    private static let mostHops = 10
    /// CURLE_GOT_NOTHING.
    private static let gotNothing: CInt = 52

    init(_ task: any TransferTask, _ settings: TransferSettings) {
        self.task = task
        self.settings = settings
        schedule = RetrySchedule(settings.retries)
    }

    /// Puts the next request into a handle.
    func prepare(_ handle: CurlHandle) throws {
        var request = try task.nextRequest()
        if let elsewhere {
            if !elsewhere.mayKnow(secretsOf: request.address) { request.fields.removeAll(where: \.isSecret) }
            request.address = elsewhere
        }
        asked = request
        head = nil
        isHeadComplete = false
        headBytes = 0
        use = .keep
        kept = []
        failure = nil
        isStopped = false
        handle.prepare(
            request, settings, head: takeHeadLine, body: takeBody,
            context: Unmanaged.passUnretained(self).toOpaque())
    }

    /// - Returns: Whether the transfer goes on.
    fileprivate func take(headLine bytes: UnsafeRawBufferPointer) -> Bool {
        headBytes += bytes.count
        guard headBytes <= Self.longestHead else {
            return fail(TransferError.tooLarge(name: task.name, what: "its head", limit: Self.longestHead))
        }
        let line = String(decoding: bytes, as: UTF8.self)
        // Heads of 100 Continue and the like come before the one that counts, trailers after it.
        if let new = HTTPHead(statusLine: line) {
            head = new
            isHeadComplete = false
        } else if !line.trimmed.isEmpty {
            if !isHeadComplete { head?.add(line: line) }
        } else if let head, !isHeadComplete, head.status >= 200 {
            isHeadComplete = true
            return begin(head)
        }
        return true
    }

    private func begin(_ head: HTTPHead) -> Bool {
        if HTTPStatus.isPassing(head.status) || task.followsRedirects && HTTPStatus.leadsOn(head.status) {
            return true
        }
        guard !settings.isEcho(head.entityTag), !settings.isEcho(head.lastModified) else {
            return fail(TransferError.echo(name: task.name))
        }
        do {
            use = try task.begin(head)
        } catch {
            return fail(error)
        }
        isStopped = use == .stop
        return !isStopped
    }

    fileprivate func take(body bytes: UnsafeRawBufferPointer) -> Bool {
        switch use {
        case .stop: return false
        case .keep:
            kept += bytes.prefix(Self.keptBytes - kept.count)
            return true
        case .take:
            do {
                isStopped = !(try task.receive(bytes))
            } catch {
                return fail(error)
            }
            return !isStopped
        }
    }

    private func fail(_ error: any Error) -> Bool {
        failure = error
        return false
    }

    /// The transfer in the handle has ended.
    ///
    /// - Returns: Seconds until the next attempt; nil when the task is done.
    func settle(_ code: CInt, _ handle: CurlHandle) throws -> Double? {
        if let failure { throw failure }
        // Of a head that breaks off libcurl thinks that it was all.
        guard code == 0 || isStopped, let head, isHeadComplete else {
            return try settle(
                handle.failure(code == 0 ? Self.gotNothing : code, progress: task.progressTold(), settings))
        }
        let answer = HTTPAnswer(head: head, body: kept)
        if let reason = task.passingReason(answer) {
            startOver()
            return try wait(.init(reason: reason, asked: handle.retryAfter))
        }
        if task.followsRedirects, HTTPStatus.leadsOn(head.status) {
            elsewhere = try redirected(to: handle.redirection)
            return 0
        }
        switch try task.finish(answer) {
        case .done: return nil
        case .again(let reason): return try wait(.init(reason: reason, needsNoWait: true))
        case .retry(let reason):
            startOver()
            return try wait(.init(reason: reason))
        }
    }

    private func settle(_ failure: CurlFailure) throws -> Double {
        switch failure.kind {
        case .certificate:
            throw TransferError.certificate(name: asked?.address.shown ?? task.name, reason: failure.reason)
        case .lasting: throw TransferError.failed(name: task.name, reasons: [failure.reason])
        case .unanswered, .dropped:
            startOver()
            return try wait(.init(reason: failure.reason, isUnanswered: failure.kind == .unanswered))
        }
    }

    /// What was led to may have been a bad place, or good for a moment only.
    private func startOver() {
        elsewhere = nil
        hops = 0
    }

    private func wait(_ failure: RetrySchedule.Failure) throws(TransferError) -> Double {
        try schedule.wait(after: failure, name: task.name, reached: task.reached)
    }

    private func redirected(to place: String?) throws(TransferError) -> WebAddress {
        guard let place else { throw .redirect(name: task.name, to: "", problem: .nowhere) }
        hops += 1
        func problem(_ problem: TransferError.RedirectProblem) -> TransferError {
            .redirect(name: task.name, to: WebAddress.shown(place), problem: problem)
        }
        guard hops <= Self.mostHops else { throw problem(.tooMany) }
        guard let target = try? WebAddress(place) else { throw problem(.notWeb) }
        guard target.scheme == "https" || asked?.address.scheme == "http" else { throw problem(.unencrypted) }
        return target
    }
}

private let takeHeadLine: SluiceCurlSink = { bytes, _, count, context in
    guard let context else { return 0 }
    let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    return exchange.take(headLine: UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
}

private let takeBody: SluiceCurlSink = { bytes, _, count, context in
    guard let context else { return 0 }
    let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    return exchange.take(body: UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
}
