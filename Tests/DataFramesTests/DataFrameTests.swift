import DataFrames
import TableTypes
import Testing

@Suite struct DataFrameTests {
    @Test func `a bitmap keeps its bits across byte borders`() {
        let rows = (0..<21).map { $0 % 3 != 0 }
        let bitmap = ValidityBitmap(rows)
        #expect((0..<21).map { bitmap[$0] } == rows)
        #expect(bitmap.nullCount == 7)
        #expect(bitmap.bytes.count == 3)
        #expect(bitmap.bytes[0] == 0b1011_0110)
    }

    @Test func `gathering takes rows of every storage in the order asked`() throws {
        let validity = ValidityBitmap([true, false, true])
        let frame = try DataFrame([
            DataColumn("b", .boolean, .boolean([true, false, false])),
            DataColumn("i", .integer, .int64([1, 2, 3]), validity: validity),
            DataColumn("f", .number, .float64([0.5, 1.5, 2.5])),
            DataColumn("t", .text, .utf8(StringStorage(["a", "", "汉字"]))),
            DataColumn("c", .category, .dictionary(indices: [1, 0, 1], levels: ["x", "y"])),
            DataColumn("d", .date, .date32([0, 1, 2])),
            DataColumn("s", .timestamp, .timestamp([10, 20, 30])),
        ])
        let taken = frame.gather([2, 1, 2, 0])
        #expect(taken.count == 4)
        #expect(taken["b"]?.storage == .boolean([false, false, false, true]))
        #expect(taken["i"]?.validity == ValidityBitmap([true, false, true, true]))
        #expect(taken["i"]?.numbers?.map { $0.isNaN ? -1 : $0 } == [3, -1, 3, 1])
        #expect(taken["f"]?.storage == .float64([2.5, 1.5, 2.5, 0.5]))
        #expect((0..<4).map { taken["t"]?.string($0) } == ["汉字", "", "汉字", "a"])
        #expect((0..<4).map { taken["c"]?.string($0) } == ["y", "x", "y", "y"])
        #expect(taken["d"]?.storage == .date32([2, 1, 2, 0]))
        #expect(taken["s"]?.storage == .timestamp([30, 20, 30, 10]))
    }

    @Test func `a bitmap without nulls is dropped`() {
        let column = DataColumn("i", .integer, .int64([1]), validity: ValidityBitmap([true]))
        #expect(column.validity == nil)
        #expect(column == DataColumn("i", .integer, .int64([1])))
    }

    @Test func `the table type tells levels and whether nulls occur`() throws {
        let frame = try DataFrame([
            DataColumn(
                "c", .category, .dictionary(indices: [0, 0], levels: ["x"]),
                validity: ValidityBitmap([true, false]))
        ])
        #expect(frame.tableType == TableType([Column("c", .category, levels: ["x"], isNullable: true)]))
    }

    @Test func `columns that make no table are named`() {
        let one = DataColumn("a", .integer, .int64([1]))
        let duplicate = #expect(throws: DataFrameError.self) { try DataFrame([one, one]) }
        #expect(duplicate?.description == "two columns are named 'a'")
        let ragged = #expect(throws: DataFrameError.self) {
            try DataFrame([one, DataColumn("b", .integer, .int64([1, 2]))])
        }
        #expect(ragged?.description == "column 'b' has 2 rows, the columns before it have 1")
    }
}
