import DataFrames
import XMLTables

/// One page of the objects of a bucket.
///
/// Source: docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html.
public struct S3Listing: Sendable {
    public struct Entry: Hashable, Sendable {
        public let key: String
        public let size: Int64
        public let entityTag: String?
        public let lastModified: String?
    }

    public private(set) var entries: [Entry] = []
    /// Asks for the next page; nil on the last one.
    public private(set) var next: String?

    /// Why bytes are no page of a list.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// - Complexity: O(bytes).
    public init(parsing bytes: [UInt8]) throws(Problem) {
        let page = try Self.rows(
            bytes, "/ListBucketResult", ["IsTruncated", "NextContinuationToken", "EncodingType"])
        guard page.count == 1 else { throw Problem(description: "it is no list of objects") }
        if page[0][0] == "true" {
            guard let token = page[0][1] else {
                throw Problem(description: "it goes on, but does not say where")
            }
            next = token
        }
        let isEncoded = page[0][2] == "url"
        let objects = try Self.rows(
            bytes, "/ListBucketResult/Contents", ["Key", "Size", "ETag", "LastModified"])
        for (number, object) in objects.enumerated() {
            let key = isEncoded ? object[0].flatMap(PercentEncoding.decode) : object[0]
            guard let key, !key.isEmpty else {
                throw Problem(description: "object \(number + 1) has no key")
            }
            guard let size = object[1].flatMap({ Int64($0) }), size >= 0 else {
                throw Problem(description: "object '\(S3Error.printable(key))' has no size")
            }
            // Some servers leave the quotes out, which a condition needs.
            let tag = object[2].map { $0.hasSuffix("\"") ? $0 : "\"\($0)\"" }
            let date = tag == nil ? object[3].flatMap { HTTPDate.text(iso: $0) } : nil
            entries.append(Entry(key: key, size: size, entityTag: tag, lastModified: date))
        }
    }

    /// Of each element the texts of some within; nil for one that is absent or empty.
    private static func rows(
        _ bytes: [UInt8], _ path: String, _ names: [String]
    ) throws(Problem) -> [[String?]] {
        do {
            let table = try bytes.withUnsafeBytes { bytes in
                try XMLTable([bytes], rows: .rows(path), columns: names.map { ($0, try .column($0)) })
            }
            return (0..<table.count).map { row in
                table.columns.map { column in
                    column.range(ofRow: row).first.map { column.values[$0] }.flatMap { $0.isEmpty ? nil : $0 }
                }
            }
        } catch let fault as XMLFault {
            throw Problem(description: "\(fault.error)")
        } catch {
            throw Problem(description: "\(error)")
        }
    }
}
