import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `clean.text` at work, batch by batch: no row needs another.
struct TextPass {
    private let run: StageRun
    private let names: [String]
    private let cleaning: TextCleaning
    private let empty: CleanText.EmptyText

    /// - Returns: Nil if the parameters are not of the declared form, which the decoder of `with` sees to.
    init?(_ run: StageRun) {
        func removes(_ parameter: String) -> Bool { run.parameters[parameter]?.string == "remove" }
        guard let names = run.parameters["columns"].flatMap(columnNames),
            let form = run.parameters["form"]?.string.flatMap(TextCleaning.Form.init),
            let space = run.parameters["space"]?.string.flatMap(TextCleaning.Space.init),
            let empty = run.parameters["empty"]?.string.flatMap(CleanText.EmptyText.init)
        else { return nil }
        self.run = run
        self.names = names
        self.empty = empty
        cleaning = TextCleaning(
            removesMarkup: removes("markup"), removesEmoji: removes("emoji"),
            removesControls: removes("controls"), form: form, space: space)
    }

    /// Writes all outputs.
    ///
    /// - Throws: `StageLibraryFinding`, `StageError`.
    func write() throws {
        var reader = try run.reader("in")
        let columns = reader.type.columns.filter { names.contains($0.name) }.map(\.name)
        try refuseMisfits(reader.type)
        let table = TableWriter(run, "table", roles: reader.roles)
        let changes = TableWriter(run, "changes")
        try changes.append(ChangeLog.empty)
        var cleaner = TextCleaner(cleaning)
        try reader.eachBatch { frame, first in
            var rows = CleanedRows(frame, first: first)
            let cleaned = try columns.map { CleanedTexts(try rows.column($0), &cleaner, empty) }
            let log = ChangeLog()
            let kept = (0..<frame.count).filter { row in
                Self.tell(cleaned, row, number: first + row + 1, log)
            }
            for texts in cleaned { rows.replace(texts.after) }
            rows.keep(kept)
            try table.append(rows.frame)
            try changes.append(log.take())
        }
        try table.finish()
        try changes.finish()
    }

    private func refuseMisfits(_ type: TableType) throws(StageLibraryFinding) {
        for name in names {
            guard let column = type[name] else { throw .unknownColumn(name, known: type.names) }
            if let misfit = CleanText.misfit(column) { throw misfit }
        }
    }

    /// Tells what was done to a row, column by column; of a row that is left out that alone.
    ///
    /// - Returns: Whether the row stays.
    private static func tell(_ cleaned: [CleanedTexts], _ row: Int, number: Int, _ log: ChangeLog) -> Bool {
        if let empty = cleaned.first(where: { $0.isDropped(row) }) {
            log.append(number, rule: "empty: drop, no text in '\(empty.after.name)'")
            return false
        }
        for texts in cleaned {
            guard let rule = texts.rule(row) else { continue }
            log.append(
                number, column: texts.after.name, before: texts.before.string(row),
                after: texts.after.string(row), rule: rule)
        }
        return true
    }
}

/// The texts of a column in some rows, before they were cleaned and after.
private struct CleanedTexts {
    let before: DataColumn
    let after: DataColumn
    private let changes: [TextCleaning.Steps]
    /// By row, where `empty` is not to be kept.
    private let isEmpty: [Bool]
    private let empty: CleanText.EmptyText

    init(_ column: DataColumn, _ cleaner: inout TextCleaner, _ empty: CleanText.EmptyText) {
        var texts = StringStorage()
        var changes: [TextCleaning.Steps] = []
        column.eachTexts { part in
            let cleaned = cleaner.clean(part)
            texts.append(
                StringStorage(
                    uncheckedOffsets: Offsets(cleaned.texts.offsets), bytes: cleaned.texts.bytes),
                0..<cleaned.texts.count)
            changes += cleaned.changes
        }
        before = column
        self.changes = changes
        self.empty = empty
        isEmpty =
            empty == .keep
            ? []
            : (0..<column.count).map { texts.offsets[$0] == texts.offsets[$0 + 1] && column.isValid($0) }
        let hasNew = empty == .null && isEmpty.contains(true)
        guard hasNew || changes.contains(where: { !$0.isEmpty }) else {
            after = column
            return
        }
        let isEmpty = isEmpty
        after = DataColumn(
            column.name, column.type, .utf8(texts),
            validity: hasNew
                ? ValidityBitmap((0..<column.count).map { column.isValid($0) && !isEmpty[$0] })
                : column.validity)
    }

    func isDropped(_ row: Int) -> Bool { empty == .drop && isEmpty[row] }

    /// What changed a text, such as `text: markup, space`; nil where nothing did.
    func rule(_ row: Int) -> String? {
        let becomesNull = empty == .null && isEmpty[row]
        guard !changes[row].isEmpty else { return becomesNull ? "empty: null" : nil }
        let names = Self.steps.filter { changes[row].contains($0.step) }.map(\.name)
        return "text: \(names.joined(separator: ", "))" + (becomesNull ? "; empty: null" : "")
    }

    /// In the order they are taken, by the names of their parameters.
    private static let steps: [(step: TextCleaning.Steps, name: String)] = [
        (.markup, "markup"), (.emoji, "emoji"), (.controls, "controls"), (.form, "form"), (.space, "space"),
    ]
}
