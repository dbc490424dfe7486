/// Bytes that are no message, or not a whole one.
struct MalformedMessage: Error {}

/// Puts the fields of a message one behind the other: numbers little-endian in
/// eight bytes, texts and lists behind their count.
struct MessageWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ value: Int64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    mutating func put(_ value: Int) { put(Int64(value)) }
    mutating func put(_ value: Double) { put(Int64(bitPattern: value.bitPattern)) }
    mutating func put(_ value: Bool) { put(value ? 1 : 0) }
    mutating func put(_ value: [UInt8]) {
        put(value.count)
        bytes += value
    }
    mutating func put(_ value: String) {
        put(value.utf8.count)
        bytes += value.utf8
    }
    mutating func put(_ values: [String]) {
        put(values.count)
        for value in values { put(value) }
    }
    mutating func put(_ value: Double?) {
        put(value != nil)
        if let value { put(value) }
    }
    mutating func put(_ value: Int64?) {
        put(value != nil)
        if let value { put(value) }
    }
    mutating func put(_ value: String?) {
        put(value != nil)
        if let value { put(value) }
    }
}

/// Takes the fields out again; never traps, whatever the bytes.
struct MessageReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    private mutating func take(_ count: Int) throws(MalformedMessage) -> ArraySlice<UInt8> {
        guard count >= 0, count <= rest.count else { throw MalformedMessage() }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func int64() throws(MalformedMessage) -> Int64 {
        var value: UInt64 = 0
        for byte in try take(8).reversed() { value = value << 8 | UInt64(byte) }
        return Int64(bitPattern: value)
    }
    mutating func int() throws(MalformedMessage) -> Int { Int(try int64()) }
    mutating func int32() throws(MalformedMessage) -> Int32 { Int32(truncatingIfNeeded: try int64()) }
    mutating func double() throws(MalformedMessage) -> Double {
        Double(bitPattern: UInt64(bitPattern: try int64()))
    }
    mutating func bool() throws(MalformedMessage) -> Bool { try int64() != 0 }
    mutating func bytes() throws(MalformedMessage) -> [UInt8] { Array(try take(try int())) }
    mutating func string() throws(MalformedMessage) -> String { String(decoding: try bytes(), as: UTF8.self) }
    mutating func strings() throws(MalformedMessage) -> [String] {
        let count = try int()
        // Every text takes at least its count, which bounds the list.
        guard count >= 0, count <= rest.count / 8 else { throw MalformedMessage() }
        var values: [String] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try string()) }
        return values
    }
    mutating func optional<T>(
        _ read: (inout MessageReader) throws(MalformedMessage) -> T
    ) throws(MalformedMessage) -> T? {
        try bool() ? try read(&self) : nil
    }
}
