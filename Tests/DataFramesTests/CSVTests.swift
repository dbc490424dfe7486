import DataFrames
import Platform
import TableTypes
import Testing

@Suite struct CSVTests {
    func records(_ text: String) throws -> CSVRecords { try records(Array(text.utf8)) }

    /// All of which are rows.
    func records(_ bytes: [UInt8]) throws -> CSVRecords {
        let records = try CSVRecords(scanning: bytes, CSVFormat())
        if let fault = records.faults.first { throw fault.error }
        return records
    }

    func message(_ bytes: [UInt8]) -> String? {
        #expect(throws: CSVError.self) { try records(bytes) }?.description
    }

    @Test func `quotes, line ends and a byte order mark are read as RFC 4180 says`() throws {
        let table = try records("\u{FEFF}a,b\r\n\"x,\"\"y\"\"\",\"two\nlines\"\r\n\r\n,last")
        #expect(table.names == ["a", "b"])
        #expect(table.count == 2)
        #expect(table.columns[0] == StringStorage(["x,\"y\"", ""]))
        #expect(table.columns[1] == StringStorage(["two\nlines", "last"]))
    }

    @Test func `what is wrong is named with row and column`() {
        #expect(message([]) == "the file is empty; a header row is needed")
        #expect(message(Array("a,a\n".utf8)) == "two columns are named 'a'")
        #expect(
            message(Array("a,b\n1,2\n3\n".utf8))
                == "row 3 has 1 fields, the header has 2; column 'b' is missing")
        #expect(
            message(Array("a,b\n1,2,3\n".utf8)) == "row 2, column 3: a field more than the 2 of the header")
        #expect(
            message(Array("a,b\n1,x\"y\n".utf8))
                == "row 2, column 2: a quote inside a field that does not start with one")
        #expect(message(Array("a\n\"x\"y\n".utf8)) == "row 2, column 1: text after the closing quote")
        #expect(message(Array("a\n\"x\n".utf8)) == "row 2, column 1: the quote is never closed")
    }

    @Test func `bytes that are not UTF-8 are named, GB18030 by its name`() {
        #expect(
            message([0x61, 0x0A, 0xD6, 0xD0, 0xCE, 0xC4, 0x0A])
                == "row 2: not UTF-8 at byte 2; the bytes read as GB18030: write encoding: gb18030")
        #expect(message([0x61, 0x0A, 0xFF, 0x0A]) == "row 2: not UTF-8 at byte 2")
        #expect(message([0x61, 0x0A, 0xE6, 0xB1]) != nil)
    }

    @Test func `types are inferred and empty fields are null`() throws {
        let frame = try records("b,i,f,d,t\ntrue,1,1,1970-01-02,x\n,-2,2.5,2000-02-29,nan\n").dataFrame()
        #expect(frame.columns.map(\.type) == [.boolean, .integer, .number, .date, .text])
        #expect(frame["b"]?.nullCount == 1)
        #expect(frame["i"]?.numbers == [1, -2])
        #expect(frame["d"]?.storage == .date32([1, 11_016]))
    }

    @Test func `a value that does not fit its told type is named`() throws {
        let table = try records("a\n1\nx\n")
        let error = #expect(throws: CSVValueError.self) {
            try table.dataFrame(types: TableType([Column("a", .integer)]))
        }
        #expect(error?.description == "row 3, column 'a': 'x' is not of type integer")
    }

    @Test func `german credit has 7 numeric and 14 category columns, 700 of them good`() throws {
        let path = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let frame = try records(Files.read(path + "/pipelines/data/german_credit.csv"))
            .dataFrame()
        #expect(frame.count == 1000)
        #expect(frame.columns.filter { $0.type == .integer }.count == 7)
        #expect(frame.columns.filter { $0.type == .category }.count == 14)
        let target = try #require(frame["creditability"])
        #expect((0..<1000).filter { target.string($0) == "good" }.count == 700)
        #expect(frame["credit_amount"]?.numbers?.prefix(2) == [1169, 5951])
        #expect(frame["telephone"]?.string(0) == "yes, registered under the customers name")
    }

    @Test func `records that make no row are kept apart, and the next line is read again`() throws {
        let text = "a,b\n1,2\n3\nx\"y,4\n\"q\"r,5\n6,7,8\n9,10\n"
        let table = try CSVRecords(scanning: Array(text.utf8), CSVFormat())
        #expect(
            table.columns.map { column in (0..<table.count).map { column[$0] } } == [
                ["1", "9"], ["2", "10"],
            ])
        #expect((0..<2).map(table.number(ofRow:)) == [2, 7])
        #expect(
            table.faults.map { "\($0.row): \($0.error.reason)" } == [
                "3: it has 1 fields, the header has 2; column 'b' is missing",
                "4: field 1: a quote inside a field that does not start with one",
                "5: field 1: text after the closing quote", "6: it has more fields than the 2 of the header",
            ])
        #expect(try CSVRecords(scanning: Array(text.utf8), CSVFormat(), rows: 1).faults.isEmpty)
    }

    @Test func `the delimiter is the one that cuts evenly`() {
        func found(_ text: String) -> Character {
            Character(Unicode.Scalar(Array(text.utf8).withUnsafeBytes { CSVFormat.delimiter(of: $0) }))
        }
        #expect(found("a;b\n1,5;2\n1;2,5\n") == ";")
        #expect(found("a,b;c\n1,2;3\n") == ",")
        #expect(found("a\tb\n\"x,y\"\t2\n") == "\t")
        #expect(found("note\nyes, no\n") == ",")
        #expect(found("a|b\n1|2\n3\n") == "|")
        #expect(found("") == ",")
    }

    @Test(
        arguments: [
            ("0001-01-01", -719_162), ("1969-12-31", -1), ("2000-02-29", 11_016), ("9999-12-31", 2_932_896),
        ] as [(String, Int32)])
    func `a date is read and written the same`(text: String, days: Int32) {
        #expect(FieldText.date(text) == days)
        #expect(FieldText.text(days: days) == text)
    }

    @Test func `dates that are none, and those no text holds, are nil`() {
        for text in [
            "1900-02-29", "2024-13-01", "2024-00-10", "0000-01-01", "2024-1-01", "20240101", "2024-01-01Z",
        ] {
            #expect(FieldText.date(text) == nil, "\(text)")
        }
        #expect(FieldText.text(days: 2_932_897) == nil && FieldText.text(days: -719_163) == nil)
    }

    @Test func `times are read with zones and fractions, and written in UTC`() {
        #expect(FieldText.timestamp("1970-01-01T00:00:01Z") == 1_000_000)
        #expect(FieldText.timestamp("1970-01-01 00:00:01") == 1_000_000)
        #expect(FieldText.timestamp("1970-01-01T01:00:00+01:30") == -1_800_000_000)
        #expect(FieldText.timestamp("1969-12-31T23:59:59.5") == -500_000)
        #expect(FieldText.text(microseconds: -500_000) == "1969-12-31T23:59:59.500000Z")
        #expect(FieldText.text(microseconds: 86_400_000_000) == "1970-01-02T00:00:00Z")
        for text in [
            "1970-01-01T24:00:00", "1970-01-01T00:60:00", "1970-01-01T00:00:00.",
            "1970-01-01T00:00:00.1234567",
            "1970-01-01T00:00:00+1:00", "1970-01-01T00:00:00ZZ", "1970-01-01X00:00:00", "1970-01-01T00:00",
        ] { #expect(FieldText.timestamp(text) == nil, "\(text)") }
    }

    @Test func `a column without a name takes none that is there`() throws {
        #expect(
            try records("column_2,,column_4_2,,column_4\n1,2,3,4,5\n").names
                == ["column_2", "column_2_2", "column_4_2", "column_4_3", "column_4"])
        #expect(try records("a,,\n1,2,3\n").names == ["a", "column_2", "column_3"])
    }

    /// As a file has where a disk failed, or one of UTF-16 that does not say so.
    @Test func `a record with a NUL character makes no row, the others do`() throws {
        let text = "a,b\n1,x\n2,y\0z\n\"\0\",q\n3\n4,\n\0,\0\n5,w"
        let table = try CSVRecords(scanning: Array(text.utf8), CSVFormat())
        #expect((0..<table.count).map { table.columns[0][$0] } == ["1", "4", "5"])
        #expect((0..<3).map(table.number(ofRow:)) == [2, 6, 8])
        #expect(
            table.faults.map { "\($0.row): \($0.error.reason)" } == [
                "3: field 2: a NUL character; is the encoding another one?",
                "4: field 1: a NUL character; is the encoding another one?",
                "5: it has 1 fields, the header has 2; column 'b' is missing",
                "7: field 1: a NUL character; is the encoding another one?",
            ])
        #expect(throws: CSVError.nulCharacter(row: 1, column: 2)) {
            try CSVRecords(scanning: Array("a,\0\n1,2\n".utf8), CSVFormat())
        }
    }
}
