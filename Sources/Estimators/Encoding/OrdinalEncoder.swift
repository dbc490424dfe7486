/// Each level's place among the levels, from 0 on.
///
/// Meaning: scikit-learn's OrdinalEncoder: levels in the order of their UTF-8 bytes, or in an order that is given.
public struct OrdinalEncoder: Sendable, Equatable {
    /// What an unseen level becomes.
    public enum Unknown: Sendable, Equatable {
        case error
        /// May be NaN.
        case value(Double)
    }

    /// In their order.
    public let levels: [String]
    public let unknown: Unknown

    public init(levels: [String], unknown: Unknown = .error) {
        self.levels = levels
        self.unknown = unknown
    }

    /// - Parameter texts: Nil is null and no level.
    public init(fitting texts: [String?], unknown: Unknown = .error) {
        self.init(levels: OneHotEncoder(fitting: texts).levels, unknown: unknown)
    }

    /// What the levels of another table's column become, in their order there. Levels are equal that have equal bytes.
    ///
    /// - Throws: `unseenLevel` for the first one not seen, if that is an error.
    public func values(of others: [String]) throws(EstimatorError) -> [Double] {
        var places: [[UInt8]: Int] = [:]
        for (place, level) in levels.enumerated() { places[Array(level.utf8)] = place }
        var values: [Double] = []
        for other in others {
            switch (places[Array(other.utf8)], unknown) {
            case (let place?, _): values.append(Double(place))
            case (nil, .value(let value)): values.append(value)
            case (nil, .error): throw .unseenLevel(other)
            }
        }
        return values
    }

    /// One value a row; NaN for null.
    ///
    /// - Parameters:
    ///   - codes: -1 for null, else places among `others`.
    ///   - others: The levels of the codes.
    /// - Throws: `unseenLevel` for a level that a row has, `label` for a code that is no level.
    public func callAsFunction(_ codes: [Int32], levels others: [String]) throws(EstimatorError) -> [Double] {
        try LevelCodes.check(codes, levels: others.count)
        var isUsed = [Bool](repeating: false, count: others.count)
        for code in codes where code >= 0 { isUsed[Int(code)] = true }
        let used = others.indices.filter { isUsed[$0] }
        var values = [Double](repeating: .nan, count: others.count)
        for (place, value) in zip(used, try self.values(of: used.map { others[$0] })) {
            values[place] = value
        }
        return codes.map { $0 < 0 ? .nan : values[Int($0)] }
    }
}
