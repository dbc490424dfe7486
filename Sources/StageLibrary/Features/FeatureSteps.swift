import CanonicalJSON
import PipelineLanguage
import TableTypes

/// The kinds of steps there are.
enum FeatureSteps {
    static let kinds: [any FeatureStep.Type] = [
        ImputeStep.self, ScaleStep.self, BinStep.self, EncodeStep.self, DatesStep.self, CrossStep.self,
        ProductStep.self, RatioStep.self, TermsStep.self, ComponentsStep.self,
    ]

    /// As `with` declares them.
    static var variants: [ParameterType.Variant] {
        kinds.map { .init($0.name, $0.summary, $0.columnParameters + $0.parameters) }
    }

    static func kind(_ name: String) -> (any FeatureStep.Type)? { kinds.first { $0.name == name } }
}

/// A step as a pipeline declares it.
struct DeclaredStep {
    let columns: [String]
    let step: any FeatureStep

    var name: String { type(of: step).name }

    /// The columns that are taken together.
    var groups: [[String]] { type(of: step).isJoint ? [columns] : columns.map { [$0] } }

    /// Where among the parameters a mistake is.
    func place(of error: StageLibraryFinding) -> [String] {
        if error.isAboutConstant { return ["value"] }
        let parameters = type(of: step).columnParameters
        guard parameters.count > 1, let place = error.column.flatMap(columns.firstIndex) else {
            return ["columns"] + (error.column.map { [$0] } ?? [])
        }
        return [parameters[place].name]
    }

    /// - Parameter json: The list of a decoded `steps` parameter.
    /// - Returns: Nil if it is not of the declared form, which the decoder of `with` sees to.
    static func list(_ json: JSONValue) -> [DeclaredStep]? {
        guard let elements = json.array else { return nil }
        let steps = elements.map { DeclaredStep($0) }
        return steps.contains { $0 == nil } ? nil : steps.compactMap { $0 }
    }

    init?(_ json: JSONValue) {
        guard let (name, members) = json.object?.first, json.object?.count == 1,
            let kind = FeatureSteps.kind(name), let columns = kind.columns(members),
            let step = kind.init(members)
        else { return nil }
        self.columns = columns
        self.step = step
    }
}

/// A selector that planning has expanded: a list of names, or one name.
func columnNames(_ selector: JSONValue) -> [String]? {
    selector.strings ?? selector.string.map { [$0] }
}

extension JSONValue {
    /// A word of a step's parameters, or what it means to leave it out; nil for one that is not known.
    func word<Word: RawRepresentable<String>>(_ key: String, or value: Word) -> Word? {
        guard let text = self[key] else { return value }
        return text.string.flatMap(Word.init(rawValue:))
    }
}

/// What the steps make of a table, as far as types tell.
struct FeatureTypes {
    private let table: TableType
    private let target: String?
    private var items: FeatureItems<Column>
    /// Columns of the table that a step has taken.
    private(set) var named: Set<String> = []
    /// What has become of several numbers.
    private var encoded: Set<String> = []

    init(_ table: TableType, target: String?) {
        self.table = table
        self.target = target
        items = FeatureItems(table.columns)
    }

    /// Nil where one of them is not there.
    func columns(_ names: [String]) -> [Column]? { items.items(names) }

    /// Puts a step's outputs in the place of its columns.
    ///
    /// - Returns: The names of what comes out.
    /// - Precondition: All of these are there.
    mutating func take(_ step: any FeatureStep, _ names: [String]) throws(StageLibraryFinding) -> [String] {
        for name in names {
            if name == target { throw .targetInStep(column: name, step: step.operation) }
            if encoded.contains(name) { throw .stepAfterEncode(column: name, step: step.operation) }
        }
        guard let columns = columns(names) else { preconditionFailure("a column that is not there") }
        let outputs = try step.outputs(of: columns)
        named.formUnion(names.filter { table[$0] != nil })
        items.replace(names, by: outputs)
        encoded.formUnion(outputs.lazy.filter { $0.type == .vector }.map(\.name))
        return outputs.map(\.name)
    }

    /// All columns there are now.
    var columns: [Column] { items.all }

    /// The columns of the table that are features: those that a step names, and those of type boolean, integer or number
    /// that none does; never the target, nor a column with a role.
    var inputs: [Column] {
        table.columns.filter { column in
            named.contains(column.name)
                || column.name != target && column.role == nil && FittedTransform.isFeature(column.type)
        }
    }

    /// What has become of them.
    var outputs: [Column] {
        let inputs = Set(inputs.map(\.name))
        return items.all.filter { inputs.contains($0.name) || table[$0.name] == nil }
    }
}
