/// One file that a web server gives.
///
///     let outcome = try HTTPFile(address, fields: []).fetch(to: path, partial: folder, had: nil, settings)
public struct HTTPFile: Sendable {
    public var address: WebAddress
    public var fields: [HTTPField]

    public init(_ address: WebAddress, fields: [HTTPField] = []) {
        self.address = address
        self.fields = fields
    }

    public enum Outcome: Sendable, Hashable {
        /// The file lies where it was wanted.
        case fetched(ObjectState)
        /// The server still has what `had` says; nothing was written.
        case unchanged
    }

    /// Fetches it, gone on with where an earlier call broke off. Passing failures are tried again; redirects are followed,
    /// but never from https to http, and never with a secret field to another server.
    ///
    /// - Parameters:
    ///   - path: Where the file goes; nothing lies there.
    ///   - partial: A folder that outlives a failure, for this file alone.
    ///   - had: What an earlier fetch was told of the file that is had already.
    ///   - tell: Bytes so far, and of all where that is known; some times a second.
    /// - Throws: A `TransferFault`.
    public func fetch(
        to path: String, partial: String, had: ObjectState?, _ settings: TransferSettings,
        tell: (_ bytes: Int64, _ of: Int64?) -> Void = { _, _ in }
    ) throws -> Outcome {
        try FilePlacement.makeFolder(partial)
        let file = try PartialFile(partial + "/file", notePath: partial + "/note.json")
        // What is sent is the file: a server that packed it on the way would give other bytes from day to day.
        let request = HTTPRequest(
            .get, address, fields: fields + [HTTPField(own: "Accept-Encoding", "identity")])
        let name = address.shown
        let download = FileDownload(
            request, name: name, to: file, had: had, followsRedirects: true,
            refusal: { TransferError.refused(name: name, status: $0.head.status) },
            passing: { HTTPStatus.isPassing($0.head.status) ? HTTPStatus.told($0.head.status) : nil })
        var tasks: [any TransferTask] = [download]
        try TransferLoop(settings, width: 1).run(
            next: { tasks.popLast() }, tick: { tell(file.count, file.state?.size) })
        guard case .complete(let state) = download.outcome else {
            file.discard()
            return .unchanged
        }
        try file.finish()
        try FilePlacement.move(file.path, to: path)
        return .fetched(state)
    }
}
