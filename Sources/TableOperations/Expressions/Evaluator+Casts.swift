import DataFrames

/// Values of one type made values of another.
extension Evaluator {
    /// - Parameter isTry: Whether a value that does not fit becomes null; else
    ///   it ends the run.
    func cast(
        _ a: Vector, to type: ExpressionType, isTry: Bool, _ node: TypedNode, _ active: [Bool]?
    ) throws(RowFailure) -> Vector {
        let n = a.count
        var fits: [Bool]?
        /// `read` gives nil for what does not fit.
        func parsed<T>(_ none: T, _ read: (Int) -> T?) -> [T] {
            (0..<n).map { row in
                guard a.valid?[row] ?? true else { return none }
                if let value = read(row) { return value }
                if fits == nil { fits = [Bool](repeating: true, count: n) }
                fits?[row] = false
                return none
            }
        }
        let lanes: Vector.Lanes =
            switch (a.lanes, type) {
            case (.boolean(let values), .integer): .integer(values.map { $0 ? 1 : 0 })
            case (.integer(let values), .number): .number(values.map { Double($0) })
            case (.number(let values), .integer):
                .integer(parsed(0) { Int64(exactly: values[$0].rounded(.towardZero)) })
            case (.date(let days), .timestamp): .timestamp(parsed(0) { Moments.midnight(days[$0]) })
            case (.timestamp(let times), .date):
                .date(parsed(0) { Int32(exactly: CivilTime(microseconds: times[$0]).days) })
            case (.text(let texts), .integer): .integer(parsed(0) { FieldText.integer(texts[$0]) })
            case (.text(let texts), .number):
                .number(parsed(0) { FieldText.toldNumber(texts[$0]) })
            case (.text(let texts), .date): .date(parsed(0) { FieldText.date(texts[$0]) })
            case (.text(let texts), .timestamp): .timestamp(parsed(0) { FieldText.timestamp(texts[$0]) })
            case (_, .text): .text(StringStorage(parsed("") { Self.text(a, $0) }))
            default: preconditionFailure("no cast to \(type)")
            }
        guard let fits else { return Vector(lanes, valid: a.valid, isConstant: a.isConstant) }
        if !isTry,
            let row = firstRow(n, valid: a.valid, active: active, where: { !fits[$0 & a.mask] })
        {
            let value = Self.text(a, row & a.mask) ?? "the value"
            let shown = type == .integer || type == .number ? "no \(type)" : "no \(type) as ISO 8601 has it"
            throw RowFailure(row: row, message: "'\(value.prefix(40))' is \(shown)", span: node.span)
        }
        let valid = fits.indices.map { fits[$0] && (a.valid?[$0] ?? true) }
        return Vector(lanes, valid: valid, isConstant: a.isConstant)
    }

    /// A value as a CSV field of ours shows it; nil for a date outside the
    /// years 1 to 9999.
    private static func text(_ vector: Vector, _ row: Int) -> String? {
        switch vector.lanes {
        case .boolean(let values): values[row] ? "true" : "false"
        case .integer(let values): "\(values[row])"
        case .number(let values): values[row].isNaN ? "NaN" : "\(values[row])"
        case .text(let texts): texts[row]
        case .date(let days): FieldText.text(days: days[row])
        case .timestamp(let times): FieldText.text(microseconds: times[row])
        case .opaque: nil
        }
    }
}
