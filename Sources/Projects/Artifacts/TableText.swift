import Charts
import Diagnostics
import StageLibrary
import TableTypes

/// A table's head in aligned columns.
public struct TableText {
    /// Wider cells are cut.
    static let widest = 40
    static let null = "∅"

    let preview: TablePreview
    /// Columns of the terminal; nil puts the whole table side by side.
    let width: Int?

    public init(_ preview: TablePreview, width: Int?) {
        self.preview = preview
        self.width = width
    }

    /// - Parameter faint: Makes what is secondary less visible.
    public func text(faint: (String) -> String = { $0 }) -> String {
        let columns = preview.columns.indices.map { Rendered(preview, $0) }
        var text = ""
        for block in blocks(columns.map(\.width)) {
            if !text.isEmpty { text += "\n" }
            let headings = columns[block].map(\.heading)
            for line in 0..<3 where line < 2 || headings.contains(where: { !$0[2].isEmpty }) {
                let row = Self.line(zip(columns[block], headings).map { ($0, $1[line]) })
                text += (line == 0 ? row : faint(row)) + "\n"
            }
            text += faint(
                columns[block].map { String(repeating: "─", count: $0.width) }.joined(separator: "  "))
            text += "\n"
            for row in preview.cells.indices {
                text += Self.line(columns[block].map { ($0, $0.cells[row]) }) + "\n"
            }
        }
        let shown = preview.cells.count
        let all = "\(NumberText.count(preview.rows)) row\(preview.rows == 1 ? "" : "s")"
        let rows = shown < preview.rows ? "\(NumberText.count(shown)) of \(all)" : all
        return text
            + faint("\(rows), \(preview.columns.count) column\(preview.columns.count == 1 ? "" : "s")")
            + "\n"
    }

    /// Columns that stand side by side: as many as the terminal holds.
    private func blocks(_ widths: [Int]) -> [Range<Int>] {
        guard let width else { return widths.isEmpty ? [] : [0..<widths.count] }
        var blocks: [Range<Int>] = []
        var start = 0
        var used = 0
        for (index, column) in widths.enumerated() {
            if index > start, used + 2 + column > width {
                blocks.append(start..<index)
                (start, used) = (index, 0)
            }
            used += column + (index > start ? 2 : 0)
        }
        return widths.isEmpty ? [] : blocks + [start..<widths.count]
    }

    private static func line(_ cells: [(Rendered, String)]) -> String {
        var line = cells.map { column, text in
            let gap = String(repeating: " ", count: max(0, column.width - GraphTree.columns(text)))
            return column.isRight ? gap + text : text + gap
        }.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line
    }

    private struct Rendered {
        /// Name, type with role, nulls.
        let heading: [String]
        let cells: [String]
        let width: Int
        let isRight: Bool

        init(_ preview: TablePreview, _ index: Int) {
            let column = preview.columns[index]
            isRight = column.type.isNumeric
            let nulls =
                column.nulls == 0
                ? "" : "\(NumberText.count(column.nulls)) null\(column.nulls == 1 ? "" : "s")"
            heading = [
                cutForCell(column.name),
                column.type.rawValue + (column.role.map { ", \($0.rawValue)" } ?? ""), nulls,
            ]
            cells = preview.cells.map { row in row[index].map(cutForCell) ?? TableText.null }
            width = (heading + cells).map(GraphTree.columns).max() ?? 0
        }
    }
}

/// A text on one line, control characters made visible, cut at the widest cell.
func cutForCell(_ text: String) -> String {
    var result = ""
    var columns = 0
    for scalar in text.unicodeScalars {
        let shown: String =
            switch scalar {
            case "\n": "↵"
            case "\t": "→"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": "\u{FFFD}"
            default: String(Character(scalar))
            }
        columns += GraphTree.columns(shown)
        if columns > TableText.widest {
            while GraphTree.columns(result) > TableText.widest - 1 { result.unicodeScalars.removeLast() }
            return result + "…"
        }
        result.unicodeScalars.append(contentsOf: shown.unicodeScalars)
    }
    return result
}

/// Rows of texts in aligned columns, two blanks between them; the last column
/// is not padded.
public func aligned(_ rows: [[String]], right: Set<Int> = []) -> String {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
        rows.map { column < $0.count ? GraphTree.columns($0[column]) : 0 }.max() ?? 0
    }
    return rows.map { row in
        var line = row.enumerated().map { column, text in
            let gap = String(repeating: " ", count: widths[column] - GraphTree.columns(text))
            return right.contains(column) ? gap + text : text + gap
        }.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line + "\n"
    }.joined()
}
