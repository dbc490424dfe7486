/// An answer that is kept in memory.
final class AnswerTask: TransferTask {
    let name: String
    let followsRedirects = false
    private let request: HTTPRequest
    private let limit: Int
    private let refusal: (HTTPAnswer) -> any TransferFault
    private let passing: (HTTPAnswer) -> String?
    private var body: [UInt8] = []
    private(set) var answer: HTTPAnswer?

    /// - Parameters:
    ///   - limit: Bytes that the body may have.
    ///   - refusal: What an answer other than 200 and 206 means.
    init(
        _ request: HTTPRequest, name: String, limit: Int,
        refusal: @escaping (HTTPAnswer) -> any TransferFault, passing: @escaping (HTTPAnswer) -> String?
    ) {
        self.request = request
        self.name = name
        self.limit = limit
        self.refusal = refusal
        self.passing = passing
    }

    var reached: Int64 { 0 }
    func passingReason(_ answer: HTTPAnswer) -> String? { passing(answer) }
    func progressTold() -> String? { body.isEmpty ? nil : "after \(body.count) bytes" }

    func nextRequest() -> HTTPRequest {
        body = []
        return request
    }

    func begin(_ head: HTTPHead) -> BodyUse { Self.isGood(head) ? .take : .keep }

    func receive(_ bytes: UnsafeRawBufferPointer) throws -> Bool {
        guard body.count + bytes.count <= limit else {
            throw TransferError.tooLarge(name: name, what: "the answer", limit: limit)
        }
        body += bytes
        return true
    }

    func finish(_ answer: HTTPAnswer) throws -> TaskStep {
        guard Self.isGood(answer.head) else { throw refusal(answer) }
        self.answer = HTTPAnswer(head: answer.head, body: body)
        return .done
    }

    private static func isGood(_ head: HTTPHead) -> Bool { head.status == 200 || head.status == 206 }
}
