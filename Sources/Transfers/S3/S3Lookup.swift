/// Finds out which objects a bucket holds, and in which state.
struct S3Lookup {
    let bucket: S3Bucket
    let loop: TransferLoop

    /// All that a process could hold the list of.
    static let mostObjects = 10_000_000
    private static let longestPage = 1 << 24

    /// Sorted by the bytes of keys; each object once.
    ///
    /// - Parameter tell: How many there are so far; after every page.
    func objects(_ selection: S3Selection, tell: (_ objects: Int) -> Void) throws -> [S3Object] {
        var found: [[UInt8]: S3Object] = [:]
        func take(_ key: String, size: Int64, _ tag: String?, _ date: String?) throws {
            guard !loop.settings.isEcho(tag), !loop.settings.isEcho(key) else {
                throw TransferError.echo(name: bucket.shown(nil))
            }
            guard let path = try ObjectPath.path(of: key, below: selection.base, size: size) else { return }
            found[Array(key.utf8)] = S3Object(
                key: key, path: path, size: size, entityTag: tag, lastModified: date)
            if found.count > Self.mostObjects {
                throw S3Error.tooMany(bucket: bucket.name, limit: Self.mostObjects)
            }
        }
        for prefix in selection.listed {
            try list(prefix) { entry in
                // What is not wanted need not be a good path.
                guard selection.accepts(entry.key) else { return }
                try take(entry.key, size: entry.size, entry.entityTag, entry.lastModified)
            } page: {
                tell(found.count)
            }
        }
        for (key, state) in try states(of: selection.single) {
            try take(
                key, size: state.size ?? 0, state.entityTag, state.entityTag == nil ? state.lastModified : nil
            )
        }
        guard !found.isEmpty else {
            throw S3Error.nothing(
                bucket: bucket.name, prefix: selection.prefix, isFiltered: !selection.isWhole)
        }
        let objects = found.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
        try ObjectPath.checkFolders(objects)
        return objects
    }

    private func list(
        _ prefix: String, _ body: (S3Listing.Entry) throws -> Void, page ended: () -> Void
    ) throws {
        var token: String?
        var tokens: Set<String> = []
        repeat {
            var query = [(name: "list-type", value: "2"), ("encoding-type", "url")]
            if !prefix.isEmpty { query.append(("prefix", prefix)) }
            if let token { query.append(("continuation-token", token)) }
            let task = answer(try bucket.request(query: query), key: nil)
            try run([task])
            let page: S3Listing
            do throws(S3Listing.Problem) {
                page = try S3Listing(parsing: task.answer?.body ?? [])
            } catch {
                throw S3Error.badListing(bucket: bucket.name, reason: error.description)
            }
            for entry in page.entries where entry.key.utf8.starts(with: prefix.utf8) { try body(entry) }
            ended()
            token = page.next
            if let token, !tokens.insert(token).inserted {
                throw S3Error.badListing(bucket: bucket.name, reason: "it goes on where it has been already")
            }
        } while token != nil
    }

    private func states(of keys: [String]) throws -> [(key: String, state: ObjectState)] {
        let tasks = try keys.map { try answer(bucket.request(.head, key: $0), key: $0) }
        do {
            try run(tasks)
        } catch let error as S3Error {
            // An answer to HEAD has no body, which is where the reason stands.
            guard case .refused(let refusal) = error, let key = refusal.key else { throw error }
            let first = answer(
                try bucket.request(key: key, fields: [HTTPField(own: "Range", "bytes=0-0")]), key: key)
            do {
                try run([first])
            } catch let told as S3Error {
                throw told
            } catch {}
            throw error
        }
        return zip(keys, tasks).map { ($0, ObjectState($1.answer?.head ?? HTTPHead(status: 200))) }
    }

    private func run(_ tasks: [AnswerTask]) throws {
        var rest = tasks[...]
        try loop.run(next: { rest.popFirst() })
    }

    private func answer(_ request: HTTPRequest, key: String?) -> AnswerTask {
        let bucket = bucket
        return AnswerTask(
            request, name: bucket.shown(key), limit: Self.longestPage,
            refusal: { S3Error.refused(S3Refusal($0, bucket, key: key)) },
            passing: { S3Refusal($0, bucket, key: key).passingReason })
    }
}
