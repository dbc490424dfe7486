import DataFrames

/// `f` of two lanes for every row, either of which may be constant.
@inline(__always)
func mapped<A: BitwiseCopyable, B: BitwiseCopyable, R: BitwiseCopyable>(
    _ a: [A], _ b: [B], _ aMask: Int, _ bMask: Int, _ count: Int, _ f: (A, B) -> R
) -> [R] {
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            [R](unsafeUninitializedCapacity: count) { target, filled in
                for row in 0..<count {
                    target.initializeElement(at: row, to: f(a[row & aMask], b[row & bMask]))
                }
                filled = count
            }
        }
    }
}

/// Arithmetic and comparison of whole columns.
extension Evaluator {
    func negated(_ a: Vector, _ node: TypedNode, _ active: [Bool]?) throws(RowFailure) -> Vector {
        guard case .integer(let values) = a.lanes else {
            return Vector(.number(a.numbers.map { -$0 }), valid: a.valid, isConstant: a.isConstant)
        }
        if let row = firstRow(
            values.count, valid: a.valid, active: active, where: { values[$0 & a.mask] == .min })
        {
            throw RowFailure(row: row, message: "-(\(Int64.min)) is no 64-bit integer", span: node.span)
        }
        return Vector(.integer(values.map { 0 &- $0 }), valid: a.valid, isConstant: a.isConstant)
    }

    func arithmetic(
        _ a: Vector, _ operation: Arithmetic, _ b: Vector, _ node: TypedNode, _ active: [Bool]?
    ) throws(RowFailure) -> Vector {
        let n = length(a, b)
        var valid = valid(a, b)
        let isConstant = a.isConstant && b.isConstant
        if node.type == .number {
            let (x, y) = (a.numbers, b.numbers)
            let values: [Double]
            switch operation {
            case .plus: values = mapped(x, y, a.mask, b.mask, n) { $0 + $1 }
            case .minus: values = mapped(x, y, a.mask, b.mask, n) { $0 - $1 }
            case .times: values = mapped(x, y, a.mask, b.mask, n) { $0 * $1 }
            case .over: values = mapped(x, y, a.mask, b.mask, n) { $1 == 0 ? 0 : $0 / $1 }
            case .modulo:
                values = mapped(x, y, a.mask, b.mask, n) {
                    $1 == 0 ? 0 : $0.truncatingRemainder(dividingBy: $1)
                }
            }
            if operation == .over || operation == .modulo {
                valid = withoutZeros(valid, n) { y[$0 & b.mask] == 0 }
            }
            return Vector(.number(values), valid: valid, isConstant: isConstant)
        }
        let (x, y) = (a.integers, b.integers)
        if operation == .modulo {
            let values = mapped(x, y, a.mask, b.mask, n) { a, b -> Int64 in
                b == 0 || b == -1 ? 0 : a % b
            }
            valid = withoutZeros(valid, n) { y[$0 & b.mask] == 0 }
            return Vector(.integer(values), valid: valid, isConstant: isConstant)
        }
        var isOver = false
        let values: [Int64]
        switch operation {
        case .plus:
            values = mapped(x, y, a.mask, b.mask, n) { a, b in
                let (sum, over) = a.addingReportingOverflow(b)
                isOver = isOver || over
                return sum
            }
        case .minus:
            values = mapped(x, y, a.mask, b.mask, n) { a, b in
                let (difference, over) = a.subtractingReportingOverflow(b)
                isOver = isOver || over
                return difference
            }
        default:
            values = mapped(x, y, a.mask, b.mask, n) { a, b in
                let (product, over) = a.multipliedReportingOverflow(by: b)
                isOver = isOver || over
                return product
            }
        }
        // What stands in a null row means nothing, and nor does its overflow.
        if isOver {
            let row = firstRow(n, valid: valid, active: active) { row in
                let (a, b) = (x[row & a.mask], y[row & b.mask])
                return switch operation {
                case .plus: a.addingReportingOverflow(b).overflow
                case .minus: a.subtractingReportingOverflow(b).overflow
                default: a.multipliedReportingOverflow(by: b).overflow
                }
            }
            if let row {
                let text = "\(x[row & a.mask]) \(operation.rawValue) \(y[row & b.mask])"
                throw RowFailure(row: row, message: "\(text) is no 64-bit integer", span: node.span)
            }
        }
        return Vector(.integer(values), valid: valid, isConstant: isConstant)
    }

    private func withoutZeros(_ valid: [Bool]?, _ count: Int, _ isZero: (Int) -> Bool) -> [Bool]? {
        guard (0..<count).contains(where: isZero) else { return valid }
        return (0..<count).map { (valid?[$0] ?? true) && !isZero($0) }
    }

    // MARK: Comparison

    /// Numbers as IEEE 754 has them, but NaN equals NaN and is above all others,
    /// so that an order is one; texts by their bytes, which is the order of
    /// their scalars; false before true.
    func compared(_ a: Vector, _ comparison: Comparison, _ b: Vector) -> Vector {
        let n = length(a, b)
        let values: [Bool]
        switch (a.lanes, b.lanes) {
        case (.number(let x), .number(let y)):
            values = mapped(x, y, a.mask, b.mask, n) { comparison.holds(Self.order($0, $1)) }
        case (.integer(let x), .integer(let y)), (.timestamp(let x), .timestamp(let y)):
            values = orders(x, y, a.mask, b.mask, n, comparison)
        case (.date(let x), .date(let y)): values = orders(x, y, a.mask, b.mask, n, comparison)
        case (.boolean(let x), .boolean(let y)):
            values = mapped(x, y, a.mask, b.mask, n) { comparison.holds(($0 ? 1 : 0) - ($1 ? 1 : 0)) }
        case (.text(let x), .text(let y)):
            values = TextPairs(x, y, a.mask, b.mask).map(n) { comparison.holds($0.order($1)) }
        default: preconditionFailure("lanes of two types")
        }
        return Vector(
            .boolean(values), valid: valid(a, b), isConstant: a.isConstant && b.isConstant)
    }

    private func orders<T: BitwiseCopyable & Comparable>(
        _ x: [T], _ y: [T], _ aMask: Int, _ bMask: Int, _ n: Int, _ comparison: Comparison
    ) -> [Bool] {
        switch comparison {
        case .equal: mapped(x, y, aMask, bMask, n) { $0 == $1 }
        case .different: mapped(x, y, aMask, bMask, n) { $0 != $1 }
        case .less: mapped(x, y, aMask, bMask, n) { $0 < $1 }
        case .atMost: mapped(x, y, aMask, bMask, n) { $0 <= $1 }
        case .more: mapped(x, y, aMask, bMask, n) { $0 > $1 }
        case .atLeast: mapped(x, y, aMask, bMask, n) { $0 >= $1 }
        }
    }

    /// Below, at or above zero; NaN above everything but itself.
    @inline(__always)
    static func order(_ a: Double, _ b: Double) -> Int {
        if a < b { return -1 }
        if a > b { return 1 }
        if a == b { return 0 }
        return (a.isNaN ? 1 : 0) - (b.isNaN ? 1 : 0)
    }

    // MARK: Choices

    /// The first where a row is flagged, else the second.
    func select(_ isFirst: [Bool], _ a: Vector, _ b: Vector) -> Vector {
        func pick<T: BitwiseCopyable>(_ x: [T], _ y: [T]) -> [T] {
            isFirst.indices.map { isFirst[$0] ? x[$0 & a.mask] : y[$0 & b.mask] }
        }
        let lanes: Vector.Lanes =
            switch (a.lanes, b.lanes) {
            case (.boolean(let x), .boolean(let y)): .boolean(pick(x, y))
            case (.integer(let x), .integer(let y)): .integer(pick(x, y))
            case (.number(let x), .number(let y)): .number(pick(x, y))
            case (.date(let x), .date(let y)): .date(pick(x, y))
            case (.timestamp(let x), .timestamp(let y)): .timestamp(pick(x, y))
            case (.text(let x), .text(let y)): .text(TextPairs(x, y, a.mask, b.mask).select(isFirst))
            default: preconditionFailure("lanes of two types")
            }
        guard a.valid != nil || b.valid != nil else { return Vector(lanes) }
        let valid = isFirst.indices.map { row in
            isFirst[row] ? a.valid?[row & a.mask] ?? true : b.valid?[row & b.mask] ?? true
        }
        return Vector(lanes, valid: valid)
    }

    /// The greater or the lesser of two, null only where both are.
    func extreme(_ a: Vector, _ b: Vector, isGreatest: Bool) -> Vector {
        let better = compared(a, isGreatest ? .atLeast : .atMost, b).booleans
        let isConstant = a.isConstant && b.isConstant
        let isFirst = (0..<rows).map { row in
            guard a.valid?[row & a.mask] ?? true else { return false }
            guard b.valid?[row & b.mask] ?? true else { return true }
            return better[isConstant ? 0 : row]
        }
        return select(isFirst, a, b)
    }

    // MARK: Other types

    func widened(_ a: Vector, to type: ExpressionType) -> Vector {
        // Of null every lane will do.
        if let valid = a.valid, a.isConstant, !valid[0] { return Vector(null: type) }
        let lanes: Vector.Lanes =
            switch (a.lanes, type) {
            case (.integer(let values), .number): .number(values.map { Double($0) })
            case (.date(let days), .timestamp): .timestamp(days.map(Moments.nearestMidnight))
            default: a.lanes
            }
        return Vector(lanes, valid: a.valid, isConstant: a.isConstant)
    }
}

extension Comparison {
    /// Of what `order` gives.
    @inline(__always)
    func holds(_ order: Int) -> Bool {
        switch self {
        case .equal: order == 0
        case .different: order != 0
        case .less: order < 0
        case .atMost: order <= 0
        case .more: order > 0
        case .atLeast: order >= 0
        }
    }
}

extension Vector {
    /// A constant null of a type.
    init(null type: ExpressionType) {
        valid = [false]
        isConstant = true
        lanes =
            switch type {
            case .boolean: .boolean([false])
            case .integer: .integer([0])
            case .number: .number([0])
            case .date: .date([0])
            case .timestamp: .timestamp([0])
            case .text, .null, .other: .text(StringStorage([""]))
            }
    }
}
