import DataFrames
import JSONTables
import TableTypes
import Testing

private func read(
    _ text: String, rows: [String] = [], _ fields: [TableSchema.Field]? = nil, flattens: Bool = false
) throws -> JSONTable {
    try Array(text.utf8).withUnsafeBytes { bytes in
        let schema =
            try fields.map { TableSchema($0) }
            ?? JSONTable.schema(ofDocument: bytes, rows: rows, flattens: flattens)
        return try JSONTable(documents: [bytes], rows: rows, schema, flattens: flattens)
    }
}

private func failure(_ text: String, rows: [String] = []) -> String? {
    let error = #expect(throws: JSONDocumentFault.self) {
        try read(text, rows: rows, [TableSchema.Field("a")])
    }
    return error.map { "\($0.error)" }
}

@Suite struct JSONDocumentTests {
    @Test func `an array of objects is a row each`() throws {
        let table = try read("\u{FEFF} [ {\"a\": 1, \"b\": \"x\"},\n {\"a\": 2} ]\n")
        #expect(table.columns.map(\.name) == ["a", "b"])
        #expect(table.columns[0].numbers == [1, 2] && table.columns[1].nullCount == 1)
        #expect(try read("[]").count == 0)
    }

    @Test func `a path leads to the rows, and what lies beside it must be JSON`() throws {
        let text =
            #"{"meta": {"n": 1}, "data": {"x": [1], "items": [{"a": 1}, {"a": 2}], "y": null}, "z": "t"}"#
        #expect(try read(text, rows: ["data", "items"]).columns[0].numbers == [1, 2])
        #expect(failure(text, rows: ["data", "item"]) == "there is no key 'item'; the keys are x, items, y")
        #expect(failure(text, rows: ["z"]) == "'z' is neither an array of objects nor an object of arrays")
        #expect(
            failure(#"{"data": [{"a": 1}], "z" 1}"#, rows: ["data"]) == "line 1, column 26: expected ':'")
        #expect(failure(#"{"data": [{"a": 1}]"#, rows: ["data"]) == "line 1, column 20: expected ',' or '}'")
    }

    @Test func `an object of arrays is a column each`() throws {
        let table = try read("{\"a\": [1, 2, 3], \"b\": [\"x\", null, \"z\"], \"c\": [[1], {\"k\": 2}, []]}")
        #expect(table.columns.map(\.name) == ["a", "b", "c"])
        #expect(table.columns[0].numbers == [1, 2, 3])
        #expect((0..<3).map { table.columns[1].string($0) } == ["x", nil, "z"])
        #expect((0..<3).map { table.columns[2].string($0) } == ["[1]", "{\"k\":2}", "[]"])
        #expect(try read("{}").count == 0)
        #expect(try read("{\"a\":[]}").columns.isEmpty)
        #expect(failure(#"{"a":[1,2],"b":[1]}"#) == "column 'a' has more values than 'b', which has 1")
        #expect(failure(#"{"a":[1],"b":2}"#) == "'b' is no array, as the columns of a table are")
        #expect(failure(#"{"a":[1],"a":[2]}"#) == "line 1, column 10: key 'a' is given twice")
        #expect(failure(#"{"a":[1 2]}"#) == "line 1, column 9: expected ',' or ']'")
        #expect(failure(#"{"a":[1,]}"#) == "line 1, column 9: expected a value")
    }

    @Test func `an element that is no object is a fault, the others are read`() throws {
        let table = try read(
            #"[{"a":1}, 7, {"a":2,"a":3}, {"a":[1,]}, {"a":4}]"#, [TableSchema.Field("a", .integer)])
        #expect(table.columns[0].numbers == [1, 4])
        #expect(
            table.faults.map { "\($0.number) \($0.fault.offset): \($0.fault)" } == [
                "2 0: expected an object in braces", "3 11: key 'a' is given twice",
                "4 8: expected a value",
            ])
        #expect((0..<2).map { table.place(ofRow: $0).number } == [1, 5])
    }

    @Test func `a document that is none says where`() {
        #expect(failure("") == "line 1, column 1: expected a value")
        #expect(failure("7") == "the document is neither an array of objects nor an object of arrays")
        #expect(failure("[{\"a\":1},\n {\"a\":1}") == "line 2, column 9: expected ',' or ']'")
        #expect(failure("[{\"a\":1}] x") == "line 1, column 11: expected the end of the text")
        #expect(failure("[{\"a\":\"x") == "line 1, column 9: the string has no end")
        #expect(failure("[{\"a\":1},]") == "line 1, column 10: expected a value")
    }

    @Test func `objects within are flattened`() throws {
        let table = try read(#"[{"a":{"b":1}},{"a":{"c":"x"}}]"#, flattens: true)
        #expect(table.columns.map(\.name) == ["a.b", "a.c"])
        let columns = try read(#"{"a":[{"b":1},{"b":2}]}"#, flattens: true)
        #expect(columns.columns.map(\.name) == ["a.b"] && columns.columns[0].numbers == [1, 2])
    }
}
