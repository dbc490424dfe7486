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

/// SplitMix64, for tests that need chance.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
