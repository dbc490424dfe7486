import ArrowIPC
import CanonicalJSON
import DataFrames
import Glibc
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes
import Testing

/// `collect.images` and `collect.audio`, over the files that the tests of their readers keep.
@Suite struct CollectMediaTests {
    let images: KindHarness
    let audio: KindHarness

    init() throws {
        images = try KindHarness("collect.images")
        audio = try KindHarness("collect.audio")
    }

    private static let tests = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()

    private func image(_ name: String) throws -> [UInt8] {
        try Files.read("\(Self.tests)/ImagesTests/Fixtures/\(name)")
    }
    private func sound(_ name: String) throws -> [UInt8] {
        try Files.read("\(Self.tests)/AudioTests/Fixtures/\(name).wav")
    }

    /// Rows as the texts of their columns; of bytes how many they are.
    private func rows(_ outcome: Outcome) throws -> [String] {
        let frame = try outcome.table("table").frame
        return (0..<frame.count).map { row in
            frame.columns.map { column in
                guard column.isValid(row) else { return "null" }
                return switch column.storage {
                case .int64(let values): "\(values[row])"
                case .binary(let values): "\(values[row].count) bytes"
                default: column.string(row) ?? "?"
                }
            }.joined(separator: " ")
        }
    }

    private func manifest(_ columns: [DataColumn], roles: [String: ColumnRole] = [:]) throws -> ArrowTable {
        ArrowTable(frame: try DataFrame(columns), roles: roles)
    }

    private func texts(_ name: String, _ values: [String?]) -> DataColumn {
        DataColumn(
            name, .text, .utf8(StringStorage(values.map { $0 ?? "" })),
            validity: ValidityBitmap(values.map { $0 != nil }))
    }

    private func pets() throws -> [(name: String, bytes: [UInt8])] {
        [
            ("cat/1.png", try image("colour-8.png")), ("cat/more/2.jpeg", try image("grey.jpg")),
            ("dog/3.png", try image("grey-8.png")),
        ]
    }

    @Test func `each file is a row with what it says of itself`() throws {
        let outcome = try images.run(["labels": "folders"], several: pets())
        let (first, second, third) = try (image("colour-8.png"), image("grey.jpg"), image("grey-8.png"))
        #expect(
            try rows(outcome) == [
                "cat/1.png cat 9 10 3 \(first.count) bytes",
                "cat/more/2.jpeg cat 19 13 1 \(second.count) bytes",
                "dog/3.png dog 9 10 1 \(third.count) bytes",
            ])
        let table = try outcome.table("table")
        #expect(table.frame.names == ["path", "label", "width", "height", "channels", "image"])
        #expect(table.roles == ["path": .id])
        #expect(table.frame["image"]?.storage == .binary(BinaryStorage([first, second, third])))
        #expect(try rejects(outcome) == [])
        #expect(outcome.facts["table.rows"] == 3)
    }

    /// As people see it: the height of one turned by a quarter is its width in the file.
    @Test func `a picture's size is that of the picture upright`() throws {
        let outcome = try images.run(several: [("a.jpg", image("orientation-6.jpg"))])
        #expect(try rows(outcome)[0].hasPrefix("a.jpg 13 19 3 "))
    }

    @Test func `sounds are rows too`() throws {
        let files: [(name: String, bytes: [UInt8])] = [
            ("a.wav", try sound("whole-16-2")), ("b.wav", try sound("float-32")),
        ]
        #expect(
            try rows(audio.run(several: files)) == [
                "a.wav 16000 2 10 \(files[0].bytes.count) bytes",
                "b.wav 44100 2 10 \(files[1].bytes.count) bytes",
            ])
        #expect(
            audio.failure(files: ["path": ("data/a.wav", Array(files[0].bytes.dropLast()))])
                == """
                'data/a.wav': row 1, column 'audio': the WAV file ends too early, after \(files[0].bytes.count - 1) bytes; it announces \(files[0].bytes.count)
                  fix: correct the data or the schema, or write max_rejects: 1 to keep such rows apart
                """)
    }

    @Test func `files that do not fit are rejects, with the reason`() throws {
        var bomb = try image("colour-8.png")
        bomb.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
        let files: [(name: String, bytes: [UInt8])] = [
            ("a/1.png", try image("colour-8.png")), ("a/2.png", Array(try image("colour-8.png").dropLast(9))),
            ("b.png", try image("grey-8.png")), ("a/c.txt", Array("notes".utf8)), ("a/d.png", []),
            ("a/e.png", bomb),
        ]
        let outcome = try images.run(["labels": "folders", "max_rejects": 5], several: files)
        #expect(try outcome.table("table").frame.count == 1)
        let cut = files[1].bytes.count
        #expect(
            try rejects(outcome) == [
                "a/2.png/1 image: the PNG file ends too early, after \(cut) bytes",
                "b.png/1 label: it stands in no folder that would be its class",
                "a/c.txt/1 image: neither a PNG nor a JPEG file: its 5 bytes begin with the signature of neither",
                "a/d.png/1 image: neither a PNG nor a JPEG file: its 0 bytes begin with the signature of neither",
                "a/e.png/1 image: the PNG file is damaged before byte 33: IHDR: CRC error",
            ])
        let small = try images.run(["max_bytes": 269, "max_rejects": 1], several: Array(files[..<1]))
        #expect(
            try rejects(small) == [
                "a/1.png/1 image: an image of 9 x 10 with 3 channels is too large: allowed are 269 bytes"
            ])
        #expect(try small.table("table").frame.count == 0)
    }

    @Test func `a manifest says which files, in which order, and more of them`() throws {
        let table = try manifest(
            [
                texts("file", ["dog/3.png", "nowhere.png", "cat/1.png", nil, "dog/3.png"]),
                DataColumn("age", .integer, .int64([3, 0, 1, 0, 4])),
            ], roles: ["age": .target])
        let outcome = try images.run(
            ["by": "file", "max_rejects": 2], tables: ["manifest": table], several: pets())
        #expect(
            try rows(outcome).map { $0.split(separator: " ").prefix(5).joined(separator: " ") } == [
                "dog/3.png 3 9 10 1", "cat/1.png 1 9 10 3", "dog/3.png 4 9 10 1",
            ])
        #expect(
            try outcome.table("table").frame.names == ["file", "age", "width", "height", "channels", "image"])
        #expect(try outcome.table("table").roles == ["age": .target])
        #expect(
            try rejects(outcome) == [
                "manifest/2 file: there is no file 'nowhere.png'", "manifest/4 file: it names no file",
            ])
        #expect(outcome.logs == ["1 of 3 files are named by no row of the manifest"])
    }

    @Test func `a manifest that cannot be taken is told`() throws {
        let files: [String: (name: String, bytes: [UInt8])] = ["path": ("a.png", try image("grey-8.png"))]
        func fault(_ columns: [DataColumn], _ parameters: JSONValue = [:]) throws -> String? {
            images.failure(parameters, tables: ["manifest": try manifest(columns)], files: files)
        }
        #expect(
            try fault([texts("file", ["a.png"])])
                == "table 'manifest' has no column 'path', the one that names files\n  columns: file")
        #expect(
            try fault([texts("path", ["a.png"]), texts("width", ["1"])])
                == "two columns of the result would be called 'width'")
        #expect(
            try fault([DataColumn("path", .integer, .int64([1]))])
                == "a manifest cannot take column 'path' of type integer\n  expected: text, category")
        let error = #expect(throws: StageError.self) {
            try images.run(
                tables: ["manifest": try manifest([texts("path", ["a.png"])])],
                several: [("a.png", try image("grey-8.png")), ("a.png", [])])
        }
        #expect(error?.message.contains("both have the path 'a.png'") == true)
    }

    @Test func `check knows the columns`() throws {
        func names(_ with: String, _ inputs: [String: StaticType] = [:]) throws -> [String]? {
            guard case .table(let type)? = try images.check(with, inputs).outputs["table"] else { return nil }
            return type.columns.map { "\($0.name) \($0.type)" }
        }
        let facts = ["width integer", "height integer", "channels integer", "image image"]
        #expect(try names("{ path: '*.png' }") == ["path text"] + facts)
        #expect(try names("{ path: '*.png', labels: folders }") == ["path text", "label category"] + facts)
        let known = StaticType.table(TableType([Column("path", .text), Column("age", .number)]))
        #expect(try names("{ path: '*.png' }", ["manifest": known]) == ["path text", "age number"] + facts)
        let other = StaticType.table(TableType([Column("image", .text), Column("path", .text)]))
        #expect(
            try images.check("{ path: '*.png' }", ["manifest": other]).text.contains(
                "two columns of the result would be called 'image'"))
        #expect(
            try images.check("{ labels: folders }").text.contains(
                "write path: data/FILE.png under 'with', or in: STAGE for a file another stage gives"))
    }

    @Test func `threads change no byte`() throws {
        func digest(_ threads: Int) throws -> [UInt8] {
            let folder = try scratchFolder()
            let inputs = try (0..<1100).map { number in
                let path = "\(folder)/\(number)"
                let bytes = try image(number % 3 == 0 ? "grey.jpg" : "colour-8.png")
                try Files.write(number % 100 == 7 ? Array(bytes.dropLast(number % 9 + 1)) : bytes, to: path)
                return StageRun.Artifact(port: "path", type: .file, path: path, basename: "\(number).png")
            }
            try images.kind.run(
                StageRun(
                    parameters: ["max_rejects": 20], threads: threads, inputs: inputs,
                    outputs: ["table": folder + "/table", "rejects": folder + "/rejects"]))
            return try Files.read(folder + "/table") + Files.read(folder + "/rejects")
        }
        let one = try digest(1)
        #expect(try digest(3) == one)
    }

    @Test func `tables of images are written as text in Base64, and not to Parquet`() throws {
        let table = try images.run(several: [("a.png", image("grey-8.png"))]).table("table")
        let export = try KindHarness("table.export")
        let text = try export.run(["form": "jsonl"], tables: ["in": table]).text("file")
        #expect(text.contains("\"image\":\"\(Base64.encode(try image("grey-8.png")))\""))
        #expect(
            export.failure(["form": "parquet"], tables: ["in": table])
                == """
                column 'image' is of type image, which is not written to Parquet
                  fix: write the table as Arrow, or leave the column out: table.select
                """)
    }

    @Test func `paths are told apart by their bytes`() throws {
        let (one, two) = ("\u{E9}", "e\u{301}")
        let picture = try image("grey-8.png")
        let files =
            [one, two].map { (name: "\($0)/\($0).png", bytes: picture) } + [("c/\u{301}.png", picture)]
        let outcome = try images.run(["labels": "folders"], several: files)
        if case .dictionary(let indices, let levels)? = try outcome.table("table").frame["label"]?.storage {
            #expect(levels.map { Array($0.utf8) } == ["c", two, one].map { Array($0.utf8) })
            #expect(indices == [2, 1, 0])
        }
        let manifest = try manifest([texts("path", ["\(two)/\(two).png"])])
        let chosen = try images.run(["labels": "folders"], tables: ["manifest": manifest], several: files)
        let label = try #require(chosen.table("table").frame["label"]?.string(0))
        #expect(Array(label.utf8) == Array(two.utf8))
    }

    @Test func `bytes of outputs are pinned`() throws {
        let outputs = ["table", "rejects"]
        let table = try manifest([texts("path", ["dog/3.png", "cat/1.png", "x"])])
        try expectGoldens(
            "collect.images",
            [
                ("none", images.run(several: pets()).digest(outputs)),
                ("folders", images.run(["labels": "folders"], several: pets()).digest(outputs)),
                (
                    "manifest",
                    images.run(["max_rejects": 1], tables: ["manifest": table], several: pets()).digest(
                        outputs)
                ),
                (
                    "max_bytes",
                    images.run(["max_bytes": 100, "max_rejects": 3], several: pets()).digest(outputs)
                ),
            ])
        let sounds: [(name: String, bytes: [UInt8])] = [
            ("a/1.wav", try sound("whole-16-2")), ("b/2.wav", try sound("float-32")),
        ]
        try expectGoldens(
            "collect.audio",
            [
                ("none", audio.run(several: sounds).digest(outputs)),
                ("folders", audio.run(["labels": "folders"], several: sounds).digest(outputs)),
            ])
    }
}

extension BinaryStorage {
    fileprivate init(_ values: [[UInt8]]) {
        self.init()
        for value in values { append(value) }
    }
}
