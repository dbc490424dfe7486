/// A file on its way here: gone on with where an earlier attempt broke off, left where it is the one that is had already,
/// and begun anew where it has changed in between.
final class FileDownload: TransferTask {
    enum Outcome {
        case complete(ObjectState)
        /// The server still has what is had already.
        case unchanged
        /// It is not, or no longer, what is expected.
        case changed
    }

    let name: String
    let followsRedirects: Bool
    private(set) var outcome: Outcome?
    private let request: HTTPRequest
    private let file: PartialFile
    /// What is had already and need not come again.
    private let had: ObjectState?
    /// What it must be.
    private let expected: ObjectState?
    private let refusal: (HTTPAnswer) -> any TransferFault
    private let passing: (HTTPAnswer) -> String?

    /// Where the request that is under way begins.
    private var start: Int64 = 0
    /// The answer under way is of another whole than what is here.
    private var isStale = false

    /// - Parameters:
    ///   - expected: Holds against what the server sends; a mismatch is an outcome and no error.
    ///   - refusal: What an answer means that is none of those expected here.
    ///   - passing: As in `TransferTask.passingReason`.
    init(
        _ request: HTTPRequest, name: String, to file: PartialFile, had: ObjectState? = nil,
        expected: ObjectState? = nil, followsRedirects: Bool,
        refusal: @escaping (HTTPAnswer) -> any TransferFault, passing: @escaping (HTTPAnswer) -> String?
    ) {
        self.request = request
        self.name = name
        self.file = file
        self.had = had
        self.expected = expected
        self.followsRedirects = followsRedirects
        self.refusal = refusal
        self.passing = passing
    }

    var reached: Int64 { file.count }
    func passingReason(_ answer: HTTPAnswer) -> String? { passing(answer) }

    func progressTold() -> String? {
        guard file.count > 0 else { return nil }
        return "after \(file.count) \(file.state?.size.map { "of \($0) " } ?? "")bytes"
    }

    func nextRequest() -> HTTPRequest {
        var request = request
        if let tag = had?.entityTag {
            request.fields.append(HTTPField(own: "If-None-Match", tag))
        } else if let date = had?.lastModified {
            request.fields.append(HTTPField(own: "If-Modified-Since", date))
        }
        if let tag = expected?.strongTag {
            request.fields.append(HTTPField(own: "If-Match", tag))
        } else if let date = expected?.lastModified {
            request.fields.append(HTTPField(own: "If-Unmodified-Since", date))
        }
        start = 0
        isStale = false
        if let state = file.state, let condition = state.rangeCondition, file.count > 0,
            expected.map(state.agrees) ?? true
        {
            // One byte is asked for again, so that a file of which all is here is no range past its end.
            start = state.size == file.count ? file.count - 1 : file.count
            request.fields.append(HTTPField(own: "Range", "bytes=\(start)-"))
            request.fields.append(HTTPField(own: "If-Range", condition))
        }
        return request
    }

    func begin(_ head: HTTPHead) throws -> BodyUse {
        guard head.status == 200 || head.status == 206 else { return .keep }
        let state = ObjectState(head)
        if let expected, !expected.agrees(with: state) {
            outcome = .changed
            return .stop
        }
        // Some servers answer with a part and call it 200.
        if head.status == 206 || start > 0 && head.contentRange != nil {
            guard let range = head.contentRange, range.first == start,
                file.state?.agrees(with: state) ?? false
            else {
                isStale = true
                return .stop
            }
            try file.resume(at: start)
            return .take
        }
        if let had, had.strongTag != nil, had.strongTag == state.strongTag, had.agrees(with: state) {
            outcome = .unchanged
            return .stop
        }
        try file.begin(state)
        return .take
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws -> Bool {
        // More than the whole is a lie that a disk could be filled with.
        if let size = file.state?.size, file.count + Int64(bytes.count) > size {
            isStale = true
            return false
        }
        try file.write(bytes)
        return true
    }

    func finish(_ answer: HTTPAnswer) throws -> TaskStep {
        if isStale {
            try file.begin(ObjectState())
            return .again(because: "it changed while it was fetched")
        }
        if outcome != nil { return .done }
        switch answer.head.status {
        case 200, 206:
            if let size = file.state?.size, file.count < size {
                return .retry(because: "the answer ended after \(file.count) of \(size) bytes")
            }
            let isExpected = expected?.size.map { $0 == file.count } ?? true
            outcome = isExpected ? .complete(file.state ?? ObjectState()) : .changed
        case 304 where had != nil: outcome = .unchanged
        case 412 where expected != nil, 404 where expected != nil: outcome = .changed
        case 416 where start > 0:
            try file.begin(ObjectState())
            return .again(because: "it changed while it was fetched")
        default: throw refusal(answer)
        }
        return .done
    }
}
