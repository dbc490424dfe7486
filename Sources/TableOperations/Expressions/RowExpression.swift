import DataFrames
import TableTypes

/// An expression over the columns of one table, typed and ready to run: the
/// condition of a filter, the values of a new column.
public struct RowExpression: Sendable {
    let root: TypedNode
    /// The column it is, where it is nothing else: its type, levels and width stay.
    private let source: Column?

    /// - Returns: The expression, and all that is wrong with it. It is nil
    ///   without a finding where the table is open and a column of it is not
    ///   known yet.
    public static func compile(
        _ text: String, over table: TableType
    ) -> (expression: RowExpression?, findings: [PlacedFinding]) {
        let syntax: Syntax
        do throws(SyntaxParser.PlacedError) {
            syntax = try SyntaxParser.parse(text)
        } catch {
            return (nil, [error.placed])
        }
        var typer = ExpressionTyper(table)
        let root = typer.type(syntax)
        guard typer.findings.isEmpty, let root else { return (nil, typer.findings) }
        var source: Column?
        if case .column(let name) = root.form { source = table[name] }
        return (RowExpression(root: root, source: source), [])
    }

    /// As `compile`, for a condition: what is not true or false is a finding.
    public static func condition(
        _ text: String, over table: TableType
    ) -> (expression: RowExpression?, findings: [PlacedFinding]) {
        let compiled = compile(text, over: table)
        guard let expression = compiled.expression, expression.root.type != .boolean,
            expression.root.type != .null
        else { return compiled }
        return (nil, [PlacedFinding(.notACondition(found: expression.root.type), expression.root.span)])
    }

    /// The column that its values make.
    public func column(_ name: String) -> Column {
        guard var column = source else {
            return Column(name, root.type.columnType, isNullable: root.isNullable)
        }
        column.name = name
        column.role = nil
        return column
    }

    /// The values for every row.
    ///
    /// - Throws: `RowFailure` at the first row without one.
    /// - Precondition: The frame has the columns of the table it was typed over.
    /// - Complexity: O(rows x operations).
    public func evaluate(_ frame: DataFrame, as name: String) throws(RowFailure) -> DataColumn {
        if case .column(let source) = root.form, let column = frame[source] {
            return DataColumn(name, column.type, column.storage, validity: column.validity)
        }
        let vector = try Evaluator(frame: frame).evaluate(root)
        return vector.column(name, root.type.columnType, rows: frame.count)
    }

    /// The rows of which a condition is true, ascending; null is not true.
    ///
    /// - Throws: `RowFailure`.
    /// - Precondition: As `evaluate`; compiled by `condition`.
    public func rows(of frame: DataFrame) throws(RowFailure) -> [Int] {
        guard root.type == .boolean else { return [] }
        let vector = try Evaluator(frame: frame).evaluate(root)
        let flags = vector.booleans
        let mask = vector.mask
        if let valid = vector.valid {
            return (0..<frame.count).filter { valid[$0 & mask] && flags[$0 & mask] }
        }
        return (0..<frame.count).filter { flags[$0 & mask] }
    }
}
