import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableOperations
import TableTypes

/// What `table.select` makes of a table, for as many of its rows as are at hand.
struct Selection {
    private let condition: (expression: RowExpression, text: String)?
    private let derived: [(name: String, expression: RowExpression, text: String)]
    private let shape: Shape
    /// Of the result.
    let roles: [String: ColumnRole]

    /// - Throws: `StageError` for expressions that are none over this table, and columns it does not have.
    init(_ parameters: JSONValue, _ type: TableType) throws(StageError) {
        condition = try parameters["where"]?.expressionText.map { text throws(StageError) in
            (try RowExpression.compiled(text, over: type, for: "where", isCondition: true), text)
        }
        var derived: [(name: String, expression: RowExpression, text: String)] = []
        var names = type.names
        for (name, text) in parameters["derive"]?.expressions ?? [] {
            derived.append((name, try .compiled(text, over: type, for: "derive: \(name)"), text))
            if !names.contains(name) { names.append(name) }
        }
        self.derived = derived
        shape = Shape(parameters, names: names, isOpen: false)
        if let (problem, _) = shape.problems.first { throw StageError(problem) }
        var roles: [String: ColumnRole] = [:]
        let kept = Set(shape.columns.map(\.new))
        for (old, new) in shape.renamed
        where kept.contains(new) && !derived.contains(where: { $0.name == old }) {
            roles[new] = type[old]?.role
        }
        self.roles = roles
    }

    /// Whether the rows are sorted, for which all of them are needed.
    var sorts: Bool { !shape.sort.isEmpty }

    /// The rows that stay, with all columns under their new names: one that goes may still be sorted by.
    ///
    /// - Parameter first: The number of the frame's first row in the table, for errors.
    func renamed(_ frame: DataFrame, first: Int) throws(StageError) -> DataFrame {
        var frame = frame
        var numbers: [Int]?
        if let (expression, text) = condition {
            do throws(RowFailure) {
                let rows = try expression.rows(of: frame)
                if rows.count < frame.count {
                    frame = frame.gather(rows)
                    numbers = rows
                }
            } catch {
                throw StageError(error.moved { first + $0 }, in: text, of: "where")
            }
        }
        var columns = frame.columns
        for (name, expression, text) in derived {
            let column: DataColumn
            do throws(RowFailure) {
                column = try expression.evaluate(frame, as: name)
            } catch {
                throw StageError(
                    error.moved { first + (numbers?[$0] ?? $0) }, in: text, of: "derive: \(name)")
            }
            if let index = columns.firstIndex(where: { $0.name == name }) {
                columns[index] = column
            } else {
                columns.append(column)
            }
        }
        let named = Dictionary(uniqueKeysWithValues: columns.map { ($0.name, $0) })
        return DataFrame(
            checked: shape.renamed.compactMap { old, new in
                guard var column = named[old] else { return nil }
                column.name = new
                return column
            })
    }

    /// The columns that stay.
    func chosen(_ renamed: DataFrame) -> DataFrame {
        let named = Dictionary(uniqueKeysWithValues: renamed.columns.map { ($0.name, $0) })
        return DataFrame(checked: shape.columns.compactMap { named[$0.new] })
    }

    /// The same of all rows, in order.
    func sorted(_ renamed: DataFrame) -> DataFrame {
        let result = chosen(renamed)
        return shape.order(renamed).map(result.gather) ?? result
    }
}
