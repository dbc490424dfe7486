import DataFrames

/// Gathers the values of a leaf page by page, those that are there only; then
/// `spread` makes room for the rows that are null.
protocol ValueSink: AnyObject {
    /// Rows, or values, so far.
    var filled: Int { get }
    /// Dictionaries belong to a chunk.
    func beginChunk()
    /// - Returns: False where the bytes are no dictionary.
    func takeDictionary(_ page: Page) throws(ParquetError) -> Bool
    /// Takes the values of a page; the first that has no place in our types is
    /// returned.
    ///
    /// - Throws: `ParquetError` for bytes that are not as many values.
    func append(_ page: Page, count: Int) throws(ParquetError) -> ValueFailure?
    /// Moves the last `count` values apart, so that they take `rows`.
    ///
    /// - Parameter isThere: A bit a row, as many of them set as there are values.
    func spread(_ count: Int, rows: Int, isThere: UnsafePointer<UInt8>)
    var storage: ColumnStorage { get }
}

extension ValueSink {
    /// The indices of a page encoded with a dictionary: a byte that says how
    /// many bits, then runs. Nil where they are fewer or beyond the dictionary.
    func indices(
        _ page: Page, count: Int, dictionary: Int, _ scratch: Scratch<UInt32>
    ) -> UnsafeMutablePointer<UInt32>? {
        let target = scratch.room(count)
        guard count > 0 else { return target }
        guard let width = page.body.first, width <= 32 else { return nil }
        var runs = HybridRuns(UnsafeRawBufferPointer(rebasing: page.body[1...]), width: Int(width))
        guard runs.decode(count, into: target) else { return nil }
        var greatest: UInt32 = 0
        for place in 0..<count { greatest = max(greatest, target[place]) }
        return Int(greatest) < dictionary ? target : nil
    }
}

extension Array {
    /// Moves `count` elements apart, so that they take `rows` places from
    /// `start` on; those between become `zero`.
    ///
    /// - Parameter isThere: A bit a place, `count` of them set.
    mutating func spread(
        _ count: Int, to rows: Int, from start: Int, _ isThere: UnsafePointer<UInt8>, zero: Element
    ) {
        withUnsafeMutableBufferPointer { values in
            guard let base = values.baseAddress else { return }
            let target = base + start
            var (left, row) = (count, rows)
            // From the end, so that none is overwritten before it has moved.
            while row > left {
                row -= 1
                if isThere[row >> 3] >> UInt8(row & 7) & 1 == 1 {
                    left -= 1
                    target[row] = target[left]
                } else {
                    target[row] = zero
                }
            }
        }
    }
}

extension Page {
    var usesDictionary: Bool {
        encoding == PageEncoding.dictionary || encoding == PageEncoding.plainDictionary
    }
}

/// Values of a fixed width: booleans, integers, numbers, days, times.
final class FixedSink<Value: BitwiseCopyable>: ValueSink {
    private var values: [Value]
    private(set) var filled = 0
    private let zero: Value
    private let place: String
    private let width: Int
    private let decoder: FixedValues
    private let convert: Conversion<Value>
    private let wrap: ([Value]) -> ColumnStorage
    private let scratch = Scratch<UInt32>()
    private var dictionary: [Value]?
    /// Entries of the dictionary that have no place in our types.
    private var failures: [Int: ValueFailure] = [:]

    /// - Parameters:
    ///   - capacity: Rows that will come.
    ///   - zero: What stands in null rows.
    init(
        _ leaf: Leaf, capacity: Int, place: String, zero: Value, _ convert: @escaping Conversion<Value>,
        _ wrap: @escaping ([Value]) -> ColumnStorage
    ) {
        values = [Value](repeating: zero, count: capacity)
        self.place = place
        self.zero = zero
        self.convert = convert
        self.wrap = wrap
        decoder = FixedValues(leaf)
        width = leaf.type.width ?? 0
    }

    var storage: ColumnStorage { wrap(values) }

    private func tooFew() -> ParquetError {
        ParquetError(.damaged(place: place, what: "a page has fewer values than it says"))
    }

    func beginChunk() { dictionary = nil }

    func takeDictionary(_ page: Page) throws(ParquetError) -> Bool {
        guard page.values <= page.body.count else { return page.values == 0 }
        guard let source = try decoder.decode(PageEncoding.plain, page.body, count: page.values) else {
            return false
        }
        var entries = [Value](repeating: zero, count: page.values)
        failures = [:]
        let width = width
        entries.withUnsafeMutableBufferPointer { target in
            guard let base = target.baseAddress, convert(source, target.count, base) != nil else { return }
            for entry in 0..<target.count {
                failures[entry] = convert(source + entry * width, 1, base + entry)
            }
        }
        dictionary = entries
        return true
    }

    func append(_ page: Page, count: Int) throws(ParquetError) -> ValueFailure? {
        defer { filled += count }
        let start = filled
        guard count <= values.count - start else { throw tooFew() }
        if page.usesDictionary {
            guard let dictionary,
                let indices = indices(page, count: count, dictionary: dictionary.count, scratch)
            else { throw tooFew() }
            if !failures.isEmpty {
                for place in 0..<count {
                    guard var failure = failures[Int(indices[place])] else { continue }
                    failure.index = place
                    return failure
                }
            }
            values.withUnsafeMutableBufferPointer { values in
                dictionary.withUnsafeBufferPointer { dictionary in
                    guard let target = values.baseAddress, let entries = dictionary.baseAddress else {
                        return
                    }
                    for place in 0..<count { target[start &+ place] = entries[Int(indices[place])] }
                }
            }
            return nil
        }
        guard let source = try decoder.decode(page.encoding, page.body, count: count) else { throw tooFew() }
        return values.withUnsafeMutableBufferPointer { values in
            values.baseAddress.flatMap { convert(source, count, $0 + start) }
        }
    }

    func spread(_ count: Int, rows: Int, isThere: UnsafePointer<UInt8>) {
        values.spread(count, to: rows, from: filled - count, isThere, zero: zero)
        filled += rows - count
    }

}
