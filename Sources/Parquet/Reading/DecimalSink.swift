import DataFrames

/// Decimals whose values each have a length of their own.
final class DecimalSink: ValueSink {
    private var numbers: [Double]
    private(set) var filled = 0
    private let scale: Int
    private let place: String
    private let budget: Budget
    private let values: VariableValues
    private let scratch = Scratch<UInt32>()
    /// Nil for an entry that no number holds.
    private var dictionary: [Double?]?

    init(_ leaf: Leaf, scale: Int, capacity: Int, place: String, budget: Budget) {
        self.scale = scale
        self.place = place
        self.budget = budget
        values = VariableValues(leaf)
        numbers = [Double](repeating: 0, count: capacity)
    }

    var storage: ColumnStorage { .float64(numbers) }

    private func tooFew() -> ParquetError {
        ParquetError(.damaged(place: place, what: "a page has fewer values than it says"))
    }

    func beginChunk() { dictionary = nil }

    func takeDictionary(_ page: Page) throws(ParquetError) -> Bool {
        guard
            try values.decode(PageEncoding.plain, page.body, count: page.values, limit: budget.limit)
        else { return false }
        dictionary = (0..<page.values).map { LeafType.number(decimal: values.value($0), scale: scale) }
        return true
    }

    func append(_ page: Page, count: Int) throws(ParquetError) -> ValueFailure? {
        defer { filled += count }
        guard count <= numbers.count - filled else { throw tooFew() }
        var find: (Int) -> Double?
        if page.usesDictionary {
            guard let dictionary,
                let indices = indices(page, count: count, dictionary: dictionary.count, scratch)
            else { throw tooFew() }
            find = { dictionary[Int(indices[$0])] }
        } else {
            guard try values.decode(page.encoding, page.body, count: count, limit: budget.limit) else {
                throw tooFew()
            }
            let (values, scale) = (values, scale)
            find = { LeafType.number(decimal: values.value($0), scale: scale) }
        }
        for row in 0..<count {
            guard let number = find(row) else { return LeafType.tooPrecise(row, scale) }
            numbers[filled + row] = number
        }
        return nil
    }

    func spread(_ count: Int, rows: Int, isThere: UnsafePointer<UInt8>) {
        numbers.spread(count, to: rows, from: filled - count, isThere, zero: 0)
        filled += rows - count
    }

}
