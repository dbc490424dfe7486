import DataFrames
import Platform
import TableTypes
import Testing

@testable import ArrowIPC

/// A table in pieces, and the bytes that come of it.
@Suite struct WriterTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    func whole(_ frame: DataFrame, roles: [String: ColumnRole] = [:]) throws -> [UInt8] {
        try ArrowFile.write(frame, roles: roles, to: scratch.path + "/whole.arrow")
        return try Files.read(scratch.path + "/whole.arrow")
    }

    /// - Parameters:
    ///   - cuts: Rows the pieces begin at, apart from the first.
    ///   - change: What becomes of a piece before it is given away.
    func pieces(
        _ frame: DataFrame, at cuts: [Int], roles: [String: ColumnRole] = [:], sorting: Set<String> = [],
        largeTexts: Int = Int(Int32.max), _ change: (DataFrame) throws -> DataFrame = { $0 }
    ) throws -> [UInt8] {
        let path = scratch.path + "/pieces.arrow"
        var writer = ArrowWriter(path, roles: roles, sorting: sorting, largeTexts: largeTexts)
        for (start, end) in zip([0] + cuts, cuts + [frame.count]) {
            try writer.append(try change(frame.gather(Array(start..<end))))
        }
        #expect(writer.rows == frame.count)
        try writer.finish()
        #expect(try Files.list(scratch.path).filter { $0.contains(".tmp") }.isEmpty)
        return try Files.read(path)
    }

    @Test(
        arguments: [true, false],
        [[], [0], [1], [7, 7, 8], [65_536], [65_535, 65_537], [100_000, 140_000]])
    func `pieces of any size give the bytes of the whole`(nulls: Bool, cuts: [Int]) throws {
        let frame = try sampleFrame(rows: (cuts.last ?? 0) + 70_001, nulls: nulls)
        let roles: [String: ColumnRole] = ["whole": .id]
        let bytes = try pieces(frame, at: cuts, roles: roles)
        #expect(bytes == (try whole(frame, roles: roles)))
    }

    @Test func `many small pieces give the bytes of the whole`() throws {
        let frame = try sampleFrame(rows: 2000)
        #expect(try pieces(frame, at: Array(stride(from: 3, to: 2000, by: 13))) == whole(frame))
    }

    @Test func `a table without rows, and one without columns, are files`() throws {
        let frame = try sampleFrame(rows: 0)
        #expect(try pieces(frame, at: []) == whole(frame))
        #expect(try pieces(frame, at: [0, 0]) == whole(frame))
        let none = try DataFrame([])
        #expect(try pieces(none, at: []) == whole(none))
    }

    @Test func `nulls that come late are in the schema all the same`() throws {
        let rows = 140_000
        let validity = ValidityBitmap((0..<rows).map { $0 != 139_999 })
        let frame = try DataFrame([
            DataColumn("a", .integer, .int64((0..<rows).map(Int64.init)), validity: validity),
            DataColumn(
                "b", .text, .utf8(StringStorage((0..<rows).lazy.map(String.init))), validity: validity),
        ])
        #expect(try pieces(frame, at: [70_000]) == whole(frame))
    }

    /// A category whose levels come one after another: the row's thousand, of the rows at `cuts` a text of its own.
    func growing(_ rows: Int, cuts: [Int]) throws -> (met: DataFrame, sorted: DataFrame) {
        var met: [String] = []
        var known: [TextKey: Int32] = [:]
        let indices = (0..<rows).map { row -> Int32 in
            let text =
                cuts.contains(row)
                ? ["é", "e\u{301}", "zz", "", "汉"][cuts.firstIndex(of: row)! % 5]
                : "level \(999 - row % 1000)"
            if let level = known[TextKey(text)] { return level }
            known[TextKey(text)] = Int32(met.count)
            met.append(text)
            return Int32(met.count - 1)
        }
        let validity = ValidityBitmap((0..<rows).map { $0 % 7 != 3 })
        let order = SortedLevels(met)
        func frame(_ indices: [Int32], _ levels: [String]) throws -> DataFrame {
            try DataFrame([
                DataColumn("n", .integer, .int64((0..<rows).map(Int64.init))),
                DataColumn(
                    "kind", .category, .dictionary(indices: indices, levels: levels), validity: validity),
                DataColumn("other", .category, .dictionary(indices: indices, levels: levels)),
            ])
        }
        return (try frame(indices, met), try frame(indices.map { order.places[Int($0)] }, order.levels))
    }

    /// As a reader knows them: the levels of a piece are those met so far.
    func asMet(_ frame: DataFrame) throws -> DataFrame {
        try DataFrame(
            frame.columns.map { column in
                guard case .dictionary(let indices, let levels) = column.storage else { return column }
                let count = Int(indices.max() ?? -1) + 1
                seen = max(seen, count)
                return DataColumn(
                    column.name, column.type,
                    .dictionary(indices: indices, levels: Array(levels[..<seen])), validity: column.validity)
            })
    }

    private final class Counter { var value = 0 }
    private let counter = Counter()
    private var seen: Int {
        get { counter.value }
        nonmutating set { counter.value = newValue }
    }

    @Test(arguments: [
        [5], [70_000], [70_000, 70_001, 140_000], [66_000, 131_071, 131_072, 131_073, 150_000, 199_999],
    ])
    func `levels that come late stand before the rows, sorted, as if they had been known`(cuts: [Int]) throws
    {
        let (met, sorted) = try growing(200_000, cuts: cuts)
        let bytes = try pieces(met, at: [1000, 70_000, 131_072, 180_001], sorting: ["kind", "other"], asMet)
        #expect(bytes == (try whole(sorted)))
    }

    @Test func `levels that come late and are not sorted stay in their order`() throws {
        let (met, _) = try growing(150_000, cuts: [70_000, 149_999])
        #expect(try pieces(met, at: [70_000, 131_072], asMet) == whole(met))
    }

    @Test func `a batch of long texts, or files, gives all batches long offsets`() throws {
        let rows = 200_000
        func text(_ row: Int) -> String { row / 65_536 == 2 ? "a longer text \(row)" : "\(row % 10)" }
        let frame = try DataFrame([
            DataColumn("t", .text, .utf8(StringStorage((0..<rows).lazy.map(text)))),
            DataColumn(
                "file", .image,
                .binary((0..<rows).reduce(into: BinaryStorage()) { $0.append(text($1).utf8) })),
            DataColumn("short", .text, .utf8(StringStorage((0..<rows).lazy.map { _ in "s" }))),
            DataColumn(
                "kind", .category,
                .dictionary(indices: (0..<rows).map { Int32($0 % 2) }, levels: ["a", "b"])),
        ])
        let known = try pieces(frame, at: [], largeTexts: 1_000_000)
        let late = try pieces(frame, at: [65_536, 70_000, 150_000], largeTexts: 1_000_000)
        #expect(late == known)
        #expect(known != (try whole(frame)))
        #expect(try ArrowFile.read(scratch.path + "/pieces.arrow").frame == frame)
    }

    @Test func `indices that are not of all rows are an error`() throws {
        let path = scratch.path + "/t.arrow"
        let category = DataColumn("a", .category, .dictionary(indices: [0, 1, 0], levels: ["x", "y"]))
        let fields = WrittenField.fields(of: try DataFrame([category]), roles: [:])
        func remade(_ column: DataColumn) throws {
            try ArrowFile.write(try DataFrame([column]), to: path)
            let container = try ArrowContainer(path)
            _ = try BatchBody(
                remaking: container.batch(0), fields, wasLarge: [false], levels: [[1, 0]])
        }
        try remade(category)
        let error = #expect(throws: ArrowError.self) {
            try remade(DataColumn("a", .integer, .int64([0, 1, 0])))
        }
        #expect(
            error?.problem
                == .damaged(
                    place: "record batch 1", what: "24 bytes of indices and 0 of nulls are not of 3 rows"))
    }

    @Test func `a writer that is dropped leaves nothing behind`() throws {
        let frame = try sampleFrame(rows: 70_000)
        do {
            var writer = ArrowWriter(scratch.path + "/t.arrow")
            try writer.append(frame)
        }
        #expect(try Files.list(scratch.path).isEmpty)
    }
}
