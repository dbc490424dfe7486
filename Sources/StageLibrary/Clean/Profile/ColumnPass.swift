import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// One column while its rows pass: what is counted of all of them, and the sampled ones.
struct ColumnPass {
    let column: Column
    let sample: SampledRows
    private(set) var missing = 0
    private var moments = Moments()
    /// Of the sampled rows: numbers, or lengths of texts.
    private var numbers: [Double] = []
    private var levels: [String] = []
    private var levelCounts: [Int] = []
    private var texts = HashCounts()

    /// - Throws: `StageError`.
    init(_ run: StageRun, port: String, _ column: Column) throws {
        self.column = column
        var reader = try run.reader(port, columns: [column.name])
        sample = SampledRows(of: reader.rows)
        numbers.reserveCapacity(sample.count)
        try reader.eachBatch { frame, first in
            guard let column = frame.columns.first else { return }
            take(column, sample.places(first: first, count: frame.count))
        }
    }

    private mutating func take(_ column: DataColumn, _ places: [Int]) {
        switch column.storage {
        case .int64, .float64, .date32, .timestamp:
            let values = column.measures
            missing += values.count { $0.isNaN }
            moments.add(values)
            keep(values, places)
        case .boolean(let values):
            count(values.indices.lazy.map { Int32(values[$0] ? 1 : 0) }, of: ["false", "true"], column)
        case .dictionary(let indices, let known): count(indices, of: known, column)
        case .utf8(let all): measure(column, places, all.offsets, all.bytes, isText: true)
        case .binary(let all): measure(column, places, all.offsets, all.bytes, isText: false)
        }
    }

    private mutating func keep(_ values: [Double], _ places: [Int]) {
        if places.count == values.count {
            numbers += values
        } else {
            for place in places { numbers.append(values[place]) }
        }
    }

    private mutating func count(_ codes: some Sequence<Int32>, of known: [String], _ column: DataColumn) {
        if known.count > levels.count {
            levels = known
            levelCounts += [Int](repeating: 0, count: known.count - levelCounts.count)
        }
        for (row, code) in codes.enumerated() {
            if column.isValid(row) { levelCounts[Int(code)] += 1 } else { missing += 1 }
        }
    }

    private mutating func measure(
        _ column: DataColumn, _ places: [Int], _ offsets: Offsets, _ bytes: [UInt8], isText: Bool
    ) {
        var lengths = [Double](repeating: .nan, count: column.count)
        bytes.withUnsafeBufferPointer { bytes in
            for row in 0..<column.count where column.isValid(row) {
                let own = UnsafeBufferPointer(rebasing: bytes[offsets[row]..<offsets[row + 1]])
                if isText { texts.add(own) }
                lengths[row] = Double(isText ? own.count { $0 & 0xC0 != 0x80 } : own.count)
            }
        }
        missing += column.nullCount
        moments.add(lengths)
        keep(lengths, places)
    }

    // MARK: What it comes to

    /// Sorted, for columns of numbers and of texts.
    func sorted() -> SortedValues { SortedValues(numbers) }

    /// How often each level comes, those that no row has too.
    var counts: [LevelCount] { zip(levels, levelCounts).map { LevelCount(level: $0, count: $1) } }

    /// - Parameter sorted: Of these rows.
    func profile(_ sorted: SortedValues) -> ProfiledColumn {
        let values: ProfiledColumn.Values
        if column.type.isMeasure {
            values = Self.numbers(moments, sorted, column.type).map { .numbers($0) } ?? .none
        } else if !levels.isEmpty || column.type == .category || column.type == .boolean {
            let present = LevelCount.most(counts.filter { $0.count > 0 }, .max)
            values = present.isEmpty ? .none : .levels(.init(counts: present))
        } else if let lengths = Self.numbers(moments, sorted, .integer) {
            values = .texts(
                .init(
                    distinct: texts.isOver ? nil : texts.distinct, mostFrequent: texts.mostFrequent(10),
                    lengths: lengths, areFiles: texts.distinct == 0))
        } else {
            values = .none
        }
        return ProfiledColumn(
            name: column.name, type: column.type, role: column.role, rows: sample.rows, missing: missing,
            values: values)
    }

    /// Nil where there is no finite number.
    private static func numbers(
        _ moments: Moments, _ sorted: SortedValues, _ type: ColumnType
    ) -> ProfiledColumn.Numbers? {
        guard let quantiles = sorted.quantiles(ProfiledColumn.probabilities), let mode = sorted.mode(),
            let histogram = Histogram(
                sorted, areIntegers: type == .integer, within: drawn(sorted, quantiles))
        else { return nil }
        let reach = 1.5 * (quantiles[4] - quantiles[2])
        let (low, high) = (quantiles[2] - reach, quantiles[4] + reach)
        return .init(
            moments: moments, quantiles: quantiles, distinct: mode.distinct, mode: mode.value,
            modeCount: mode.count, fences: low...high,
            outliers: sorted.count(below: low) + sorted.count - sorted.count(upTo: high),
            histogram: histogram, beyond: sorted.count - histogram.counts.reduce(0, +), sampled: sorted.count)
    }

    /// The part that a picture shows where a few values so far away would make a line of all others; nil is all.
    private static func drawn(_ sorted: SortedValues, _ quantiles: [Double]) -> ClosedRange<Double>? {
        let reach = 5 * (quantiles[4] - quantiles[2])
        let (least, most) = (quantiles[0], quantiles[6])
        let (low, high) = (max(least, quantiles[2] - reach), min(most, quantiles[4] + reach))
        let beyond = sorted.count(below: low) + sorted.count - sorted.count(upTo: high)
        guard reach > 0, beyond > 0, beyond * 100 <= sorted.count, most - least > 3 * (high - low) else {
            return nil
        }
        return low...high
    }
}

extension ColumnType {
    /// What has quantiles: numbers and times.
    var isMeasure: Bool {
        switch self {
        case .integer, .number, .date, .timestamp: true
        case .boolean, .category, .text, .json, .image, .audio, .series, .vector: false
        }
    }
}

extension DataColumn {
    /// Numbers as they are, dates as days and timestamps as microseconds since 1970, null as NaN.
    var measures: [Double] {
        func spread(_ values: [Double]) -> [Double] {
            guard let validity else { return values }
            return values.indices.map { validity[$0] ? values[$0] : .nan }
        }
        switch storage {
        case .date32(let days): return spread(days.map { Double($0) })
        case .timestamp(let times): return spread(times.map { Double($0) })
        case .int64, .float64: return numbers ?? []
        case .boolean, .utf8, .binary, .dictionary: return []
        }
    }
}
