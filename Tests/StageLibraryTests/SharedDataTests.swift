import ArrowIPC
import CanonicalJSON
import DataFrames
import Platform
import StageLibrary
import TableTypes
import Testing

/// The data sets beside the repository, where they are: some may not be
/// committed. Counts are those of their READMEs.
@Suite struct SharedDataTests {
    static let folder = "/work/shared/data"

    @Test(.enabled(if: Files.exists("\(folder)/chinese-reviews")))
    func `chinese reviews are JSON lines`() throws {
        let path = "\(Self.folder)/chinese-reviews/reviews.jsonl"
        let table = try KindHarness("collect.jsonl").run(paths: ["path": path]).table("table")
        #expect(table.frame.count == 11_854)
        let label = try #require(table.frame["label"])
        #expect(label.type == .category && table.frame["text"]?.type == .text)
        let labels = (0..<label.count).compactMap(label.string)
        #expect(labels.count { $0 == "neg" } == 6292 && labels.count { $0 == "pos" } == 5562)
        let texts = Set((0..<label.count).compactMap { table.frame["text"]?.string($0) })
        #expect(texts.count == 5852)
    }

    @Test(.enabled(if: Files.exists("\(folder)/japanese-vowels")))
    func `japanese vowels have lists of numbers within`() throws {
        for (name, rows) in [("train", 270), ("test", 370)] {
            let path = "\(Self.folder)/japanese-vowels/\(name).jsonl"
            let table = try KindHarness("collect.jsonl").run(paths: ["path": path]).table("table")
            #expect(table.frame.count == rows)
            #expect(table.tableType["channels"]?.type == .json)
            for row in 0..<rows {
                let channels = try JSONValue(parsing: #require(table.frame["channels"]?.string(row)))
                let lengths = Set((channels.array ?? []).map { $0.array?.count ?? 0 })
                #expect(channels.array?.count == 12 && lengths.count == 1)
                #expect((7...29).contains(lengths.first ?? 0))
            }
        }
    }

    @Test(.enabled(if: Files.exists("\(folder)/reuters-xml")))
    func `reuters stories are XML, topics lists`() throws {
        var files: [(name: String, bytes: [UInt8])] = []
        for kind in ["acq", "crude"] {
            let folder = "\(Self.folder)/reuters-xml/\(kind)"
            for name in try Files.list(folder) where name.hasSuffix(".xml") {
                files.append(("\(kind)/\(name)", try Files.read("\(folder)/\(name)")))
            }
        }
        let table = try KindHarness("collect.xml").run(
            [
                "rows": "/REUTERS",
                "columns": [
                    "date": "DATE", "topics": "TOPICS/D", "places": "PLACES/D", "title": "TEXT/TITLE",
                    "body": "TEXT/BODY", "id": "@NEWID",
                ],
            ],
            several: files,
            schema: schema([
                "fields": [
                    ["name": "id", "type": "integer", "role": "id", "constraints": ["unique": true]],
                    ["name": "date"], ["name": "topics", "type": "array"],
                    ["name": "places", "type": "array"],
                    ["name": "title"], ["name": "body"],
                ]
            ])
        ).table("table")
        #expect(table.frame.count == 70)
        let topics = try (0..<70).map { row in
            try JSONValue(parsing: #require(table.frame["topics"]?.string(row))).strings ?? []
        }
        #expect(topics.allSatisfy { $0.contains("acq") || $0.contains("crude") })
        #expect(topics.contains { $0.count > 1 })
        #expect(table.frame["body"]?.string(0)?.isEmpty == false)
    }
}
