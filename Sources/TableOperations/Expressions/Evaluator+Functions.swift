import DataFrames

/// The functions of one row, a column at a time. Null in gives null out.
extension Evaluator {
    func apply(
        _ function: RowFunction, _ arguments: [Vector], _ node: TypedNode, _ active: [Bool]?
    ) throws(RowFailure) -> Vector {
        let isConstant = arguments.allSatisfy(\.isConstant)
        let n = isConstant ? 1 : rows
        let a = arguments[0]
        func result(_ lanes: Vector.Lanes, valid: [Bool]? = nil) -> Vector {
            Vector(lanes, valid: valid ?? allValid(arguments, n), isConstant: isConstant)
        }
        switch function {
        case .abs: return try magnitude(a, node, active)
        case .floor: return rounded(a, .down)
        case .ceil: return rounded(a, .up)
        case .round:
            // Of the second argument the type check has seen that it is a literal.
            let digits = arguments.count == 2 ? Int(arguments[1].integers[0]) : 0
            return digits == 0 ? rounded(a, .toNearestOrAwayFromZero) : rounded(a, digits: digits)
        case .sqrt:
            let values = a.numbers
            let isNegative = values.contains { $0 < 0 }
            let valid =
                isNegative ? values.indices.map { (a.valid?[$0] ?? true) && !(values[$0] < 0) } : a.valid
            return result(.number(values.map { $0 < 0 ? 0 : $0.squareRoot() }), valid: valid)
        case .length:
            return result(.integer(a.texts.withSlices { text in (0..<n).map { Int64(text($0).length) } }))
        case .lower: return result(.text(changed(a, n) { $0.lowercased() }))
        case .upper: return result(.text(changed(a, n) { $0.uppercased() }))
        case .trim:
            return result(
                .text(
                    a.texts.withSlices { text in
                        StringStorage.written(n) { row, bytes in
                            bytes.append(contentsOf: Self.trimmed(text(row).bytes))
                        }
                    }))
        case .contains, .startsWith, .endsWith:
            let b = arguments[1]
            return result(
                .boolean(
                    TextPairs(a.texts, b.texts, a.mask, b.mask).map(n) { text, part in
                        switch function {
                        case .contains: text.find(part) != nil
                        case .startsWith: text.starts(with: part)
                        default: text.starts(with: part, at: text.count - part.count)
                        }
                    }))
        case .replace: return result(.text(replaced(a, arguments[1], arguments[2], n)))
        case .substring: return result(.text(substring(arguments, n)))
        case .concat:
            return result(
                .text(
                    StringStorage.written(n) { row, bytes in
                        for part in arguments {
                            let texts = part.texts
                            let at = row & part.mask
                            bytes.append(contentsOf: texts.bytes[texts.offsets[at]..<texts.offsets[at + 1]])
                        }
                    }))
        case .year, .month, .day, .weekday, .hour, .minute:
            return result(.integer(Moments.part(function, of: a)))
        case .daysBetween, .secondsBetween:
            return result(Moments.between(function, a, arguments[1], n))
        }
    }

    private func allValid(_ arguments: [Vector], _ count: Int) -> [Bool]? {
        let masked = arguments.filter { $0.valid != nil }
        if masked.isEmpty { return nil }
        return (0..<count).map { row in masked.allSatisfy { $0.valid?[row & $0.mask] ?? true } }
    }

    // MARK: Numbers

    private func magnitude(
        _ a: Vector, _ node: TypedNode, _ active: [Bool]?
    ) throws(RowFailure) -> Vector {
        guard case .integer(let values) = a.lanes else {
            return Vector(.number(a.numbers.map(\.magnitude)), valid: a.valid, isConstant: a.isConstant)
        }
        if let row = firstRow(
            values.count, valid: a.valid, active: active, where: { values[$0 & a.mask] == .min })
        {
            throw RowFailure(row: row, message: "abs(\(Int64.min)) is no 64-bit integer", span: node.span)
        }
        return Vector(
            .integer(values.map { $0 < 0 ? 0 &- $0 : $0 }), valid: a.valid, isConstant: a.isConstant)
    }

    private func rounded(_ a: Vector, _ rule: FloatingPointRoundingRule) -> Vector {
        guard case .number(let values) = a.lanes else { return a }
        return Vector(.number(values.map { $0.rounded(rule) }), valid: a.valid, isConstant: a.isConstant)
    }

    /// Times a power of ten, rounded half away from zero, divided again; a
    /// number so large that it has no such digits stays as it is.
    private func rounded(_ a: Vector, digits: Int) -> Vector {
        guard case .number(let values) = a.lanes else { return a }
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let rounded = values.map { value in
            let scaled = value * scale
            return scaled.magnitude < 0x1p52 ? scaled.rounded(.toNearestOrAwayFromZero) / scale : value
        }
        return Vector(.number(rounded), valid: a.valid, isConstant: a.isConstant)
    }

    // MARK: Texts

    private func changed(_ a: Vector, _ count: Int, _ change: (String) -> String) -> StringStorage {
        a.texts.withSlices { text in
            StringStorage.written(count) { row, bytes in
                bytes.append(contentsOf: change(text(row).string).utf8)
            }
        }
    }

    /// Without spaces, tabs and line breaks at both ends.
    private static func trimmed(
        _ bytes: UnsafeBufferPointer<UInt8>
    ) -> Slice<UnsafeBufferPointer<UInt8>> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }),
            let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return bytes[0..<0] }
        return bytes[first...last]
    }

    /// Every part, from left to right, parts that overlap once; an empty part
    /// stands nowhere.
    private func replaced(_ a: Vector, _ part: Vector, _ by: Vector, _ count: Int) -> StringStorage {
        a.texts.withSlices { text in
            part.texts.withSlices { sought in
                by.texts.withSlices { put in
                    StringStorage.written(count) { row, bytes in
                        let whole = text(row & a.mask)
                        let wanted = sought(row & part.mask)
                        var place = 0
                        while wanted.count > 0, let found = whole.find(wanted, from: place) {
                            bytes.append(contentsOf: whole.bytes[place..<found])
                            bytes.append(contentsOf: put(row & by.mask).bytes)
                            place = found + wanted.count
                        }
                        bytes.append(contentsOf: whole.bytes[place..<whole.count])
                    }
                }
            }
        }
    }

    /// As in SQL: characters (scalars) count from 1, a start below 1 uses up
    /// length, a length below 0 is 0.
    private func substring(_ arguments: [Vector], _ count: Int) -> StringStorage {
        let (a, start) = (arguments[0], arguments[1])
        let length = arguments.count == 3 ? arguments[2] : nil
        return a.texts.withSlices { text in
            StringStorage.written(count) { row, bytes in
                let slice = text(row & a.mask)
                let first = start.integers[row & start.mask]
                var end = Int64.max
                if let length {
                    let (sum, over) = first.addingReportingOverflow(
                        max(0, length.integers[row & length.mask]))
                    end = over ? .max : sum
                }
                let from = slice.offset(ofScalar: Int(clamping: max(first, 1) - 1))
                let to = slice.offset(ofScalar: Int(clamping: max(end, 1) - 1))
                if from < to { bytes.append(contentsOf: slice.bytes[from..<to]) }
            }
        }
    }
}
