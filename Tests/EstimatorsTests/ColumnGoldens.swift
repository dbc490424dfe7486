import CanonicalJSON
import Testing

@testable import Estimators

/// Goldens of estimators of columns (Goldens/Columns/make.py), in which what is missing is null.
enum ColumnGoldens {
    static func read(_ part: String) throws -> JSONValue { try Goldens.read("Columns/\(part).json") }

    /// A list of numbers, NaN where it has null.
    static func numbers(_ value: JSONValue?) -> [Double] { value?.array?.map { $0.number ?? .nan } ?? [] }

    /// A list of lists, row by row.
    static func matrix(_ value: JSONValue?) -> [Double] { value?.array?.flatMap { numbers($0) } ?? [] }

    static func names(_ value: JSONValue?) -> [String] { value?.array?.compactMap(\.string) ?? [] }

    static func codes(_ value: JSONValue?) -> [Int32] { numbers(value).map { Int32($0) } }

    /// Columns of auto-imports and made ones, by name.
    static func column(_ name: String) throws -> [Double] {
        numbers(try #require(try read("data")["columns"]?[name]))
    }
}

/// The first place where two lists differ by more than a share of 1e-6 of the value and of the greatest one's 1e-12.
/// Nil where they agree. NaN agrees with NaN alone.
func difference(_ found: [Double], _ golden: [Double], within share: Double = 1e-6) -> String? {
    guard found.count == golden.count else { return "\(found.count) values for \(golden.count)" }
    let greatest = golden.reduce(0) { $1.magnitude > $0 ? $1.magnitude : $0 }
    let place = found.indices.first {
        if found[$0].isNaN || golden[$0].isNaN { return found[$0].isNaN != golden[$0].isNaN }
        return (found[$0] - golden[$0]).magnitude > share * golden[$0].magnitude + 1e-12 * max(1, greatest)
    }
    return place.map { "\($0): \(found[$0]), golden \(golden[$0])" }
}

/// That every value an option's range refuses is refused, in words that name the option.
func expectRefused(_ range: OptionRange, _ make: (Double) throws -> Void) {
    for value in range.refused {
        let error = #expect(throws: EstimatorError.self, "\(range.name) \(value)") { try make(value) }
        #expect(error?.description.contains(range.description) ?? false, "\(String(describing: error))")
    }
}

/// The same of an option that is a whole number; what is none is shown to the range alone.
func expectRefused(_ range: OptionRange, whole make: (Int) throws -> Void) {
    expectRefused(range) {
        if let value = Int(exactly: $0) { try make(value) } else { try range.check($0) }
    }
}
