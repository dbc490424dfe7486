import CanonicalJSON
import Diagnostics
import TableOperations
import TableTypes

/// What `join.tables` is asked for, judged by the types of both tables: the
/// same before a run and in it.
struct JoinPlan {
    enum How: String { case inner, left, anti, asof }

    /// A column of the result.
    struct Output {
        var isLeft: Bool
        var old: String
        var new: String
    }

    let how: How
    private(set) var keys: [(left: String, right: String)] = []
    private(set) var time: (left: String, right: String)?
    private(set) var tolerance: Int64?
    private(set) var outputs: [Output] = []
    private(set) var problems: [(any Finding, path: [String])] = []

    var direction: TimeLookup.Direction
    let validation: Joining.Validation

    init(_ parameters: JSONValue, left: TableType, right: TableType, rightName: String?) {
        how = parameters["how"]?.string.flatMap(How.init) ?? .inner
        direction = parameters["direction"]?.string.flatMap(TimeLookup.Direction.init) ?? .backward
        validation = parameters["validate"]?.string.flatMap(Joining.Validation.init) ?? .manyToMany
        for (index, entry) in (parameters["on"]?.array ?? []).enumerated() {
            let path = ["on", String(index)]
            if let name = entry.string {
                // The left column was looked up before; the right one is this kind's to find.
                if right[name] == nil, !right.isOpen {
                    problems.append(
                        (StageLibraryFinding.unknownColumn(name, table: rightName, known: right.names), path))
                }
                keys.append((name, name))
            } else if let a = entry["left"]?.string, let b = entry["right"]?.string {
                keys.append((a, b))
            }
            guard let pair = keys.last, let a = left[pair.left], let b = right[pair.right] else { continue }
            if !Self.areComparable(a.type, b.type) {
                problems.append((JoinFinding.unlikeKeys(left: a.name, a.type, right: b.name, b.type), path))
            }
        }
        if how != .asof, keys.isEmpty { problems.append((JoinFinding.noKeys(how: how.rawValue), ["how"])) }
        readTime(parameters, left, right)
        name(parameters, left, right)
    }

    /// Of one type, or both texts underneath.
    private static func areComparable(_ a: ColumnType, _ b: ColumnType) -> Bool {
        let texts: Set<ColumnType> = [.text, .category]
        let others: Set<ColumnType> = [.boolean, .integer, .number, .date, .timestamp]
        return texts.contains(a) && texts.contains(b) || a == b && others.contains(a)
    }

    // MARK: Time

    private mutating func readTime(_ parameters: JSONValue, _ left: TableType, _ right: TableType) {
        guard how == .asof else {
            for name in ["time", "tolerance"] where parameters[name] != nil {
                problems.append((JoinFinding.onlyAsOf(parameter: name, how: how.rawValue), [name]))
            }
            return
        }
        if validation != .manyToMany {
            problems.append((JoinFinding.notAsOf(parameter: "validate"), ["validate"]))
        }
        guard let a = parameters["time"]?["left"]?.string, let b = parameters["time"]?["right"]?.string else {
            problems.append((JoinFinding.noTime, ["how"]))
            return
        }
        time = (a, b)
        let sides = [("left", left[a]), ("right", right[b])]
        for case (let side, let column?) in sides where !TimeLength.takes.contains(column.type) {
            problems.append(
                (JoinFinding.timeType(column: column.name, type: column.type), ["time", side]))
        }
        guard let first = left[a], let second = right[b], TimeLength.takes.contains(first.type),
            TimeLength.takes.contains(second.type)
        else { return }
        guard first.type == second.type else {
            problems.append(
                (JoinFinding.unlikeKeys(left: a, first.type, right: b, second.type), ["time", "right"]))
            return
        }
        guard let text = parameters["tolerance"]?.expressionText else { return }
        do throws(ShapeFinding) {
            tolerance = try TimeLength(text, over: a, first.type).units
        } catch {
            problems.append((error, ["tolerance"]))
        }
    }

    // MARK: Names

    private mutating func name(_ parameters: JSONValue, _ left: TableType, _ right: TableType) {
        let suffixes = (
            left: parameters["suffixes"]?["left"]?.string ?? "",
            right: parameters["suffixes"]?["right"]?.string ?? "_right"
        )
        if suffixes.left == suffixes.right {
            problems.append((JoinFinding.sameSuffixes(suffixes.left), ["suffixes"]))
        }
        // A right key equals its left one, so one of them is enough.
        let rightKeys = Set(keys.map(\.right))
        let others = how == .anti ? [] : right.names.filter { !rightKeys.contains($0) }
        let shared = Set(left.names).intersection(others)
        outputs =
            left.names.map { name in
                Output(isLeft: true, old: name, new: shared.contains(name) ? name + suffixes.left : name)
            }
            + others.map { name in
                Output(isLeft: false, old: name, new: shared.contains(name) ? name + suffixes.right : name)
            }
        var seen: Set<String> = []
        for output in outputs where !seen.insert(output.new).inserted && suffixes.left != suffixes.right {
            problems.append((JoinFinding.clash(output.new), ["suffixes"]))
        }
    }

    /// The columns of the result.
    func columns(_ left: TableType, _ right: TableType) -> [Column] {
        outputs.compactMap { output in
            guard var column = output.isLeft ? left[output.old] : right[output.old] else { return nil }
            column.name = output.new
            if !output.isLeft, how != .inner { column.isNullable = true }
            return column
        }
    }

    // MARK: A run

    /// Left columns that rows are brought together by.
    var leftKeys: [String] { once(keys.map(\.left) + (time.map { [$0.left] } ?? [])) }

    /// Right columns that rows are brought together by.
    var rightKeys: [String] { once(keys.map(\.right) + (time.map { [$0.right] } ?? [])) }

    /// All right columns that are needed.
    var rightColumns: Set<String> { Set(rightKeys + outputs.filter { !$0.isLeft }.map(\.old)) }

    /// Of the columns of the result.
    func roles(_ left: [String: ColumnRole], _ right: [String: ColumnRole]) -> [String: ColumnRole] {
        var roles: [String: ColumnRole] = [:]
        for output in outputs { roles[output.new] = output.isLeft ? left[output.old] : right[output.old] }
        return roles
    }

    private func once(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}
