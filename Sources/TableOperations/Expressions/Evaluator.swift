import DataFrames

/// Why an expression has no value for a row that nobody could foresee.
public struct RowFailure: Error, Hashable, Sendable {
    /// Of the table it was evaluated on, from 0.
    public var row: Int
    /// What went wrong: `9223372036854775807 + 1 is no 64-bit integer`.
    public var message: String
    public var span: Span
    /// Whether the row is one of the result: a group.
    public var isOfResult = false

    /// The same, where the row has another number in the table that people know.
    public func moved(_ number: (Int) -> Int) -> RowFailure {
        var failure = self
        if !isOfResult { failure.row = number(row) }
        return failure
    }
}

/// Computes an expression a column at a time.
///
/// Null follows SQL: an operation on null gives null, but for `and`, `or`,
/// `is null`, `if`, `coalesce`, and `min` and `max` of several values, which
/// pass over it. Integer overflow and casts that fail end the run, since a
/// wrong number would go on unseen; division by zero gives null, since a rate
/// of nothing is everyday data and has no value.
///
/// A part that a row does not need (the other branch of an `if`, what stands
/// behind a false `and`) cannot fail for that row.
struct Evaluator {
    let frame: DataFrame
    /// Results of aggregates.
    var slots: [Vector] = []
    /// A table without columns still has rows where there are aggregates.
    let rows: Int

    init(frame: DataFrame, slots: [Vector] = [], rows: Int? = nil) {
        self.frame = frame
        self.slots = slots
        self.rows = rows ?? frame.count
    }

    /// - Parameter active: Rows whose value is needed; nil for all.
    func evaluate(_ node: TypedNode, active: [Bool]? = nil) throws(RowFailure) -> Vector {
        switch node.form {
        case .literal(let literal): return Vector(literal)
        case .slot(let number): return slots[number]
        case .column(let name):
            guard let column = frame[name] else { preconditionFailure("column '\(name)' was typed") }
            return Vector(column)
        case .widened(let part): return widened(try evaluate(part, active: active), to: node.type)
        case .negation(let part):
            return try negated(try evaluate(part, active: active), node, active)
        case .not(let part):
            let vector = try evaluate(part, active: active)
            return Vector(
                .boolean(vector.booleans.map { !$0 }), valid: vector.valid, isConstant: vector.isConstant)
        case .arithmetic(let left, let operation, let right):
            return try arithmetic(
                try evaluate(left, active: active), operation, try evaluate(right, active: active), node,
                active)
        case .comparison(let left, let comparison, let right):
            return compared(
                try evaluate(left, active: active), comparison, try evaluate(right, active: active))
        case .all(let parts): return try chain(parts, stopsAt: false, active)
        case .any(let parts): return try chain(parts, stopsAt: true, active)
        case .isNull(let part):
            let vector = try evaluate(part, active: active)
            let flags = vector.valid?.map { !$0 } ?? [Bool](repeating: false, count: vector.count)
            return Vector(.boolean(flags), isConstant: vector.isConstant)
        case .isIn(let part, let list):
            let vector = try evaluate(part, active: active)
            var found: Vector?
            for element in list {
                let equal = compared(vector, .equal, try evaluate(element, active: active))
                found = found.map { joined($0, equal, stopsAt: true) } ?? equal
            }
            return found ?? Vector(.boolean([false]), isConstant: true)
        case .choice(let condition, let first, let second):
            let flag = try evaluate(condition, active: active)
            let isFirst = spread(flag, true)
            let a = try evaluate(first, active: both(active, isFirst))
            let b = try evaluate(second, active: both(active, isFirst.map { !$0 }))
            return select(isFirst, a, b)
        case .coalesce(let parts):
            var result = try evaluate(parts[0], active: active)
            for part in parts.dropFirst() {
                guard let valid = result.valid else { break }
                let isThere = result.isConstant ? [Bool](repeating: valid[0], count: rows) : valid
                let next = try evaluate(part, active: both(active, isThere.map { !$0 }))
                result = select(isThere, result, next)
            }
            return result
        case .extreme(let parts, let isGreatest):
            var result = try evaluate(parts[0], active: active)
            for part in parts.dropFirst() {
                let next = try evaluate(part, active: active)
                result = extreme(result, next, isGreatest: isGreatest)
            }
            return result
        case .function(let function, let arguments):
            var vectors: [Vector] = []
            for argument in arguments { vectors.append(try evaluate(argument, active: active)) }
            return try apply(function, vectors, node, active)
        case .cast(let part, let isTry):
            return try cast(try evaluate(part, active: active), to: node.type, isTry: isTry, node, active)
        }
    }

    // MARK: Truth

    /// `and` stops at false, `or` at true: a row that is decided needs no
    /// more, whatever is null before it.
    private func chain(
        _ parts: [TypedNode], stopsAt stop: Bool, _ active: [Bool]?
    ) throws(RowFailure) -> Vector {
        var result = try evaluate(parts[0], active: active)
        for part in parts.dropFirst() {
            let isOpen = spread(result, stop).map { !$0 }
            result = joined(result, try evaluate(part, active: both(active, isOpen)), stopsAt: stop)
        }
        return result
    }

    /// SQL's tables for `and` (which stops at false) and `or` (at true).
    func joined(_ a: Vector, _ b: Vector, stopsAt stop: Bool) -> Vector {
        let (x, y, n) = (a.booleans, b.booleans, length(a, b))
        var values = [Bool](repeating: !stop, count: n)
        guard a.valid != nil || b.valid != nil else {
            for row in 0..<n where x[row & a.mask] == stop || y[row & b.mask] == stop { values[row] = stop }
            return Vector(.boolean(values), isConstant: a.isConstant && b.isConstant)
        }
        var valid = [Bool](repeating: true, count: n)
        for row in 0..<n {
            let hasA = a.valid?[row & a.mask] ?? true
            let hasB = b.valid?[row & b.mask] ?? true
            if hasA && x[row & a.mask] == stop || hasB && y[row & b.mask] == stop {
                values[row] = stop
            } else if !hasA || !hasB {
                valid[row] = false
            }
        }
        return Vector(.boolean(values), valid: valid, isConstant: a.isConstant && b.isConstant)
    }

    /// For every row whether the flag is there and is this.
    private func spread(_ flag: Vector, _ wanted: Bool) -> [Bool] {
        let flags = flag.booleans
        if flag.isConstant {
            return [Bool](repeating: (flag.valid?[0] ?? true) && flags[0] == wanted, count: rows)
        }
        guard let valid = flag.valid else { return wanted ? flags : flags.map { !$0 } }
        return flags.indices.map { valid[$0] && flags[$0] == wanted }
    }

    private func both(_ active: [Bool]?, _ flags: [Bool]) -> [Bool] {
        guard let active else { return flags }
        return flags.indices.map { active[$0] && flags[$0] }
    }

    // MARK: Lanes

    func length(_ a: Vector, _ b: Vector) -> Int { a.isConstant && b.isConstant ? 1 : rows }

    /// Null where one of them is.
    func valid(_ a: Vector, _ b: Vector) -> [Bool]? {
        if a.valid == nil && b.valid == nil { return nil }
        return (0..<length(a, b)).map {
            (a.valid?[$0 & a.mask] ?? true) && (b.valid?[$0 & b.mask] ?? true)
        }
    }

    /// The first row that needs a value and is judged bad.
    func firstRow(_ count: Int, valid: [Bool]?, active: [Bool]?, where isBad: (Int) -> Bool) -> Int? {
        if count == 1, rows != 1 {
            // One value for all rows: any that is needed.
            guard valid?[0] ?? true, isBad(0), rows > 0 else { return nil }
            return active == nil ? 0 : active?.firstIndex(of: true)
        }
        return (0..<count).first { row in
            (valid?[row] ?? true) && (active?[row] ?? true) && isBad(row)
        }
    }
}
