/// Something that is brought here by one request, or by several where some fail. The loop sends what it asks for and gives
/// it what comes; redirects, waits and further attempts are the loop's.
protocol TransferTask: AnyObject {
    /// What messages call it.
    var name: String { get }
    /// Whether an answer that says to ask elsewhere is done as it says.
    var followsRedirects: Bool { get }
    /// Bytes that are here and need not come again.
    var reached: Int64 { get }

    /// What to ask for now.
    func nextRequest() throws -> HTTPRequest
    /// The head of an answer that is neither passing nor followed.
    func begin(_ head: HTTPHead) throws -> BodyUse
    /// - Returns: Whether more is wanted.
    func receive(_ bytes: UnsafeRawBufferPointer) throws -> Bool
    /// The answer is complete, or was not wanted further.
    func finish(_ answer: HTTPAnswer) throws -> TaskStep
    /// How far a body came that broke off: "after 5 of 10 bytes"; nil before its first byte.
    func progressTold() -> String?
    /// Why an answer may be another one a little later, such as "503 Service Unavailable"; nil where it stands.
    func passingReason(_ answer: HTTPAnswer) -> String?
}

extension TransferTask {
    func passingReason(_ answer: HTTPAnswer) -> String? {
        HTTPStatus.isPassing(answer.head.status) ? HTTPStatus.told(answer.head.status) : nil
    }
}

/// What becomes of a body.
enum BodyUse {
    /// The task receives it.
    case take
    /// Its beginning is kept for `finish`: it says what is wrong.
    case keep
    /// It need not come.
    case stop
}

enum TaskStep {
    case done
    /// Something else is to be asked for, because of this.
    case again(because: String)
    /// The same is to be asked for once more.
    case retry(because: String)
}

struct HTTPAnswer {
    var head: HTTPHead
    /// Where it was kept.
    var body: [UInt8]
}
