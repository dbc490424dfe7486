import DataFrames
import Estimators
import PipelineLanguage
import Platform
import TableTypes

/// `clean.profile` at work: every column passes by itself, then the rows by hashes, then numbers and levels beside each
/// other.
struct Profiling {
    private let run: StageRun
    private let pool: WorkerPool
    private let budget: MemoryBudget

    init(_ run: StageRun) {
        self.run = run
        pool = WorkerPool(size: max(1, run.threads))
        budget = MemoryBudget(run, "a column's sampled values and all rows' hashes are held in memory")
    }

    /// - Throws: `StageError`, `SystemError`.
    func profile() throws -> ProfiledTable {
        let reader = try run.reader("in")
        let reference = try run.input("reference").map { _ in try run.reader("reference") }
        let relations = Relations(reader.type)
        defer { relations.removeRanks(run) }
        var results = reader.type.columns.map { _ in Result<ProfiledColumn, any Error>.failure(Missing()) }
        let columns = reader.type.columns
        results.withUnsafeMutableBufferPointer { results in
            nonisolated(unsafe) let results = results
            pool.runEach(columns.count) { place in
                results[place] = Result {
                    try profile(columns[place], of: reader.roles, against: reference, relations)
                }
            }
        }
        let profiled = try results.map { try $0.get() }
        let rows = try RepeatedRows(run, rows: reader.rows, pool)
        try budget.check(rows: reader.rows)
        return ProfiledTable(
            rows: reader.rows, columns: profiled, repeated: rows.repeated, incomplete: rows.incomplete,
            relations: try relations.measured(run, profiled, pool),
            reference: reference.map { reference in
                .init(
                    rows: reference.rows,
                    missingColumns: reference.type.names.filter { reader.type[$0] == nil })
            })
    }

    private struct Missing: Error {}

    private func profile(
        _ column: Column, of roles: [String: ColumnRole], against reference: TableReader?,
        _ relations: Relations
    ) throws -> ProfiledColumn {
        let pass = try ColumnPass(run, port: "in", column)
        let sorted = pass.sorted()
        var profiled = pass.profile(sorted)
        profiled.role = roles[column.name]
        if let place = relations.numbers.firstIndex(of: column.name) {
            try relations.keepRanks(sorted, place, run)
        }
        if let reference { profiled.drift = try drift(pass, sorted, reference, &profiled) }
        try budget.check(rows: pass.sample.rows)
        return profiled
    }

    // MARK: Drift

    private func drift(
        _ pass: ColumnPass, _ sorted: SortedValues, _ reference: TableReader, _ profiled: inout ProfiledColumn
    ) throws -> ColumnDrift {
        let column = pass.column
        guard let other = reference.type[column.name] else { return .absent }
        let isNumber = column.type.isNumeric && other.type.isNumeric
        guard other.type == column.type || isNumber else { return .otherType(other.type) }
        if column.type.isMeasure {
            let before = try ColumnPass(run, port: "reference", other).sorted()
            guard let counts = Drift.decileCounts(expected: before, actual: sorted),
                let test = Drift.kolmogorovSmirnov(before, sorted)
            else { return .notMeasured }
            if case .numbers(let numbers) = profiled.values {
                let bins = Histogram(before, edges: numbers.histogram.edges).counts
                profiled.before = bins.map { Double($0) / Double(before.count) }
            }
            return .measured(
                index: Drift.stabilityIndex(expected: counts.expected, actual: counts.actual),
                test: .kolmogorovSmirnov(statistic: test.statistic, p: test.p))
        }
        guard column.type == .boolean || column.type == .category else { return .notMeasured }
        let before = try ColumnPass(run, port: "reference", other)
        let (expected, actual) = Self.aligned(before.counts, pass.counts)
        guard expected.contains(where: { $0 > 0 }), actual.contains(where: { $0 > 0 }) else {
            return .notMeasured
        }
        if case .levels(let levels) = profiled.values {
            let shares = Dictionary(
                before.counts.map { (TextKey($0.level), Double($0.count)) }, uniquingKeysWith: +)
            let present = Double(max(1, expected.reduce(0, +)))
            profiled.before = levels.counts.map { (shares[TextKey($0.level)] ?? 0) / present }
        }
        return .measured(
            index: Drift.stabilityIndex(
                expected: expected + [before.missing], actual: actual + [pass.missing]),
            test: Drift.chiSquare(expected: expected, actual: actual).map {
                .chiSquare(statistic: $0.statistic, degrees: $0.degrees, p: $0.p)
            })
    }

    /// Counts of all levels of both, in the order of their bytes.
    private static func aligned(_ one: [LevelCount], _ other: [LevelCount]) -> ([Int], [Int]) {
        let all = SortedLevels(one.map(\.level) + other.map(\.level)).levels
        let places = TextPlaces(all)
        func counts(_ list: [LevelCount]) -> [Int] {
            var counts = [Int](repeating: 0, count: all.count)
            for entry in list { counts[Int(places[entry.level] ?? 0)] += entry.count }
            return counts
        }
        return (counts(one), counts(other))
    }
}
