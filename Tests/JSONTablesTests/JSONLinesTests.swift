import CanonicalJSON
import DataFrames
import Glibc
import JSONTables
import TableTypes
import Testing

/// The lines as a table of the schema, or of what is inferred from them.
private func read(
    _ text: String, _ fields: [TableSchema.Field]? = nil, flattens: Bool = false
) -> JSONTable { read(Array(text.utf8), fields, flattens: flattens) }

private func read(
    _ bytes: [UInt8], _ fields: [TableSchema.Field]? = nil, flattens: Bool = false
) -> JSONTable {
    bytes.withUnsafeBytes { bytes in
        let schema =
            fields.map { TableSchema($0) } ?? JSONTable.schema(ofLines: bytes, flattens: flattens)
        return JSONTable(lines: [bytes], schema, flattens: flattens)
    }
}

/// What is inferred: `name type` of every field.
private func inferred(_ text: String, flattens: Bool = false) -> [String] {
    Array(text.utf8).withUnsafeBytes { bytes in
        JSONTable.schema(ofLines: bytes, flattens: flattens).fields.map { "\($0.name) \($0.type)" }
    }
}

private func faults(_ text: String) -> [String] { faults(Array(text.utf8)) }

private func faults(_ bytes: [UInt8]) -> [String] {
    read(bytes, [TableSchema.Field("a")]).faults.map { "\($0.number) \($0.fault.offset): \($0.fault)" }
}

@Suite struct JSONLinesTests {
    @Test func `keys become columns in the order they are first seen, missing ones are null`() {
        let table = read(
            """
            {"b": 1, "a": "x"}
            {"a": "y"}
            {"c": true, "a": "z", "b": null}

            """)
        #expect(table.count == 3 && table.faults.isEmpty && table.misfits.isEmpty)
        let columns: [DataColumn] = [
            DataColumn("b", .integer, .int64([1, 0, 0]), validity: ValidityBitmap([true, false, false])),
            DataColumn("a", .text, .utf8(StringStorage(["x", "y", "z"]))),
            DataColumn(
                "c", .boolean, .boolean([false, false, true]), validity: ValidityBitmap([false, false, true])),
        ]
        #expect(table.columns == columns)
    }

    @Test func `types are inferred from all values`() {
        #expect(inferred("{\"a\":true}\n{\"a\":null}\n{\"a\":false}") == ["a boolean"])
        #expect(inferred("{\"a\":1}\n{\"a\":-9223372036854775808}") == ["a integer"])
        #expect(inferred("{\"a\":1}\n{\"a\":9223372036854775808}") == ["a number"])
        #expect(inferred("{\"a\":1}\n{\"a\":2.5}") == ["a number"])
        #expect(inferred("{\"a\":1.0}") == ["a number"])
        #expect(inferred("{\"a\":\"2024-02-29\"}\n{\"a\":\"2023-02-28\"}") == ["a date"])
        #expect(inferred("{\"a\":\"2024-02-29T01:02:03Z\"}") == ["a datetime"])
        #expect(inferred("{\"a\":\"1\"}") == ["a string"])
        #expect(inferred("{\"a\":1}\n{\"a\":\"x\"}") == ["a string"])
        #expect(inferred("{\"a\":[1]}\n{\"a\":[]}") == ["a array"])
        #expect(inferred("{\"a\":{}}") == ["a object"])
        #expect(inferred("{\"a\":{}}\n{\"a\":3}") == ["a any"])
        #expect(inferred("{\"a\":null}") == ["a string"])
        #expect(inferred(String(repeating: "{\"a\":\"x\"}\n{\"a\":\"y\"}\n", count: 4)) == ["a category"])
        #expect(inferred("") == [])
        // A row that is none tells nothing.
        #expect(inferred("{\"a\":1,\"b\":2\n{\"a\":1}") == ["a integer"])
    }

    @Test func `numbers are exact`() {
        let texts = [
            "0", "-0", "1", "-1", "0.1", "0.3", "1e22", "1e23", "123456789012345678", "9007199254740993",
            "1.7976931348623157e308", "5e-324", "2.2250738585072014e-308", "0.24838025469634117",
            "-0.24838025469634117", "9007199254740992.5", "9007199254740991.5", "1e-27",
            "18446744073709551615",
            "18446744073709551616", "0.000000000000000000000001234567890123456789",
            "100000000000000000000000000", "8.5e27", "1234567890123456789e27", "9999999999999999999e-27",
        ]
        let table = read(
            texts.map { "{\"a\":\($0)}\n" }.joined(), [TableSchema.Field("a", .number)])
        #expect(table.misfits.isEmpty)
        let values = table.columns[0].numbers ?? []
        for (text, value) in zip(texts, values) {
            #expect(value.bitPattern == Double(text)?.bitPattern, "\(text)")
        }
    }

    @Test func `numbers of every length and power are read as the library reads them`() {
        var random = SeededNumbers(1)
        var texts: [String] = []
        for _ in 0..<100_000 {
            let digits = random.next(below: 19) + 1
            let mantissa = (0..<digits).map { _ in String(random.next(below: 10)) }.joined()
            let whole = String(UInt64(mantissa)!)
            texts.append("\(whole)e\(random.next(below: 60) - 30)")
        }
        let table = read(texts.map { "{\"a\":\($0)}\n" }.joined(), [TableSchema.Field("a", .number)])
        let values = table.columns[0].numbers ?? []
        #expect(values.count == texts.count)
        let wrong = zip(texts, values).filter { Double($0)?.bitPattern != $1.bitPattern }
        #expect(wrong.map(\.0) == [])
    }

    @Test func `dates and times are those of CSV`() {
        var random = SeededNumbers(2)
        var texts = [
            "2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "0000-01-01", "2024-13-01", "2024-00-10",
        ]
        for _ in 0..<20_000 {
            func two(_ bound: Int) -> String {
                let text = String(random.next(below: bound))
                return text.count < 2 ? "0" + text : text
            }
            let date = "\(two(100))\(two(100))-\(two(14))-\(two(33))"
            let zone = ["", "Z", "+01:30", "-23:59", "+24:00", "z", "+0100"][random.next(below: 7)]
            let fraction = ["", ".5", ".123456", ".1234567", "."][random.next(below: 5)]
            texts.append(date)
            texts.append(
                "\(date)\(["T", " ", "t"][random.next(below: 3)])\(two(25)):\(two(61)):\(two(61))\(fraction)\(zone)"
            )
        }
        let lines = texts.map { "{\"d\":\"\($0)\",\"t\":\"\($0)\"}\n" }.joined()
        let table = read(lines, [TableSchema.Field("d", .date), TableSchema.Field("t", .datetime)])
        guard case .date32(let days) = table.columns[0].storage,
            case .timestamp(let times) = table.columns[1].storage
        else {
            Issue.record("other storages")
            return
        }
        for (row, text) in texts.enumerated() {
            #expect((table.columns[0].isValid(row) ? days[row] : nil) == FieldText.date(text), "\(text)")
            #expect(
                (table.columns[1].isValid(row) ? times[row] : nil) == FieldText.timestamp(text), "\(text)")
        }
        #expect(table.columns.allSatisfy { $0.nullCount < texts.count })
    }

    @Test func `texts are decoded`() {
        let table = read(
            #"{"a": "q\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00\u0000 ü 漢字 long enough for words"}"#)
        #expect(
            table.columns[0].string(0)
                == "q\"\\/\u{8}\u{C}\n\r\tAé😀\u{0} ü 漢字 long enough for words")
        #expect(read(#"{"\u0061": 1}"#).columns.map(\.name) == ["a"])
        #expect(read("{\"a\\\"b\": 1}\n{\"a\"b\": 2}").faults.count == 1)
        #expect(read("{\"\":1}").columns.map(\.name) == [""])
    }

    @Test func `what lies within is canonical JSON, or flattened`() {
        let text = #"{"p": {"y": [1, 2.50], "x": {"z": "ü"}}, "q": 1}"#
        #expect(read(text).columns[0].string(0) == #"{"x":{"z":"ü"},"y":[1,2.5]}"#)
        #expect(read(text).columns[0].type == .json)
        let flat = read(text, flattens: true)
        #expect(flat.columns.map(\.name) == ["p.y", "p.x.z", "q"])
        #expect(flat.columns[0].string(0) == "[1,2.5]")
        #expect(flat.columns[1].string(0) == "ü")
        // Objects that come and go.
        let mixed = read("{\"a\":{\"b\":1}}\n{\"a\":2}\n{\"a\":{}}", flattens: true)
        #expect(mixed.columns.map(\.name) == ["a.b", "a"])
        #expect(mixed.columns.map(\.nullCount) == [2, 2])
    }

    @Test func `a column of any takes every value as JSON, of object and array only theirs`() {
        let fields = [
            TableSchema.Field("a", .any), TableSchema.Field("o", .object), TableSchema.Field("l", .array),
        ]
        let table = read("{\"a\":\"x\",\"o\":{},\"l\":[]}\n{\"a\":1.0,\"o\":[],\"l\":{}}", fields)
        #expect((0..<2).map { table.columns[0].string($0) } == ["\"x\"", "1"])
        #expect(table.misfits.map(\.column) == ["o", "l"])
        #expect(table.misfits.map(\.value) == ["[]", "{}"])
    }

    @Test func `texts and categories take numbers as they are written, numbers take no texts`() {
        let fields = [
            TableSchema.Field("t"), TableSchema.Field("n", .number), TableSchema.Field("i", .integer),
            TableSchema.Field("b", .boolean),
            TableSchema.Field("c", constraints: .init(levels: ["x", "1"])),
        ]
        let table = read(
            """
            {"t": 12345678901234567890123, "n": "1", "i": 3.0, "b": 1, "c": 1}
            {"t": {"k": [ 1 ]}, "n": 1e999, "i": 2.5, "b": "true", "c": "y"}
            {"t": true, "n": 9223372036854775808, "i": 9223372036854775808, "b": false, "c": "x"}
            """, fields)
        #expect(table.columns[0].string(0) == "12345678901234567890123")
        #expect(table.columns[0].string(1) == #"{"k":[1]}"#)
        #expect(table.columns[0].string(2) == "true")
        #expect(
            table.misfits.map { "\($0.row) \($0.column) \($0.value) \($0.problem)" } == [
                "0 n 1 text", "0 b 1 otherType", "1 n 1e999 otherType", "1 i 2.5 otherType",
                "1 b true text", "1 c y text", "2 i 9223372036854775808 otherType",
            ])
        #expect(table.columns[1].numbers?[2] == 9_223_372_036_854_775_808)
        #expect(table.columns[2].numbers?[0] == 3)
        #expect(table.columns[4].string(0) == "1" && table.columns[4].string(2) == "x")
    }

    @Test func `a line that is no row is a fault with its place, and leaves nothing behind`() {
        let bad: [(String, String)] = [
            ("{\"a\":\"x\"", "2 8: expected ',' or '}'"),
            ("{\"a\":\"x", "2 7: the string has no end"),
            ("{\"a\":\"x\"} {}", "2 10: expected the end of the line"),
            ("[1]", "2 0: expected an object in braces"),
            ("\"a\"", "2 0: expected an object in braces"),
            ("{a:1}", "2 1: expected a key in quotes"),
            ("{\"a\" 1}", "2 5: expected ':'"),
            ("{\"a\":}", "2 5: expected a value"),
            ("{\"a\":tru}", "2 5: expected a value"),
            ("{\"a\":01}", "2 5: a number does not begin with 0"),
            ("{\"a\":1.}", "2 7: expected a value"),
            ("{\"a\":-}", "2 5: expected a value"),
            ("{\"a\":1,}", "2 7: expected a key in quotes"),
            ("{\"a\":1,\"a\":2}", "2 11: key 'a' is given twice"),
            ("{\"a\":{\"b\":1,\"b\":2}}", "2 12: key 'b' is given twice"),
            ("{\"a\":[1,]}", "2 8: expected a value"),
            ("{\"a\":\"\\ud800\"}", "2 6: half a surrogate pair"),
            ("{\"a\":\"\\udc00\"}", "2 6: half a surrogate pair"),
            ("{\"a\":\"\\x\"}", "2 6: unknown escape"),
            ("{\"a\":\"\\u12G4\"}", "2 6: unknown escape"),
            ("{\"a\":\"\u{0}\"}", "2 6: a control character must be escaped"),
            ("\u{0}{\"a\":1}", "2 0: expected a value"),
            ("{\"a\":\"\\", "2 6: unknown escape"),
            ("{\"a\":NaN}", "2 5: expected a value"),
        ]
        for (line, message) in bad {
            let table = read(
                "{\"a\":\"0\"}\n\(line)\n{\"a\":\"2\"}\n", [TableSchema.Field("a")])
            #expect(
                table.faults.map { "\($0.number) \($0.fault.offset): \($0.fault)" } == [message], "\(line)")
            #expect(table.count == 2 && (0..<2).map { table.columns[0].string($0) } == ["0", "2"], "\(line)")
            #expect((0..<2).map { table.place(ofRow: $0).number } == [1, 3])
        }
    }

    @Test func `bytes that are not UTF-8 are a fault of their line`() {
        let line = Array("{\"a\":\"a text with many bytes ".utf8) + [0xFF] + Array("\"}\n{\"a\":1}".utf8)
        #expect(faults(line) == ["1 29: the string is not UTF-8"])
        #expect(
            faults(Array("{\"a\":[\"".utf8) + [0xC3] + Array("\"]}".utf8)) == ["1 7: the string is not UTF-8"]
        )
        #expect(faults([0xFF, 0xFE, 0x7B, 0x00]) == ["1 0: expected a value"])
    }

    @Test func `byte order mark, CRLF, empty lines and a last line without an end are fine`() {
        let table = read("\u{FEFF}{\"a\":1}\r\n\r\n   \n{\"a\":2}\r\n{\"a\":3}")
        #expect(table.columns.first?.numbers == [1, 2, 3])
        #expect((0..<3).map { table.place(ofRow: $0).number } == [1, 4, 5])
        #expect(table.faults.isEmpty)
    }

    @Test func `rows of several files follow each other`() {
        let texts = ["{\"a\":1}\n{\"a\":2}", "", "x\n\n{\"a\":3}\n", "{\"b\":0,\"a\":4}"].map {
            Array($0.utf8)
        }
        let joined = texts.flatMap { $0 }
        joined.withUnsafeBytes { all in
            var files: [UnsafeRawBufferPointer] = []
            var start = 0
            for text in texts {
                files.append(UnsafeRawBufferPointer(rebasing: all[start..<start + text.count]))
                start += text.count
            }
            let table = JSONTable(lines: files, TableSchema([TableSchema.Field("a", .integer)]))
            #expect(table.columns[0].numbers == [1, 2, 3, 4])
            #expect((0..<4).map { table.place(ofRow: $0).file } == [0, 0, 2, 3])
            #expect((0..<4).map { table.place(ofRow: $0).number } == [1, 2, 3, 1])
            #expect(table.faults.map { [$0.file, $0.number] } == [[2, 1]])
        }
    }

    @Test func `nesting is bounded`() {
        func nested(_ depth: Int) -> String {
            "{\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        #expect(faults(nested(500)) == [])
        #expect(faults(nested(100_000)) == ["1 517: nested deeper than 512"])
        let objects = String(repeating: "{\"a\":", count: 100_000)
        #expect(read(objects, flattens: true).faults.map { "\($0.fault)" } == ["nested deeper than 512"])
    }

    @Test func `a key that is no field makes the row a misfit`() {
        let table = read(
            "{\"a\":1}\n{\"a\":2,\"x\":{\"y\":[]}}\n{\"x\":1,\"a\":}", [TableSchema.Field("a", .integer)])
        #expect(table.misfits.map { "\($0.row) \($0.column) \($0.problem)" } == ["1 x unknownKey"])
        #expect(table.faults.map(\.number) == [3])
    }

    @Test func `a key is given twice also where it is no column, or an object is flattened`() {
        let fields = [TableSchema.Field("a", .integer)]
        let table = read("{\"x\":1,\"x\":2}\n{\"x\":1}\n{\"x\":1}", fields)
        #expect(table.faults.map { "\($0.number): \($0.fault)" } == ["1: key 'x' is given twice"])
        #expect(table.misfits.map(\.row) == [0, 1])
        let flat = read(
            "{\"a\":{\"b\":1},\"a\":{\"c\":2}}\n{\"a\":{\"b\":1}}\n{\"a\":{\"b\":1}}", flattens: true)
        #expect(flat.faults.map { "\($0.number): \($0.fault)" } == ["1: key 'a' is given twice"])
        #expect(flat.count == 2)
    }

    @Test func `levels are sorted, and told apart by more than their first bytes`() {
        let words = (0..<5000).map { "level number \($0 % 600)" }
        let table = read(
            words.map { "{\"a\":\"\($0)\"}\n" }.joined(), [TableSchema.Field("a", .category)])
        guard case .dictionary(_, let levels) = table.columns[0].storage else {
            Issue.record("no category")
            return
        }
        #expect(levels == Set(words).sorted())
        #expect((0..<5000).map { table.columns[0].string($0)! } == words)
        // One text in two spellings is two levels, sorted by their bytes.
        let accents = read("{\"a\":\"e\u{301}\"}\n{\"a\":\"\u{E9}\"}", [TableSchema.Field("a", .category)])
        if case .dictionary(let indices, let levels) = accents.columns[0].storage {
            #expect(indices == [0, 1] && levels.count == 2)
        }
    }

    @Test func `a row of very many keys takes no longer than its bytes`() {
        let keys = (0..<200_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        // Of this thread: others have the processors too.
        func seconds() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        let start = seconds()
        #expect(inferred("{\(keys)}").count == 200_000)
        #expect(inferred("{\(keys),\"k7\":0}\n{\"a\":1}") == ["a integer"])
        #expect(seconds() - start < 10)
    }

    @Test func `nulls are kept in bits through faults`() {
        var lines = ""
        var expected: [Double?] = []
        for row in 0..<1000 {
            if row % 7 == 0 { lines += "{\"a\":null,\"b\n" }
            lines += row % 3 == 0 ? "{\"a\":null}\n" : "{\"a\":\(row)}\n"
            expected.append(row % 3 == 0 ? nil : Double(row))
        }
        let column = read(lines, [TableSchema.Field("a", .integer)]).columns[0]
        #expect((0..<1000).map { column.isValid($0) ? column.numbers?[$0] : nil } == expected)
        #expect(column.nullCount == 334)
    }

    /// The same rows as the tree reader gives them.
    @Test func `rows are what the JSON reader says`() throws {
        var random = SeededNumbers(3)
        var lines: [String] = []
        for _ in 0..<500 {
            var members: [String: JSONValue] = [:]
            for key in ["a", "b", "c", "d"] where random.next(below: 4) > 0 {
                let values: [JSONValue] = [
                    .null, .string("t\(random.next(below: 5))\"\n漢"), .array([.integer(1), .string("x")]),
                    .object(["k": .boolean(true)]), .integer(Int64(random.next(below: 1000))),
                ]
                members[key] = values[random.next(below: values.count)]
            }
            lines.append(JSONValue.object(members).canonicalText)
        }
        let names = ["a", "b", "c", "d"]
        let table = read(lines.joined(separator: "\n"), names.map { TableSchema.Field($0, .any) })
        for (row, line) in lines.enumerated() {
            let object = try JSONValue(parsing: line)
            for (index, name) in names.enumerated() {
                let expected = object[name].flatMap { $0 == .null ? nil : $0.canonicalText }
                #expect(table.columns[index].string(row) == expected)
            }
        }
    }
}

/// The same numbers every time.
private struct SeededNumbers {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
