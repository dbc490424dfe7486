/// How often, and after what waits, a request is sent again. The waits are the same every time.
public struct RetryRules: Sendable {
    /// Times that a request is sent, with the first.
    public var attempts = 5
    /// The same where nobody answers at all: a misspelt host is no reason to wait long.
    public var attemptsToConnect = 3
    /// Seconds before the second attempt; twice as long before each further one.
    public var firstWait = 1.0
    /// Seconds that a server may ask to wait, and that no wait of ours is longer than.
    public var longestWait = 60.0
    /// Bytes that an attempt must have brought for those before it to be forgotten.
    public var progress: Int64 = 1 << 20

    public init() {}
}

/// What has become of one request so far.
struct RetrySchedule {
    private let rules: RetryRules
    /// Why attempts failed, in order, since the last that got further.
    private(set) var reasons: [String] = []
    private var reached: Int64 = 0

    init(_ rules: RetryRules) { self.rules = rules }

    /// Why an attempt failed.
    struct Failure {
        var reason: String
        /// Whether nobody answered.
        var isUnanswered = false
        /// Seconds that the server asks to wait.
        var asked: Double?
        /// The next attempt asks for something else, so that there is nothing to wait for.
        var needsNoWait = false
    }

    /// - Parameter reached: Bytes that the next attempt need not bring again.
    /// - Returns: Seconds to wait.
    /// - Throws: `TransferError` when it is given up.
    mutating func wait(after failure: Failure, name: String, reached: Int64) throws(TransferError) -> Double {
        if reached >= self.reached + rules.progress {
            self.reached = reached
            reasons = []
        }
        reasons.append(failure.reason)
        guard reasons.count < (failure.isUnanswered ? rules.attemptsToConnect : rules.attempts) else {
            throw .failed(name: name, reasons: reasons)
        }
        if let asked = failure.asked, asked > rules.longestWait {
            throw .mustWait(name: name, reason: failure.reason, seconds: Int(min(asked.rounded(.up), 1e9)))
        }
        if failure.needsNoWait { return 0 }
        let own = (1..<reasons.count).reduce(rules.firstWait) { wait, _ in min(wait * 2, rules.longestWait) }
        return max(own, failure.asked ?? 0)
    }
}
