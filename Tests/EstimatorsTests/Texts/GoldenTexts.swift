import CanonicalJSON
import Platform

@testable import Estimators

/// Texts of goldens, and what is done with them.
enum GoldenTexts {
    static func tweets() throws -> [String] {
        try Files.read("\(Goldens.root)/pipelines/data/tweets.jsonl").split(separator: 0x0A).map {
            try JSONValue(parsing: Array($0))["text"]?.string ?? ""
        }
    }

    static func with<T>(_ texts: [String], _ body: (TextBatch) throws -> T) rethrows -> T {
        try TextList(texts).withBatch { try body($0) }
    }
}
