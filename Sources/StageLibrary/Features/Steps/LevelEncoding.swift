import CanonicalJSON
import DataFrames
import Estimators
import TableTypes

/// Numbers of levels.
enum LevelEncoding: FittedStep {
    /// A number a level, 1 where a row has it; null is none of them.
    case oneHot(KnownLevels)
    case ordinal(KnownLevels)
    /// - Parameter counts: Of each level how many rows had it.
    case frequency(KnownLevels, counts: [Int])
    case hashed(width: Int)

    init?(_ json: JSONValue) {
        guard let method = json.word("method", or: EncodeStep.Method.oneHot) else { return nil }
        if method == .hashed {
            guard let width = json["width"]?.integer, (1...65_536).contains(width) else { return nil }
            self = .hashed(width: Int(width))
            return
        }
        guard let levels = KnownLevels(json) else { return nil }
        switch method {
        case .oneHot: self = .oneHot(levels)
        case .ordinal: self = .ordinal(levels)
        default:
            let counts = json["counts"]?.array?.compactMap(\.integer) ?? []
            guard counts.count == levels.levels.count, levels.unknown == .bucket,
                counts.allSatisfy({ (1...Int64(UInt32.max)).contains($0) })
            else { return nil }
            self = .frequency(levels, counts: counts.map { Int($0) })
        }
    }

    var json: JSONValue {
        var json: JSONValue
        switch self {
        case .oneHot(let levels), .ordinal(let levels): json = levels.json
        case .frequency(let levels, let counts):
            json = levels.json
            json["counts"] = .array(counts.map { .integer(Int64($0)) })
        case .hashed(let width): json = ["width": .integer(Int64(width))]
        }
        if method != .oneHot { json["method"] = .string(method.rawValue) }
        return json
    }

    private var method: EncodeStep.Method {
        switch self {
        case .oneHot: .oneHot
        case .ordinal: .ordinal
        case .frequency: .frequency
        case .hashed: .hashed
        }
    }

    func outputs(of columns: [FeatureShape]) -> [FeatureShape]? {
        guard columns.count == 1 else { return nil }
        let name = columns[0].name
        func vector(_ parts: [String]) -> [FeatureShape] {
            [FeatureShape(name: name, type: .vector, parts: parts.map { "\(name)=\($0)" })]
        }
        switch self {
        case .oneHot(let levels): return vector(levels.names)
        case .ordinal: return [FeatureShape(name: name, type: .integer)]
        case .frequency: return [FeatureShape(name: name, type: .number)]
        case .hashed(let width): return vector((0..<width).map { "#\($0)" })
        }
    }

    func apply(to columns: [DataColumn], first: Int) throws(StageLibraryFinding) -> [FeatureValues] {
        let column = columns[0]
        switch self {
        case .oneHot(let levels): return [.places(try levels.places(of: column, first: first))]
        case .ordinal(let levels):
            let places = try levels.places(of: column, first: first)
            return [
                .column(
                    DataColumn(
                        column.name, .integer, .int64(places.map { Int64(max(0, $0)) }),
                        validity: places.contains(-1) ? ValidityBitmap(places.lazy.map { $0 >= 0 }) : nil))
            ]
        case .frequency(let levels, let counts):
            let encoder = FrequencyEncoder(counts: counts, output: .share)
            let shares = encoder(try levels.places(of: column, first: first))
            return [.column(DataColumn(column.name, numbers: shares, like: column))]
        case .hashed(let width): return [Self.hashed(column, width)]
        }
    }

    private static func hashed(_ column: DataColumn, _ width: Int) -> FeatureValues {
        guard let encoder = try? HashedEncoder(columns: width) else { preconditionFailure("\(width) places") }
        let texts = KnownLevels.texts(column)
        var places = [Int32](repeating: -1, count: column.count)
        var values = [Double](repeating: 0, count: column.count)
        for row in places.indices {
            guard let text = texts.string(row) else { continue }
            let (place, value) = encoder(text)
            (places[row], values[row]) = (Int32(place), value)
        }
        return .weighted(places, values)
    }

    var learned: [(quantity: String, value: JSONValue)] {
        switch self {
        case .oneHot(let levels), .ordinal(let levels): levels.levels.map { ("level", .string($0)) }
        case .frequency(let levels, let counts):
            zip(levels.levels, counts).map { ("rows of '\($0)'", .integer(Int64($1))) }
        case .hashed: []
        }
    }

    var text: String {
        switch self {
        case .oneHot(let levels): levels.text
        case .ordinal(let levels): "the place of \(levels.text)"
        case .frequency(let levels, _): "the share of one of \(levels.levels.count) levels"
        case .hashed(let width): "hashed to \(width) places"
        }
    }
}
