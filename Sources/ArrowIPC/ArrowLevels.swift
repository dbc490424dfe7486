import DataFrames
import TableTypes

/// What the indices of a dictionary stand for.
struct ArrowLevels {
    /// Levels of a category, each once; of other dictionaries none.
    private(set) var texts: [String] = []
    /// Of every entry of the file its place among the levels, -1 where it is null.
    private(set) var places: [Int32] = []
    /// The entries of a dictionary of other things than texts, and behind them a null.
    private var values: DataColumn?

    init() {}

    /// - Parameter entries: Of all batches of the dictionary; where they are no texts, with a null behind them.
    init(_ entries: DataColumn) {
        guard entries.type == .text else {
            values = entries
            places = (0..<entries.count - 1).map { entries.isValid($0) ? Int32($0) : -1 }
            return
        }
        var known: [TextKey: Int32] = [:]
        for row in 0..<entries.count {
            guard let text = entries.string(row) else {
                places.append(-1)
                continue
            }
            let place = known[TextKey(text)] ?? Int32(texts.count)
            if Int(place) == texts.count {
                known[TextKey(text)] = place
                texts.append(text)
            }
            places.append(place)
        }
    }

    /// - Parameter indices: Places of levels; of null rows 0.
    func storage(_ indices: [Int32], _ validity: ValidityBitmap?) -> ColumnStorage {
        guard let values else { return .dictionary(indices: indices, levels: texts) }
        let null = values.count - 1
        return values.storage.gather(indices.indices.map { validity?[$0] ?? true ? Int(indices[$0]) : null })
    }
}
