import CanonicalJSON
import Diagnostics
import PipelineLanguage
import TableTypes
import YAMLSyntax

/// Looks up the columns that parameters name, and turns selectors into lists
/// of names, in table order, before anything runs.
struct ColumnExpansion {
    let kind: StageKind
    /// Tables by input port; a port without one is not looked at.
    private(set) var tables: [String: TableType]
    /// What a message calls the table at a port: `split.train`.
    let names: [String: String]
    let fallback: SourceRange
    /// Set when a selector stands on an open table, so that only the data can
    /// tell what it takes.
    private(set) var isComplete = true
    private(set) var findings = Diagnostics()
    private var targets: Set<String> = []

    init(kind: StageKind, tables: [String: TableType], names: [String: String], fallback: SourceRange) {
        self.kind = kind
        self.tables = tables
        self.names = names
        self.fallback = fallback
    }

    /// The values with selectors expanded.
    mutating func expand(_ values: JSONValue, with: Node?) -> JSONValue {
        targets = Set(kind.parameters.compactMap { $0.name == "target" ? values[$0.name]?.string : nil })
        return record(values, kind.parameters, at: with)
    }

    private mutating func record(_ values: JSONValue, _ parameters: [Parameter], at node: Node?) -> JSONValue
    {
        guard var members = values.object else { return values }
        for parameter in parameters {
            guard let value = members[parameter.name] else { continue }
            members[parameter.name] = expanded(
                value, parameter.type, at: node?[parameter.name], kind.columnEffects[parameter.name])
        }
        return .object(members)
    }

    private mutating func expanded(
        _ value: JSONValue, _ type: ParameterType, at node: Node?, _ effect: StageKind.ColumnEffect? = nil
    ) -> JSONValue {
        switch type {
        case .column(let port):
            if let name = value.string { look(up: name, at: port, node) }
            return value
        case .selector(let port):
            guard let table = tables[port] else { return value }
            return select(value, from: table, port: port, at: node).map(JSONValue.strings) ?? value
        case .list(let element):
            guard let elements = value.array else { return value }
            let before = tables
            defer { tables = before }
            return .array(
                elements.enumerated().map { index, item in
                    let place = node?.elements.flatMap { $0.indices.contains(index) ? $0[index] : nil }
                    let item = expanded(item, element, at: place)
                    if let effect, let table = tables[effect.port] {
                        tables[effect.port] = effect.table(item, table)
                    }
                    return item
                })
        case .map(let element):
            guard let members = value.object else { return value }
            var result: [String: JSONValue] = [:]
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                result[name] = expanded(member, element, at: node?[name])
            }
            return .object(result)
        case .record(let parameters): return record(value, parameters, at: node)
        case .variant(let variants):
            guard let (name, inner) = value.object?.first,
                let variant = variants.first(where: { $0.name == name })
            else { return value }
            return .object([name: record(inner, variant.parameters, at: node?[name])])
        case .either(let types):
            guard let type = types.first(where: { $0.hasForm(of: value) }) else { return value }
            return expanded(value, type, at: node)
        default: return value
        }
    }

    private mutating func look(up name: String, at port: String, _ node: Node?) {
        guard let table = tables[port], table[name] == nil else { return }
        if table.isOpen {
            isComplete = false
            return
        }
        findings.add(
            PlanFinding.unknownColumn(name, table: names[port] ?? port, known: table.names),
            at: node?.range ?? fallback)
    }

    /// Names in table order; nil when the table is open and the selector is
    /// not a plain list of names.
    private mutating func select(
        _ selector: JSONValue, from table: TableType, port: String, at node: Node?
    ) -> [String]? {
        let candidates = table.columns.filter { $0.role == nil && !targets.contains($0.name) }
        if let parts = selector.array {
            var chosen: Set<String> = []
            for (index, part) in parts.enumerated() {
                let place = node?.elements.flatMap { $0.indices.contains(index) ? $0[index] : nil } ?? node
                guard let names = select(part, from: table, port: port, at: place) else { return nil }
                chosen.formUnion(names)
            }
            return table.isOpen ? parts.compactMap(\.string) : table.names.filter(chosen.contains)
        }
        if let excluded = selector["except"] {
            guard !table.isOpen else {
                isComplete = false
                return nil
            }
            guard let names = select(excluded, from: table, port: port, at: node?["except"]) else {
                return nil
            }
            return candidates.map(\.name).filter { !names.contains($0) }
        }
        guard let word = selector.string else { return nil }
        if let matches = Self.groups[word] {
            guard !table.isOpen else {
                isComplete = false
                return nil
            }
            return candidates.filter { matches($0.type) }.map(\.name)
        }
        if Glob.isGlob(word) {
            guard !table.isOpen else {
                isComplete = false
                return nil
            }
            let names = candidates.map(\.name).filter { Glob.matches(word, $0) }
            if names.isEmpty {
                findings.add(
                    PlanFinding.globWithoutColumn(word, table: tableName(port), known: table.names),
                    at: node?.range ?? fallback)
            }
            return names
        }
        look(up: word, at: port, node)
        return [word]
    }

    private func tableName(_ port: String) -> String { names[port] ?? port }

    private static let groups: [String: @Sendable (ColumnType) -> Bool] = [
        "numeric": { $0.isNumeric },
        "categorical": { $0 == .category || $0 == .boolean },
        "text": { $0 == .text },
        "all": { _ in true },
    ]
}
