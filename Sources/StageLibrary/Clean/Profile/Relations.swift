import DataFrames
import Estimators
import PipelineLanguage
import Platform
import TableTypes

/// How columns go together: Pearson and Spearman of numbers, Cramér's V of levels, the correlation ratio of both.
///
/// Ranks need a column's rows at once and products need all columns' rows, so that ranks go through files.
struct Relations {
    /// More columns are left out, the last of the table.
    static let (mostNumbers, mostLevelColumns) = (128, 64)
    /// A column of more has too many to count pairs of.
    static let mostLevels = 100
    private static let rowsAtOnce = 4096

    let numbers: [String]
    let levels: [String]

    init(_ type: TableType) {
        numbers = Array(type.columns.filter(\.type.isNumeric).map(\.name).prefix(Self.mostNumbers))
        levels = Array(
            type.columns.filter {
                $0.type == .boolean || $0.type == .category && ($0.levels?.count ?? 0) <= Self.mostLevels
            }.map(\.name).prefix(Self.mostLevelColumns))
    }

    // MARK: Ranks

    private func path(_ place: Int, _ run: StageRun) -> String { "\(run.output("columns"))-ranks-\(place)" }

    func keepRanks(_ sorted: SortedValues, _ place: Int, _ run: StageRun) throws(SystemError) {
        guard numbers.count > 1 else { return }
        var file = try FileReplacement(path(place, run))
        let ranks = sorted.doubledRanks()
        try file.write(ranks.count) { (places, made: UnsafeMutablePointer<UInt32>) in
            for (offset, place) in places.enumerated() { made[offset] = ranks[place] }
        }
        try file.finish()
    }

    func removeRanks(_ run: StageRun) {
        for place in numbers.indices where Files.exists(path(place, run)) {
            try? Files.remove(path(place, run))
        }
    }

    // MARK: Measuring

    /// - Throws: `StageError`, `SystemError`.
    func measured(_ run: StageRun, _ columns: [ProfiledColumn], _ pool: WorkerPool) throws -> [Relation] {
        guard numbers.count + levels.count > 1 else { return [] }
        let ranks = numbers.count > 1 ? try numbers.indices.map { try MappedFile(path($0, run)) } : []
        var reader = try run.reader("in", columns: numbers + levels)
        let sample = SampledRows(of: reader.rows)
        let centres = numbers.map { name -> Double in
            guard case .numbers(let own)? = columns.first(where: { $0.name == name })?.values else {
                return 0
            }
            return own.moments.mean
        }
        var values = PairSums(centres: centres)
        var places = PairSums(centres: centres.map { _ in Double(sample.count + 1) })
        var byLevel = LevelAssociations(
            levels: levels.map { name in
                reader.type[name].map { $0.type == .boolean ? 2 : $0.levels?.count ?? 0 } ?? 0
            }, centres: centres)
        var taken = 0
        try reader.eachBatch { frame, first in
            let rows = sample.places(first: first, count: frame.count)
            for start in stride(from: 0, to: rows.count, by: Self.rowsAtOnce) {
                let part = rows[start..<min(rows.count, start + Self.rowsAtOnce)]
                let own = Self.numbers(frame.columns.prefix(numbers.count), part, pool)
                if numbers.count > 1 {
                    values.add(own, pool)
                    places.add(Self.ranks(ranks, taken..<taken + part.count, pool), pool)
                }
                if !levels.isEmpty {
                    byLevel.add(Self.codes(frame.columns.dropFirst(numbers.count), part), own, pool)
                }
                taken += part.count
            }
        }
        return relations(values, places, byLevel)
    }

    private static func numbers(
        _ columns: ArraySlice<DataColumn>, _ rows: ArraySlice<Int>, _ pool: WorkerPool
    ) -> [[Double]] {
        filled(columns.count, rows.count, pool) { place, values in
            let column = columns[columns.startIndex + place]
            let validity = column.validity
            func fill(_ value: (Int) -> Double) {
                for (offset, row) in rows.enumerated() {
                    values[offset] = validity?[row] == false ? .nan : value(row)
                }
            }
            switch column.storage {
            case .int64(let all): all.withUnsafeBufferPointer { all in fill { Double(all[$0]) } }
            case .float64(let all): all.withUnsafeBufferPointer { all in fill { all[$0] } }
            case .boolean, .utf8, .binary, .dictionary, .date32, .timestamp: fill { _ in .nan }
            }
        }
    }

    private static func ranks(_ files: [MappedFile], _ rows: Range<Int>, _ pool: WorkerPool) -> [[Double]] {
        filled(files.count, rows.count, pool) { place, values in
            let ranks = files[place].bytes.assumingMemoryBound(to: UInt32.self)
            for (offset, row) in rows.enumerated() {
                values[offset] = ranks[row] == 0 ? .nan : Double(ranks[row])
            }
        }
    }

    private static func filled(
        _ columns: Int, _ rows: Int, _ pool: WorkerPool,
        _ fill: (Int, UnsafeMutableBufferPointer<Double>) -> Void
    ) -> [[Double]] {
        var all = (0..<columns).map { _ in [Double](repeating: 0, count: rows) }
        all.withUnsafeMutableBufferPointer { all in
            nonisolated(unsafe) let all = all
            withoutActuallyEscaping(fill) { fill in
                nonisolated(unsafe) let fill = fill
                pool.runEach(columns) { place in all[place].withUnsafeMutableBufferPointer { fill(place, $0) }
                }
            }
        }
        return all
    }

    /// Places of levels, -1 where there is none.
    private static func codes(_ columns: ArraySlice<DataColumn>, _ rows: ArraySlice<Int>) -> [[Int32]] {
        columns.map { column in
            rows.map { row in
                guard column.isValid(row) else { return -1 }
                return switch column.storage {
                case .boolean(let all): all[row] ? 1 : 0
                case .dictionary(let all, _): all[row]
                case .int64, .float64, .utf8, .binary, .date32, .timestamp: -1
                }
            }
        }
    }

    private func relations(_ values: PairSums, _ places: PairSums, _ byLevel: LevelAssociations) -> [Relation]
    {
        var all: [Relation] = []
        for j in numbers.indices {
            for i in 0..<j {
                all.append(
                    Relation(
                        numbers[i], numbers[j],
                        .correlation(pearson: values.correlation(i, j), spearman: places.correlation(i, j))))
            }
        }
        for j in levels.indices {
            for i in 0..<j { all.append(Relation(levels[i], levels[j], .cramersV(byLevel.cramersV(i, j)))) }
            for i in numbers.indices {
                all.append(
                    Relation(numbers[i], levels[j], .ratio(byLevel.correlationRatio(level: j, number: i))))
            }
        }
        return all
    }
}
