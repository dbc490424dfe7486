import DataFrames
import TableTypes

/// An expression over aggregates: `sum(amount)`, or
/// `sum(if(paid, amount, 0)) / count()`.
public struct AggregateExpression: Sendable {
    let root: TypedNode
    /// What stands in the root's slots.
    let calls: [AggregateCall]

    /// Where it is evaluated.
    public enum Place: Sendable {
        /// Once for a group: outside an aggregate stand only the columns of `by`.
        case group(by: [String])
        /// For every row over its window: outside an aggregate stand the row's
        /// own columns. Median, quantile and mode are not kept over windows.
        case window
    }

    /// - Returns: As `RowExpression.compile`.
    public static func compile(
        _ text: String, over table: TableType, in place: Place
    ) -> (expression: AggregateExpression?, findings: [PlacedFinding]) {
        let syntax: Syntax
        do throws(SyntaxParser.PlacedError) {
            syntax = try SyntaxParser.parse(text)
        } catch {
            return (nil, [error.placed])
        }
        let mode: ExpressionTyper.Mode =
            switch place {
            case .group(let by): .grouped(by: by)
            case .window: .windowed
            }
        var typer = ExpressionTyper(table, mode: mode)
        let root = typer.type(syntax)
        guard typer.findings.isEmpty, let root else { return (nil, typer.findings) }
        if root.type == .other {
            let finding = ExpressionFinding.operandType(
                operation: "a metric", found: .other, takes: AggregateFunction.max.takes)
            return (nil, [PlacedFinding(finding, root.span)])
        }
        return (AggregateExpression(root: root, calls: typer.aggregates), [])
    }

    /// Names of the columns it reads.
    public var columns: Set<String> {
        calls.reduce(into: root.columns) { $0.formUnion($1.argument?.columns ?? []) }
    }

    /// The column that its values make.
    public func column(_ name: String) -> Column {
        Column(name, root.type.columnType, isNullable: root.isNullable)
    }
}
