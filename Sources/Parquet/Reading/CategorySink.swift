import DataFrames

/// Texts of a column that the Arrow schema calls a dictionary: indices into
/// levels, which are in the order in which the file's dictionaries have them.
final class CategorySink: ValueSink {
    private var places: [Int32]
    private var levels: [String] = []
    private var known: [TextKey: Int32] = [:]
    private(set) var filled = 0
    private let place: String
    private let budget: Budget
    private let values: TextValues
    private let scratch = Scratch<UInt32>()
    private var dictionary: TextDictionary?
    /// For every entry of the dictionary its level.
    private var entries: [Int32] = []

    init(_ leaf: Leaf, capacity: Int, place: String, budget: Budget) {
        self.place = place
        self.budget = budget
        values = TextValues(leaf)
        places = [Int32](repeating: 0, count: capacity)
    }

    var storage: ColumnStorage { .dictionary(indices: places, levels: levels) }

    private func tooFew() -> ParquetError {
        ParquetError(.damaged(place: place, what: "a page has fewer values than it says"))
    }

    func beginChunk() { dictionary = nil }

    private func level(_ text: String) -> Int32 {
        if let level = known[TextKey(text)] { return level }
        let level = Int32(levels.count)
        known[TextKey(text)] = level
        levels.append(text)
        return level
    }

    func takeDictionary(_ page: Page) throws(ParquetError) -> Bool {
        guard let taken = try TextDictionary(page, values, budget: budget, place: place) else { return false }
        // A string in an array and in a table of hashes takes about this much.
        try budget.take(taken.count, of: 64, for: place)
        dictionary = taken
        entries = (0..<taken.count).map { level(taken.text($0)) }
        return true
    }

    func append(_ page: Page, count: Int) throws(ParquetError) -> ValueFailure? {
        defer { filled += count }
        guard count <= places.count - filled else { throw tooFew() }
        let start = filled
        if page.usesDictionary {
            guard let dictionary,
                let indices = indices(page, count: count, dictionary: dictionary.count, scratch)
            else { throw tooFew() }
            if let failure = dictionary.failure(indices, count) { return failure }
            places.withUnsafeMutableBufferPointer { places in
                entries.withUnsafeBufferPointer { entries in
                    for row in 0..<count { places[start &+ row] = entries[Int(indices[row])] }
                }
            }
            return nil
        }
        // What a writer put in after its dictionary was full.
        guard try values.decode(page.encoding, page.body, count: count, limit: budget.limit) else {
            throw tooFew()
        }
        try budget.take(values.total + 64 * count, for: place)
        for row in 0..<count {
            let bytes = UnsafeRawBufferPointer(start: values.start(row), count: values.length(row))
            guard let text = String(validating: bytes, as: UTF8.self) else { return TextCheck.failure(row) }
            places[start + row] = level(text)
        }
        return nil
    }

    func spread(_ count: Int, rows: Int, isThere: UnsafePointer<UInt8>) {
        places.spread(count, to: rows, from: filled - count, isThere, zero: 0)
        filled += rows - count
    }

}
