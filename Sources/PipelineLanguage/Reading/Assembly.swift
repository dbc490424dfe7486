import Diagnostics

/// All that has been read of a pipeline and the files it includes, before
/// references are resolved. A class: each file's reader adds to it.
final class Assembly {
    struct Draft {
        var draft: DraftStage
        var file: FileScope
    }

    var drafts: [Draft] = []
    /// Each once, however often it is included.
    var files: [ProjectPath] = []
    /// How often a file has been included.
    var inclusions = 0
    var off: [String] = []
    /// Of every file, in the order read.
    var requirements: [Requirement] = []
    /// Full names of stages as they are declared, in written order.
    private(set) var order: [String] = []
    private var groups: [String: StageGroup] = [:]

    subscript(name: String) -> StageGroup? { groups[name] }

    func declare(_ group: StageGroup, as name: String) {
        guard groups[name] == nil else { return }
        groups[name] = group
        order.append(name)
    }
}

/// A stage as it is declared: itself, or the members of its matrix.
struct StageGroup {
    struct Member {
        /// Empty for a stage without a matrix.
        var label: String
        var choices: [MatrixAxis.Choice]
        var isOff: Bool
        /// Among the assembly's drafts; nil where it is off.
        var place: Int?
    }

    var isMatrix: Bool
    /// Empty for a stage too broken to be read, so that one broken stage is one
    /// finding and not one for each reader of it.
    var members: [Member]
    private let byLabel: [String: Int]

    init(isMatrix: Bool, members: [Member]) {
        self.isMatrix = isMatrix
        self.members = members
        byLabel =
            !isMatrix
            ? [:]
            : Dictionary(
                members.enumerated().map { ($1.label, $0) }, uniquingKeysWith: { first, _ in first })
    }

    var isBroken: Bool { members.isEmpty }

    func member(_ label: String) -> Member? { byLabel[label].map { members[$0] } }

    /// The members a selection such as `lr=0.1` names: one that names every
    /// axis has at most one, whatever the order of the axes.
    ///
    /// - Returns: Nil when it is no selection of these axes and values.
    func selected(_ selection: Substring) -> [Member]? {
        if let exact = member(String(selection)) { return [exact] }
        var wanted: [(axis: Substring, label: Substring)] = []
        for part in selection.split(separator: "+", omittingEmptySubsequences: false) {
            guard let equals = part.firstIndex(of: "=") else { return nil }
            wanted.append((part[..<equals], part[part.index(after: equals)...]))
        }
        let found = members.filter { member in
            wanted.allSatisfy { want in
                member.choices.contains { $0.axis == want.axis && $0.label == want.label }
            }
        }
        return found.isEmpty ? nil : found
    }

    /// Whether a selection names all axes, so that it means one member.
    func isWhole(_ selection: Substring) -> Bool {
        selection.split(separator: "+").count == members.first?.choices.count
    }
}

/// One pipeline file, where it is included.
final class FileScope {
    /// What stands before its stages' names: empty, or `as/`.
    let prefix: String
    /// Root-relative folder of the file.
    let folder: String
    /// What its `inputs` are bound to, each read in the includer's file.
    var inputs: [String: Binding] = [:]

    enum Binding {
        case bound(DraftInput, FileScope, type: PortType?)
        /// Reported: not given by the includer.
        case missing
    }

    /// The whole name of a stage of this file.
    func fullName(_ name: Substring) -> String { prefix.isEmpty ? String(name) : prefix + name }

    init(prefix: String, folder: String) {
        self.prefix = prefix
        self.folder = folder
    }
}
