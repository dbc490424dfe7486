import DataFrames
import Platform
import TableTypes
import Testing

@Suite struct CSVTests {
    func records(_ text: String) throws -> CSVRecords { try CSVRecords(parsing: Array(text.utf8)) }

    func message(_ bytes: [UInt8]) -> String? {
        #expect(throws: CSVError.self) { try CSVRecords(parsing: bytes) }?.description
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
                == "not UTF-8 at byte 2; the bytes read as GB18030: convert with 'iconv -f GB18030 -t UTF-8'")
        #expect(message([0x61, 0x0A, 0xFF, 0x0A]) == "not UTF-8 at byte 2")
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
        let frame = try CSVRecords(parsing: Files.read(path + "/pipelines/data/german_credit.csv"))
            .dataFrame()
        #expect(frame.count == 1000)
        #expect(frame.columns.filter { $0.type == .integer }.count == 7)
        #expect(frame.columns.filter { $0.type == .category }.count == 14)
        let target = try #require(frame["creditability"])
        #expect((0..<1000).filter { target.string($0) == "good" }.count == 700)
        #expect(frame["credit_amount"]?.numbers?.prefix(2) == [1169, 5951])
        #expect(frame["telephone"]?.string(0) == "yes, registered under the customers name")
    }
}
