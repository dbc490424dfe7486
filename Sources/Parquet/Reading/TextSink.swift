import DataFrames
import Glibc

/// Texts, each held to UTF-8.
final class TextSink: ValueSink {
    private var offsets: [Int]
    private var bytes: [UInt8] = []
    private(set) var filled = 0
    private let leaf: Leaf
    private let place: String
    private let budget: Budget
    private let values: TextValues
    private let scratch = Scratch<UInt32>()
    private var dictionary: TextDictionary?

    init(_ leaf: Leaf, capacity: Int, place: String, budget: Budget) {
        self.leaf = leaf
        self.place = place
        self.budget = budget
        values = TextValues(leaf)
        offsets = [Int](repeating: 0, count: capacity + 1)
    }

    var storage: ColumnStorage {
        // A leaf of lists has fewer values than levels.
        if filled + 1 < offsets.count { offsets.removeLast(offsets.count - filled - 1) }
        return .utf8(StringStorage(uncheckedOffsets: Offsets(offsets), bytes: bytes))
    }

    private func tooFew() -> ParquetError {
        ParquetError(.damaged(place: place, what: "a page has fewer values than it says"))
    }

    func beginChunk() { dictionary = nil }

    func takeDictionary(_ page: Page) throws(ParquetError) -> Bool {
        dictionary = try TextDictionary(page, values, budget: budget, place: place)
        return dictionary != nil
    }

    func append(_ page: Page, count: Int) throws(ParquetError) -> ValueFailure? {
        defer { filled += count }
        guard count < offsets.count - filled else { throw tooFew() }
        guard page.usesDictionary else { return try appendPlain(page, count) }
        guard let dictionary,
            let indices = indices(page, count: count, dictionary: dictionary.count, scratch)
        else { throw tooFew() }
        if let failure = dictionary.failure(indices, count) { return failure }
        var end = bytes.count
        let first = filled + 1
        // The bytes are counted before room is made for them.
        offsets.withUnsafeMutableBufferPointer { offsets in
            dictionary.ends.withUnsafeBufferPointer { ends in
                for row in 0..<count {
                    let entry = Int(indices[row])
                    end &+= ends[entry &+ 1] &- ends[entry]
                    offsets[first &+ row] = end
                }
            }
        }
        try budget.take(end - bytes.count, for: place)
        extend(by: end - bytes.count)
        copy(indices, count, from: dictionary)
        return nil
    }

    /// Puts texts of the dictionary where the offsets say.
    private func copy(_ indices: UnsafePointer<UInt32>, _ count: Int, from dictionary: TextDictionary) {
        let first = filled
        bytes.withUnsafeMutableBytes { target in
            guard let to = target.baseAddress else { return }
            offsets.withUnsafeBufferPointer { offsets in
                dictionary.ends.withUnsafeBufferPointer { ends in
                    dictionary.bytes.withUnsafeBytes { source in
                        guard let from = source.baseAddress else { return }
                        for row in 0..<count {
                            let start = offsets[first &+ row]
                            let length = offsets[first &+ row &+ 1] &- start
                            memcpy(to + start, from + ends[Int(indices[row])], length)
                        }
                    }
                }
            }
        }
    }

    private func appendPlain(_ page: Page, _ count: Int) throws(ParquetError) -> ValueFailure? {
        guard try values.decode(page.encoding, page.body, count: count, limit: budget.limit) else {
            throw tooFew()
        }
        let total = values.total
        try budget.take(total, for: place)
        let start = bytes.count
        extend(by: total)
        let first = filled + 1
        let values = values
        bytes.withUnsafeMutableBytes { target in
            offsets.withUnsafeMutableBufferPointer { offsets in
                var end = start
                for row in 0..<count {
                    let length = values.length(row)
                    if length > 0 { memcpy(target.baseAddress! + end, values.start(row), length) }
                    end &+= length
                    offsets[first &+ row] = end
                }
            }
        }
        return TextCheck.failure(bytes, offsets, from: filled, count: count)
    }

    private func extend(by count: Int) {
        bytes.append(contentsOf: repeatElement(0, count: count))
    }

    func spread(_ count: Int, rows: Int, isThere: UnsafePointer<UInt8>) {
        let start = filled - count
        filled += rows - count
        offsets.withUnsafeMutableBufferPointer { offsets in
            let ends = offsets.baseAddress! + start + 1
            var left = count
            var row = rows
            let before = ends[-1]
            while row > left {
                row -= 1
                // A null row ends where the last text before it does.
                ends[row] = left == 0 ? before : ends[left - 1]
                if isThere[row >> 3] >> UInt8(row & 7) & 1 == 1 { left -= 1 }
            }
        }
    }
}

/// Values of a text leaf, whatever its width.
final class TextValues {
    private let leaf: Leaf
    private let variable: VariableValues
    private let fixed: FixedValues?
    private var source: UnsafeRawPointer?
    /// UUIDs become their text.
    private let written = Scratch<UInt8>()
    private(set) var total = 0

    init(_ leaf: Leaf) {
        self.leaf = leaf
        variable = VariableValues(leaf)
        fixed = leaf.type.width.map { _ in FixedValues(leaf) }
    }

    private var width: Int { leaf.type == .uuid ? 36 : leaf.type.width ?? 0 }

    /// See `VariableValues.decode`.
    func decode(
        _ encoding: Int, _ body: UnsafeRawBufferPointer, count: Int, limit: Int
    ) throws(ParquetError) -> Bool {
        guard let fixed else {
            let isWhole = try variable.decode(encoding, body, count: count, limit: limit)
            total = variable.total
            return isWhole
        }
        source = try fixed.decode(encoding, body, count: count)
        guard let found = source else { return false }
        total = count * width
        if leaf.type == .uuid { source = UnsafeRawPointer(Self.uuids(found, count, written)) }
        return true
    }

    func start(_ row: Int) -> UnsafeRawPointer { source.map { $0 + row * width } ?? variable.start(row) }
    func length(_ row: Int) -> Int { fixed == nil ? variable.length(row) : width }

    /// Groups of 8, 4, 4, 4 and 12 hexadecimal digits (RFC 9562).
    private static func uuids(
        _ source: UnsafeRawPointer, _ count: Int, _ scratch: Scratch<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        let digits = Array("0123456789abcdef".utf8)
        let target = scratch.room(max(count * 36, 1))
        var place = 0
        for byte in 0..<(count * 16) {
            if [4, 6, 8, 10].contains(byte % 16) {
                target[place] = UInt8(ascii: "-")
                place += 1
            }
            let value = source.load(fromByteOffset: byte, as: UInt8.self)
            target[place] = digits[Int(value >> 4)]
            target[place + 1] = digits[Int(value & 15)]
            place += 2
        }
        return target
    }
}
