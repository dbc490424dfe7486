import TableTypes

/// Gives every part of an expression its type. It goes on after a finding, so
/// that all of them show; a part that has one is nil, and so is what needs it.
struct ExpressionTyper {
    /// What a name may stand for, and where aggregates may stand.
    enum Mode {
        /// Columns of one row.
        case row
        /// Outside an aggregate only these columns.
        case grouped(by: [String])
        /// Columns of the row, and aggregates of those its window holds.
        case windowed
    }

    let table: TableType
    let mode: Mode
    var findings: [PlacedFinding] = []
    /// What stands in the slots of a grouped expression.
    var aggregates: [AggregateCall] = []
    /// The aggregate that what is typed now stands in.
    var enclosing: AggregateFunction?

    init(_ table: TableType, mode: Mode = .row) {
        self.table = table
        self.mode = mode
    }

    mutating func report(_ finding: ExpressionFinding, _ span: Span) {
        findings.append(PlacedFinding(finding, span))
    }

    mutating func type(_ syntax: Syntax) -> TypedNode? {
        func made(_ form: TypedNode.Form, _ type: ExpressionType, isNullable: Bool) -> TypedNode {
            TypedNode(form: form, type: type, isNullable: isNullable, span: syntax.span)
        }
        switch syntax.form {
        case .literal(let literal): return made(.literal(literal), literal.type, isNullable: literal == .null)
        case .column(let name): return column(name, syntax.span)
        case .call(let name, let arguments, let place):
            return call(name, arguments, place: place, syntax.span)
        case .negation(let part):
            guard let part = operand(part, of: "'-'", takes: [.integer, .number]) else { return nil }
            return made(.negation(part), part.type, isNullable: part.isNullable)
        case .not(let part):
            guard let part = operand(part, of: "'not'", takes: [.boolean]) else { return nil }
            return made(.not(part), .boolean, isNullable: part.isNullable)
        case .arithmetic(let left, let operation, let right, _):
            let name = "'\(operation.rawValue)'"
            let a = operand(left, of: name, takes: [.integer, .number])
            let b = operand(right, of: name, takes: [.integer, .number])
            guard let a, let b else { return nil }
            let isExact = a.type == .integer && b.type == .integer && operation != .over
            let type: ExpressionType = isExact ? .integer : .number
            // By zero gives null.
            let isNullable = a.isNullable || b.isNullable || operation == .over || operation == .modulo
            return made(
                .arithmetic(widened(a, type), operation, widened(b, type)), type, isNullable: isNullable)
        case .comparison(let left, let comparison, let right, let place):
            let sides = (type(left), type(right))
            guard let (a, b) = together(sides.0, sides.1, "'\(comparison.rawValue)'", place) else {
                return nil
            }
            return made(
                .comparison(a, comparison, b), .boolean, isNullable: a.isNullable || b.isNullable)
        case .all(let parts), .any(let parts):
            let isAll = if case .all = syntax.form { true } else { false }
            let typed = parts.map { operand($0, of: isAll ? "'and'" : "'or'", takes: [.boolean]) }
            let whole = typed.compactMap { $0 }
            guard whole.count == parts.count else { return nil }
            let isNullable = whole.contains { $0.isNullable }
            return made(isAll ? .all(whole) : .any(whole), .boolean, isNullable: isNullable)
        case .isNull(let part):
            guard let part = type(part) else { return nil }
            return made(.isNull(part), .boolean, isNullable: false)
        case .isIn(let part, let list):
            guard let all = alike([part] + list, "'in'") else { return nil }
            return made(
                .isIn(all[0], Array(all[1...])), .boolean, isNullable: all.contains { $0.isNullable })
        case .between(let part, let low, let high):
            guard let all = alike([part, low, high], "'between'") else { return nil }
            let isNullable = all.contains { $0.isNullable }
            let sides = [
                made(.comparison(all[1], .atMost, all[0]), .boolean, isNullable: isNullable),
                made(.comparison(all[0], .atMost, all[2]), .boolean, isNullable: isNullable),
            ]
            return made(.all(sides), .boolean, isNullable: isNullable)
        case .cast(let part, let word, let isTry, let place):
            return cast(type(part), to: word, isTry: isTry, place: place, syntax.span)
        }
    }

    // MARK: Columns

    private mutating func column(_ name: String, _ span: Span) -> TypedNode? {
        guard let column = table[name] else {
            if !table.isOpen { report(.unknownExpressionColumn(name, known: table.names), span) }
            return nil
        }
        if case .grouped(let by) = mode, enclosing == nil, !by.contains(name) {
            report(.columnOutsideAggregate(name, by: by), span)
            return nil
        }
        return TypedNode(
            form: .column(name), type: ExpressionType(column.type), isNullable: column.isNullable, span: span)
    }

    // MARK: Operands

    /// A part that must be of one of a few types; null is of all.
    mutating func operand(
        _ syntax: Syntax, of operation: String, takes: [ExpressionType]
    ) -> TypedNode? {
        guard let node = type(syntax) else { return nil }
        if node.type == .null { return widened(node, takes[0]) }
        guard takes.contains(node.type) else {
            report(.operandType(operation: operation, found: node.type, takes: takes), syntax.span)
            return nil
        }
        return node
    }

    func widened(_ node: TypedNode, _ type: ExpressionType) -> TypedNode {
        guard node.type != type else { return node }
        return TypedNode(form: .widened(node), type: type, isNullable: node.isNullable, span: node.span)
    }

    private mutating func together(
        _ a: TypedNode?, _ b: TypedNode?, _ operation: String, _ place: Span
    ) -> (TypedNode, TypedNode)? {
        guard let a, let b else { return nil }
        guard let type = a.type.joined(b.type), type != .other else {
            report(.unlikeTypes(operation: operation, a.type, b.type), place)
            return nil
        }
        // Two literal nulls are compared as texts: there is nothing to compare.
        let common = type == .null ? .text : type
        return (widened(a, common), widened(b, common))
    }

    /// Parts that meet in one type, the first that does not fit reported.
    mutating func alike(_ parts: [Syntax], _ operation: String) -> [TypedNode]? {
        var common = ExpressionType.null
        var typed: [TypedNode] = []
        var isWhole = true
        for part in parts {
            guard let node = type(part) else {
                isWhole = false
                continue
            }
            guard let type = common.joined(node.type), type != .other else {
                report(.unlikeTypes(operation: operation, common, node.type), part.span)
                isWhole = false
                continue
            }
            common = type
            typed.append(node)
        }
        guard isWhole else { return nil }
        let type = common == .null ? .text : common
        return typed.map { widened($0, type) }
    }
}
