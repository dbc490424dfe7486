import DataFrames
import TableTypes

extension Vector {
    /// Integers, numbers, and booleans as 0 and 1.
    var asNumbers: [Double] {
        switch lanes {
        case .number(let lanes): lanes
        case .boolean(let lanes): lanes.map { $0 ? 1 : 0 }
        default: integers.map { Double($0) }
        }
    }

    var asIntegers: [Int64] {
        if case .boolean(let lanes) = lanes { return lanes.map { $0 ? 1 : 0 } }
        return integers
    }

    /// A type that a column of these lanes may be of.
    var keyType: ColumnType {
        switch lanes {
        case .boolean: .boolean
        case .integer: .integer
        case .number: .number
        case .text, .opaque: .text
        case .date: .date
        case .timestamp: .timestamp
        }
    }

    /// The lanes at these places, null for one below zero.
    func picking(_ places: [Int32]) -> Vector {
        guard places.contains(where: { $0 < 0 }) else { return taking(places) }
        let isThere = places.map { $0 >= 0 && (valid?[Int($0)] ?? true) }
        // Any lane will do under a null; of no lanes there is none.
        guard count > 0 else { return Vector(lanes.blank(places.count), valid: isThere) }
        var vector = taking(places.map { max($0, 0) })
        vector.valid = isThere
        return vector
    }

    /// These lanes and others of the same kind behind them; neither stand for every row.
    func followed(by other: Vector) -> Vector {
        var flags: [Bool]?
        if valid != nil || other.valid != nil {
            flags =
                (valid ?? [Bool](repeating: true, count: count))
                + (other.valid ?? [Bool](repeating: true, count: other.count))
        }
        return Vector(lanes.followed(by: other.lanes), valid: flags)
    }
}

extension Vector.Lanes {
    fileprivate func followed(by other: Vector.Lanes) -> Vector.Lanes {
        switch (self, other) {
        case (.boolean(let mine), .boolean(let others)): return .boolean(mine + others)
        case (.integer(let mine), .integer(let others)): return .integer(mine + others)
        case (.number(let mine), .number(let others)): return .number(mine + others)
        case (.text(var texts), .text(let others)):
            texts.append(others, 0..<others.count)
            return .text(texts)
        case (.date(let mine), .date(let others)): return .date(mine + others)
        case (.timestamp(let mine), .timestamp(let others)): return .timestamp(mine + others)
        case (.opaque(let mine), .opaque(let others)): return .opaque(mine + others)
        default: preconditionFailure("lanes of two kinds")
        }
    }

    /// So many lanes of the same kind that mean nothing.
    func blank(_ count: Int) -> Vector.Lanes {
        switch self {
        case .boolean: .boolean([Bool](repeating: false, count: count))
        case .integer: .integer([Int64](repeating: 0, count: count))
        case .number: .number([Double](repeating: 0, count: count))
        case .text: .text(StringStorage(repeatElement("", count: count)))
        case .date: .date([Int32](repeating: 0, count: count))
        case .timestamp: .timestamp([Int64](repeating: 0, count: count))
        case .opaque: .opaque(count)
        }
    }
}

extension Vector {
    /// Whether one row's value is strictly better than another's; a number is
    /// better than NaN.
    func judge(isGreatest: Bool) -> (Int, Int) -> Bool {
        switch lanes {
        case .integer(let lanes), .timestamp(let lanes):
            { isGreatest ? lanes[$0] > lanes[$1] : lanes[$0] < lanes[$1] }
        case .date(let lanes): { isGreatest ? lanes[$0] > lanes[$1] : lanes[$0] < lanes[$1] }
        case .boolean(let lanes): { lanes[$0] == isGreatest && lanes[$1] != isGreatest }
        case .number(let lanes):
            { new, old in
                if lanes[old].isNaN { return !lanes[new].isNaN }
                return isGreatest ? lanes[new] > lanes[old] : lanes[new] < lanes[old]
            }
        case .text(let texts):
            { new, old in
                texts.withSlices { text in
                    let order = text(new).order(text(old))
                    return isGreatest ? order > 0 : order < 0
                }
            }
        case .opaque: { _, _ in false }
        }
    }
}
