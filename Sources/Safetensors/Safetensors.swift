import CanonicalJSON
import Platform

/// A safetensors file: named tensors and a map of texts.
///
/// Eight bytes of header length (little-endian), a JSON header, the data.
/// What is written is a function of the content: header keys sorted, header
/// filled with spaces to a multiple of 8, data by falling element size and
/// then by name, so every tensor is aligned. What is read may come in any
/// order, but must cover the data exactly.
///
/// Source: https://github.com/huggingface/safetensors, README, "Format".
public struct Safetensors: Sendable, Equatable {
    /// The format's own limit of a header.
    public static let headerLimit = 100_000_000
    private static let metadataKey = "__metadata__"

    /// By name, in the order of UTF-8 bytes.
    public let tensors: [StoredTensor]
    public let metadata: [String: String]

    /// - Throws: `SafetensorsError.duplicateName`, `.reservedName`.
    public init(_ tensors: [StoredTensor], metadata: [String: String] = [:]) throws(SafetensorsError) {
        let sorted = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        for (left, right) in zip(sorted, sorted.dropFirst()) where left.name == right.name {
            throw .duplicateName(left.name)
        }
        if sorted.contains(where: { $0.name == Self.metadataKey }) { throw .reservedName }
        self.tensors = sorted
        self.metadata = metadata
    }

    /// The tensor of that name. O(n).
    public subscript(_ name: String) -> StoredTensor? { tensors.first { $0.name == name } }

    // MARK: Writing

    public var bytes: [UInt8] {
        let order = tensors.indices.sorted { (-tensors[$0].type.size, $0) < (-tensors[$1].type.size, $1) }
        var members: [String: JSONValue] = [:]
        var end = 0
        for index in order {
            let tensor = tensors[index]
            let begin = end
            end += tensor.bytes.count
            members[tensor.name] = [
                "dtype": .string(tensor.type.rawValue),
                "shape": .array(tensor.shape.map { .integer(Int64($0)) }),
                "data_offsets": [.integer(Int64(begin)), .integer(Int64(end))],
            ]
        }
        if !metadata.isEmpty { members[Self.metadataKey] = .object(metadata.mapValues { .string($0) }) }
        var header = JSONValue.object(members).canonicalBytes
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        var out: [UInt8] = []
        out.reserveCapacity(8 + header.count + end)
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { out += $0 }
        out += header
        for index in order { out += tensors[index].bytes }
        return out
    }

    /// Replaces the file whole or not at all.
    public func write(to path: String) throws(SafetensorsError) {
        do { try Files.replace(path, with: bytes) } catch { throw .system(error) }
    }

    // MARK: Reading

    public init(path: String) throws(SafetensorsError) {
        let bytes: [UInt8]
        do { bytes = try Files.read(path) } catch { throw .system(error) }
        try self.init(parsing: bytes)
    }

    /// Reads and checks a whole file; never traps, whatever the bytes.
    public init(parsing bytes: [UInt8]) throws(SafetensorsError) {
        guard bytes.count >= 8 else { throw .tooShort(bytes: bytes.count) }
        let length = bytes[..<8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(Self.headerLimit) else { throw .headerTooLong(length) }
        guard length <= UInt64(bytes.count - 8) else {
            throw .headerLength(length, available: bytes.count - 8)
        }
        let data = bytes[(8 + Int(length))...]
        let header: JSONValue
        do { header = try JSONValue(parsing: bytes[8..<8 + Int(length)]) } catch {
            throw .headerSyntax(error)
        }
        guard var members = header.object else { throw .headerIsNoObject }
        var texts: [String: String] = [:]
        if let value = members.removeValue(forKey: Self.metadataKey) {
            guard let object = value.object else { throw .metadata }
            for (key, value) in object {
                guard let text = value.string else { throw .metadata }
                texts[key] = text
            }
        }
        var entries: [Entry] = []
        let byName = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (name, value) in byName { entries.append(try Entry(name, value)) }
        // An empty tensor stands before the one that begins at the same byte.
        var due = 0
        for entry in entries.sorted(by: { ($0.begin, $0.end, $0.name) < ($1.begin, $1.end, $1.name) }) {
            guard entry.begin == due else {
                throw .gap(tensor: entry.name, begin: entry.begin, expected: due)
            }
            due = entry.end
        }
        guard due == data.count else { throw .dataLength(data.count, described: due) }
        var tensors: [StoredTensor] = []
        for entry in entries {
            let part = data[data.startIndex + entry.begin..<data.startIndex + entry.end]
            if entry.type == .bool, let bad = part.firstIndex(where: { $0 > 1 }) {
                throw .truth(part[bad], tensor: entry.name, index: bad - part.startIndex)
            }
            tensors.append(
                StoredTensor(name: entry.name, type: entry.type, shape: entry.shape, bytes: Array(part)))
        }
        self.tensors = tensors
        metadata = texts
    }
}

/// One tensor of the header, checked by itself.
private struct Entry {
    let name: String
    let type: ElementType
    let shape: [Int]
    let begin: Int
    let end: Int

    init(_ name: String, _ value: JSONValue) throws(SafetensorsError) {
        guard let object = value.object, object.count == 3, let type = object["dtype"]?.string,
            let shape = object["shape"]?.array, let offsets = object["data_offsets"]?.array
        else { throw .entry(tensor: name) }
        guard let type = ElementType(rawValue: type) else { throw .type(type, tensor: name) }
        var size = type.size
        var dimensions: [Int] = []
        for value in shape {
            guard case .integer(let dimension) = value, dimension >= 0 else { throw .shape(tensor: name) }
            let (product, overflows) = size.multipliedReportingOverflow(by: Int(dimension))
            guard !overflows else { throw .shape(tensor: name) }
            size = product
            dimensions.append(Int(dimension))
        }
        guard offsets.count == 2, case .integer(let begin) = offsets[0], case .integer(let end) = offsets[1],
            begin >= 0, end >= begin
        else { throw .offsets(tensor: name) }
        guard Int(end - begin) == size else {
            throw .size(tensor: name, bytes: Int(end - begin), expected: size)
        }
        self.name = name
        self.type = type
        self.shape = dimensions
        self.begin = Int(begin)
        self.end = Int(end)
    }
}
