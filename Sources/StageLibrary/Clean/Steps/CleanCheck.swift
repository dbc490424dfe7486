import TableTypes

/// The types of a table on their way through the steps, and what is wrong with them.
struct CleanCheck {
    private(set) var type: TableType
    private(set) var findings: [(finding: StageLibraryFinding, path: [String])] = []
    /// Columns that may have had nulls when rows were set aside.
    private var asideWithNulls: Set<String> = []
    private var hasReason = false

    init(_ type: TableType) { self.type = type }

    mutating func report(_ finding: StageLibraryFinding, at path: [String]) {
        findings.append((finding, path))
    }

    /// - Parameter path: Of the finding, if there is one; a constant's goes to `value` beside it.
    mutating func change(
        _ name: String, at path: [String], _ body: (inout Column) throws(StageLibraryFinding) -> Void
    ) {
        guard let place = type.columns.firstIndex(where: { $0.name == name }) else { return }
        do throws(StageLibraryFinding) {
            try body(&type.columns[place])
        } catch {
            report(error, at: error.isAboutConstant ? path.dropLast(2) + ["value"] : path)
        }
    }

    mutating func require(_ names: [String], _ takes: [ColumnType], _ operation: String, at path: [String]) {
        for name in names {
            change(name, at: path + ["columns", name]) { column throws(StageLibraryFinding) in
                try Self.require(column, takes, operation)
            }
        }
    }

    static func require(
        _ column: Column, _ takes: [ColumnType], _ operation: String
    ) throws(StageLibraryFinding) {
        guard !takes.contains(column.type) else { return }
        throw .columnType(column: column.name, type: column.type, operation: operation, takes: takes)
    }

    /// Rows as they are here may go to the quarantine.
    mutating func setAside(at path: [String]) {
        asideWithNulls.formUnion(type.columns.lazy.filter(\.isNullable).map(\.name))
        if type[CleanTable.reason] != nil, !hasReason {
            report(.duplicateOutput(CleanTable.reason), at: path + ["action"])
        }
        hasReason = true
    }

    var quarantine: TableType {
        var aside = type
        for place in aside.columns.indices where asideWithNulls.contains(aside.columns[place].name) {
            aside.columns[place].isNullable = true
        }
        if type[CleanTable.reason] == nil {
            aside.columns.append(Column(CleanTable.reason, .text, isNullable: false))
        }
        return aside
    }
}
