import CanonicalJSON
import DataFrames
import TableOperations

/// Which columns `table.select` keeps, under which names, and how it sorts:
/// what is judged alike before a run and in it.
struct Shape {
    /// All columns before some go, in table order.
    private(set) var renamed: [(old: String, new: String)] = []
    /// Those that stay, in the order they come out.
    private(set) var columns: [(old: String, new: String)] = []
    private(set) var sort: [(column: String, isDescending: Bool)] = []
    /// Whether columns that nobody names come out too.
    let keepsAll: Bool
    /// What is wrong, each with its place below `with`.
    private(set) var problems: [(StageLibraryFinding, path: [String])] = []

    /// - Parameters:
    ///   - names: The columns that are known, derived ones included.
    ///   - isOpen: Whether there may be more.
    init(_ parameters: JSONValue, names: [String], isOpen: Bool) {
        let renames = (parameters["rename"]?.object ?? [:]).compactMapValues(\.string)
        keepsAll = parameters["columns"] == nil
        var all = names
        for old in renames.keys.sorted() where !names.contains(old) {
            if isOpen {
                all.append(old)
            } else {
                problems.append((.unknownColumn(old, known: names), ["rename", old]))
            }
        }
        renamed = all.map { ($0, renames[$0] ?? $0) }
        var seen: Set<String> = []
        for (old, new) in renamed where !seen.insert(new).inserted {
            // Of two the one that was given its name is to blame.
            let blamed = renames[old] == nil ? renamed.first { $0.new == new }?.old ?? old : old
            problems.append((.duplicateOutput(new), ["rename", blamed]))
        }
        guard problems.isEmpty else { return }
        let known = renamed.map(\.new)
        func look(up name: String, at path: [String]) -> Bool {
            if known.contains(name) || isOpen { return true }
            problems.append((.unknownColumn(name, known: known), path))
            return false
        }
        if let wanted = parameters["columns"]?.array?.compactMap(\.string) {
            var chosen: Set<String> = []
            for (index, name) in wanted.enumerated() {
                let path = ["columns", String(index)]
                guard look(up: name, at: path) else { continue }
                guard chosen.insert(name).inserted else {
                    problems.append((.duplicateOutput(name), path))
                    continue
                }
                columns.append(renamed.first { $0.new == name } ?? (name, name))
            }
        } else {
            columns = renamed
        }
        if let dropped = parameters["drop"]?.array?.compactMap(\.string) {
            for (index, name) in dropped.enumerated() { _ = look(up: name, at: ["drop", String(index)]) }
            columns.removeAll { dropped.contains($0.new) }
        }
        for (index, entry) in (parameters["sort"]?.array ?? []).enumerated() {
            let name = entry.string ?? entry["column"]?.string ?? ""
            let path = ["sort", String(index)] + (entry.string == nil ? ["column"] : [])
            guard look(up: name, at: path) else { continue }
            sort.append((name, entry["order"]?.string == "descending"))
        }
    }

    /// The rows in order; nil where nothing is to be sorted by.
    func order(_ frame: DataFrame) -> [Int]? {
        sort.isEmpty ? nil : Sorting.order(of: frame, by: sort)
    }
}
