/// What levels are encoded by.
public enum EncoderTarget: Sendable, Equatable {
    case number([Double])
    /// One label a row, in [0, classes); two classes are one column: whether it is class 1.
    case classes([Int], count: Int)

    static let classesRange = OptionRange.whole("classes", from: 2, to: 1 << 16)

    func check(rows: Int) throws(EstimatorError) {
        switch self {
        case .number(let values):
            guard values.count == rows else { throw .targets(values.count, rows: rows) }
            if let row = values.firstIndex(where: { !$0.isFinite }) { throw .targetNotFinite(row: row) }
        case .classes(let labels, let count):
            try Self.classesRange.check(count)
            guard labels.count == rows else { throw .targets(labels.count, rows: rows) }
            if let row = labels.firstIndex(where: { $0 < 0 || $0 >= count }) {
                throw .label(labels[row], row: row, classes: count)
            }
        }
    }

    /// Of some rows.
    func rows(_ rows: [Int]) -> EncoderTarget {
        switch self {
        case .number(let values): .number(rows.map { values[$0] })
        case .classes(let labels, let count): .classes(rows.map { labels[$0] }, count: count)
        }
    }

    /// As numbers.
    var columns: [[Double]] {
        switch self {
        case .number(let values): [values]
        case .classes(let labels, let count):
            (count == 2 ? 1..<2 : 0..<count).map { label in labels.map { $0 == label ? 1 : 0 } }
        }
    }
}
