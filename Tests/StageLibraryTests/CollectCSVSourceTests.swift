import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes
import Testing

/// What bytes of a CSV file may be: packed, in another encoding, in several files.
@Suite struct CollectCSVSourceTests {
    let collect: KindHarness
    init() throws { collect = try KindHarness("collect.csv") }

    private func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.count, by: 2).map { place in
            let start = hex.index(hex.startIndex, offsetBy: place)
            return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)!
        }
    }

    private func rows(
        _ bytes: [UInt8], _ parameters: JSONValue = [:], name: String = "a.csv"
    ) throws -> [String] {
        let frame = try collect.run(parameters, files: ["path": (name, bytes)]).table("table").frame
        return (0..<frame.count).map { row in
            frame.columns.map { column in
                column.string(row) ?? column.numbers.map { "\(Int($0[row]))" } ?? "null"
            }
            .joined(separator: " ")
        }
    }

    /// `a,b\n1,x\n2,y\n` by gzip 1.12.
    private var gzip: [UInt8] { bytes("1f8b08000000000002034bd449e232d4a9e032d2a9e40200c2967e9d0c000000") }
    /// The same by zstd 1.5.4, with a checksum.
    private var zstd: [UInt8] { bytes("28b52ffd240c610000612c620a312c780a322c790a2e9f2146") }
    /// The same without.
    private var bareZstd: [UInt8] { bytes("28b52ffd200c610000612c620a312c780a322c790a") }

    @Test func `files packed with gzip and zstd are read, several members too`() throws {
        for packed in [gzip, zstd, bareZstd] { #expect(try rows(packed) == ["1 x", "2 y"]) }
        // Whatever it is called, and one after another.
        #expect(try rows(gzip, name: "a.csv.gz") == ["1 x", "2 y"])
        let parameters: JSONValue = ["header": false]
        for packed in [gzip, zstd, bareZstd] {
            #expect(try rows(packed + packed, parameters) == ["a b", "1 x", "2 y", "a b", "1 x", "2 y"])
        }
    }

    @Test func `packed data that are cut or damaged are an error, never a table of less`() throws {
        for packed in [gzip, zstd, bareZstd] {
            for count in 4..<packed.count {
                let failure = collect.failure(files: ["path": ("a.csv.gz", Array(packed[..<count]))])
                #expect(failure?.contains("data end too early, at byte \(count)") == true, "\(count)")
            }
        }
        for (packed, whole) in [(gzip, 10..<gzip.count), (zstd, 4..<zstd.count)] {
            for place in whole {
                var other = packed
                other[place] ^= 0x55
                #expect(throws: StageError.self, "\(place)") {
                    try collect.run(files: ["path": ("a.csv", other)])
                }
            }
        }
        #expect(
            collect.failure(files: ["path": ("data/a.csv.gz", gzip + [1, 2, 3, 4])])
                == "'data/a.csv.gz': row 4: the gzip data are damaged near byte 34")
    }

    @Test func `zeros behind the last gzip member are padding, and nothing may follow them`() throws {
        let zeros = [UInt8](repeating: 0, count: 70_000)
        for count in [1, 20, 70_000] { #expect(try rows(gzip + zeros[..<count]) == ["1 x", "2 y"]) }
        let failure = collect.failure(files: ["path": ("a.csv.gz", gzip + zeros + [1] + zeros)])
        #expect(failure == "'a.csv.gz': row 4: the gzip data are damaged near byte \(gzip.count + 70_000)")
        #expect(throws: StageError.self) { try rows(gzip + [0] + gzip) }
    }

    @Test func `a zstd frame that asks for too wide a window is told so`() throws {
        // Headers of RFC 8878, section 3.1.1.1, and one raw block: windows of 256, 128 and 144 MiB, and one that the content is.
        let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
        let block = [UInt8((5 << 3) | 1), 0, 0] + Array("a\n1\n2".utf8)
        #expect(try rows(magic + [0x00, 17 << 3] + block) == ["1", "2"])
        for (header, size) in [
            ([0x00, 18 << 3], 256), ([0x00, 17 << 3 | 1], 144), ([0xA0, 1, 0, 0, 0x10], 257),
        ] as [([UInt8], Int)] {
            #expect(
                collect.failure(files: ["path": ("a.csv.zst", magic + header + block)])
                    == "'a.csv.zst': the zstd data ask for a window of \(size) MiB, more than the 128 MiB there are for it; unpack the file first (zstd -d --long=31), or pack it without --long"
            )
        }
    }

    @Test(arguments: ["collect.jsonl", "collect.json", "collect.xml"])
    func `files of other forms are unpacked as those of CSV are`(kind: String) throws {
        let harness = try KindHarness(kind)
        let text =
            [
                "collect.jsonl": "{\"a\":1}\n", "collect.json": "[{\"a\":1}]",
                "collect.xml": "<r><i a='1'/></r>",
            ][
                kind] ?? ""
        let parameters: JSONValue = kind == "collect.xml" ? ["rows": "/r/i", "columns": ["a": "@a"]] : [:]
        // A raw block in a frame of zstd, and a stored one in a member of gzip (RFC 1952).
        let bytes = Array(text.utf8)
        let zstd: [UInt8] =
            [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58, UInt8(truncatingIfNeeded: bytes.count << 3 | 1)]
            + [UInt8(bytes.count >> 5), 0] + bytes
        let length = UInt16(bytes.count)
        func little(_ value: UInt32, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        var sum = ~UInt32(0)
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        let gzip: [UInt8] =
            [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1] + little(UInt32(length), 2) + little(UInt32(~length), 2)
            + bytes + little(~sum, 4) + little(UInt32(bytes.count), 4)
        for packed in [bytes, zstd, gzip, gzip + [0, 0]] {
            let frame = try harness.run(parameters, files: ["path": ("a.gz", packed)]).table("table").frame
            #expect(frame["a"]?.numbers == [1])
        }
        for cut in 12..<gzip.count {
            #expect(
                harness.failure(parameters, files: ["path": ("a.gz", Array(gzip[..<cut]))])
                    == "'a.gz': the gzip data end too early, at byte \(cut); copy or fetch the file again")
        }
    }

    @Test func `a small file that unfolds without end is refused`() throws {
        // The header, `a,b`, in a raw block; then blocks of one byte 131,072 times (RFC 8878, 3.1.1.2.2): line feeds, which are no rows.
        var bomb: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58] + [0x18, 0x00, 0x00] + Array("a,b".utf8)
        let header = UInt32(131_072) << 3 | 1 << 1
        for last in (0..<4200).map({ $0 == 4199 }) {
            let word = header | (last ? 1 : 0)
            bomb += (0..<3).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } + [0x0A]
        }
        #expect(
            collect.failure(files: ["path": ("bomb.csv.zst", bomb)])
                == "'bomb.csv.zst': row 2: the zstd data unfold to more than 536870912 bytes, 1024 times the file; unpack it first if it is what it should be"
        )
    }

    @Test func `GB18030 is read, with characters of one, two and four bytes`() throws {
        // Encoded by Python's gb18030.
        let text = bytes("b3c7cad02cc8cbcafd0ab1b1bea92c330a8139ef319534b2352c340a")
        let frame = try collect.run(["encoding": "gb18030"], files: ["path": ("a.csv", text)]).table("table")
            .frame
        #expect(frame.names == ["城市", "人数"])
        #expect((0..<2).map { frame["城市"]?.string($0) } == ["北京", "㐂𠮷"])
        #expect(frame["人数"]?.numbers == [3, 4])
    }

    @Test func `what is not of its encoding is an error with the row`() throws {
        let start = Array("a,b\n".utf8)
        let rows = start + Array(repeatElement(Array("中,1\n".utf8), count: 1).joined())
        #expect(
            collect.failure(
                ["encoding": "gb18030"],
                files: ["path": ("data/a.csv", start + [0xD6, 0xD0, 0x2C, 0x31, 0x0A, 0xFF, 0x2C, 0x0A])])
                == "'data/a.csv': row 3: not GB18030 at byte 9")
        // Half a character at the end.
        #expect(
            collect.failure(["encoding": "gb18030"], files: ["path": ("a.csv", start + [0x31, 0x2C, 0xD6])])
                == "'a.csv': row 2: not GB18030 at byte 6")
        #expect(
            collect.failure(files: ["path": ("a.csv", rows + [0x61, 0x2C, 0xFF, 0x0A])])
                == "'a.csv': row 3: not UTF-8 at byte \(rows.count + 2)")
        let utf16: [UInt8] = [0xFF, 0xFE, 0x61, 0x00, 0x0A, 0x00, 0x00, 0xD8, 0x0A, 0x00]
        #expect(
            collect.failure(files: ["path": ("a.csv", utf16)])
                == "'a.csv': row 2: not UTF-16: half of a surrogate pair stands alone")
        #expect(
            collect.failure(files: ["path": ("a.csv", utf16[..<6] + [0x61])])
                == "'a.csv': row 2: not UTF-16: the number of bytes is odd")
    }

    @Test func `texts of other encodings are the same in pieces of any length`() throws {
        // Longer than what is decoded at once, with characters across its ends.
        let lines = (0..<30_000).map { "\($0 % 7)𠮷é中,\(String(repeating: "x", count: $0 % 11))" }
        let text = "a,b\n" + lines.joined(separator: "\n")
        let expected = try rows(Array(text.utf8))
        let utf16 = "\u{FEFF}\(text)".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        #expect(try rows(utf16) == expected)
        let latin = lines.map { $0.replacing("𠮷", with: "").replacing("中", with: "ü") }
        let latinText = "a,b\n" + latin.joined(separator: "\n")
        #expect(
            try rows(latinText.unicodeScalars.map { UInt8($0.value) }, ["encoding": "latin-1"])
                == rows(Array(latinText.utf8)))
    }

    @Test func `several files are one table, and rejects name the file`() throws {
        let files: [(String, [UInt8])] = [
            ("one.csv", Array("id,kind\n1,b\n2,a\n".utf8)),
            ("two.csv", Array("kind,id\nc,3\na,x\nb,1\n".utf8)),
            ("three.csv", Array("id,kind\n".utf8)),
        ]
        let schema = try StageLibraryTests.schema([
            "fields": [
                ["name": "id", "type": "integer", "constraints": ["unique": true]],
                ["name": "kind", "type": "string", "constraints": ["enum": ["a", "b", "c"]]],
            ]
        ])
        let outcome = try collect.run(["max_rejects": 2], several: files, schema: schema)
        let frame = try outcome.table("table").frame
        #expect(frame["id"]?.numbers == [1, 2, 3])
        #expect((0..<3).map { frame["kind"]?.string($0) } == ["b", "a", "c"])
        let rejects = try outcome.table("rejects").frame
        #expect(rejects.names == ["file", "row", "column", "reason"])
        #expect((0..<2).map { rejects["file"]?.string($0) } == ["two.csv", "two.csv"])
        #expect(rejects["row"]?.numbers == [3, 4])
        #expect(rejects["reason"]?.string(1) == "'1' was there before, but must be unique")
        // A glob that finds one file is that file.
        let one = try collect.run(several: [files[0]]).table("rejects").frame
        #expect(one.names == ["row", "column", "reason"])
    }

    @Test func `a file of other columns than the schema's is named`() throws {
        let error = #expect(throws: StageError.self) {
            try collect.run(several: [
                ("one.csv", Array("id,kind\n1,b\n".utf8)), ("two.csv", Array("id,kinds\n1,b\n".utf8)),
            ])
        }
        #expect(error?.message == "'two.csv': the schema's field 'kind' is no column of the data")
    }

    @Test func `whether a glob finds several files is left open`() throws {
        let closed = try collect.check("{ path: a.csv }").outputs["rejects"]
        let open = try collect.check("{ path: a/*.csv }").outputs["rejects"]
        guard case .table(let one) = closed, case .table(let several) = open else {
            Issue.record("no tables")
            return
        }
        #expect(!one.isOpen && several.isOpen && one.columns == several.columns)
    }

    @Test func `a record that the memory does not hold is an error with its row`() throws {
        let text = "a,b\n1,2\n3,\"" + String(repeating: "x", count: 200_000)
        let folder = try scratchFolder()
        try Files.write(Array(text.utf8), to: folder + "/a.csv")
        let run = StageRun(
            parameters: ["delimiter": ","],
            schema: try schema(["fields": [["name": "a"], ["name": "b"]]]), memory: 1 << 20,
            inputs: [.init(port: "path", type: .file, path: folder + "/a.csv", basename: "a.csv")],
            outputs: ["table": folder + "/table", "rejects": folder + "/rejects"])
        let error = #expect(throws: StageError.self) { try collect.kind.run(run) }
        #expect(
            error?.message
                == "'a.csv': row 3 has more than 131072 bytes; is the delimiter or the quote another one?")
        #expect(try Files.list(folder) == ["a.csv"])
    }
}
