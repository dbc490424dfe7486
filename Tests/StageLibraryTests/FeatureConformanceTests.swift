import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes
import TestTables
import Testing

@testable import StageLibrary

/// What every step of features.fit keeps to, whatever it learns: each kind with each of its words, on columns of each
/// type, on tables that estimators stumble over.
@Suite struct FeatureConformanceTests {
    /// What a kind's parameters may be: each word of a choice, both booleans, the ends of a range, and some of each type
    /// where several are taken; all combinations where they are few, else one parameter at a time.
    static func settings(_ kind: any FeatureStep.Type) -> [JSONValue] {
        var (all, single): ([JSONValue], [JSONValue]) = ([[:]], [[:]])
        for parameter in kind.parameters {
            let values = values(parameter.type)
            func with(_ settings: [JSONValue]) -> [JSONValue] {
                settings.flatMap { setting in
                    values.map { value in
                        var setting = setting
                        setting[parameter.name] = value
                        return setting
                    }
                }
            }
            all = with(all) + (parameter.isRequired ? [] : all)
            // Only steps of few parameters have one that is required.
            single += with([[:]])
        }
        return all.count <= 64 ? all : single
    }

    private static func values(_ type: ParameterType) -> [JSONValue] {
        switch type {
        case .choice(let choices): choices.map { .string($0.word) }
        case .boolean: [true, false]
        case .text: ["x", ""]
        case .number(let range):
            [range.lower, range.upper].map { end in
                switch end {
                case .closed(let bound) where bound.isFinite: .number(bound)
                case .open(let bound) where bound.isFinite:
                    .number(range.contains(bound + 0.125) ? bound + 0.125 : bound - 0.125)
                default: .number(0.5)
                }
            }
        case .integer(let range):
            [range.lower, range.upper].map { end in
                switch end {
                case .closed(let bound) where bound.magnitude < 100: .integer(bound)
                case .open(let bound) where bound.magnitude < 100:
                    .integer(range.contains(bound + 1) ? bound + 1 : bound - 1)
                default: 5
                }
            }
        case .either(let types): types.flatMap(values)
        default: []
        }
    }

    static let kinds = FeatureSteps.kinds.map { $0.name }

    /// Every kind with every setting.
    static var steps: [(name: String, members: JSONValue)] {
        FeatureSteps.kinds.flatMap { kind in settings(kind).map { (kind.name, $0) } }
    }

    static let tables: [(name: String, frame: DataFrame)] = {
        var random = RandomTable(seed: 3)
        let usual = try! random.frame(rows: 100)
        let rows = Array(0..<usual.count)
        let nulls = DataFrame(
            checked: usual.columns.map {
                DataColumn(
                    $0.name, $0.type, $0.storage,
                    validity: ValidityBitmap(repeatElement(false, count: usual.count)))
            })
        let extremes = try! frame(
            .numbers("real", [.leastNonzeroMagnitude, -0.0, .greatestFiniteMagnitude, .nan]),
            .integers("whole", [.min, .max, nil, 0]))
        let equal = try! frame(
            .numbers("real", [0.1, 0.1, 0.1]), .integers("whole", [7, 7, 7]),
            .texts("text", ["a", "a", "a"]),
            .categories("kind", ["b", "b", "b"], levels: ["a", "b"]))
        return [
            ("usual", usual), ("no rows", usual.gather([])), ("one row", usual.gather([4])),
            ("nulls", nulls), ("extremes", extremes), ("equal", equal),
            ("the other half", usual.gather(rows.filter { $0 % 2 == 1 })),
        ]
    }()

    /// Each column of each table with a step; one that takes several together, with each pair of columns.
    private func each(
        _ name: String, _ members: JSONValue,
        _ body: (_ step: JSONValue, _ columns: DataFrame, _ place: String) throws -> Void
    ) rethrows {
        let kind = FeatureSteps.kind(name)!
        let isJoint = kind.isJoint
        for (table, frame) in Self.tables {
            for column in frame.columns {
                for other in frame.columns
                where isJoint ? other.name != column.name : other.name == column.name {
                    var members = members
                    let columns = DataFrame(checked: isJoint ? [column, other] : [column])
                    self.name(columns.names, in: &members, of: kind)
                    try body(
                        .object([name: members]), columns, "\(name) \(members.canonicalText) of \(table)")
                }
            }
        }
    }

    /// As many columns as there are parameters for them; else all in the only one.
    private func name(_ columns: [String], in members: inout JSONValue, of kind: any FeatureStep.Type) {
        let parameters = kind.columnParameters
        guard parameters.count > 1 else {
            members[parameters[0].name] = .strings(columns)
            return
        }
        for (parameter, column) in zip(parameters, columns) { members[parameter.name] = .string(column) }
    }

    private func fit(
        _ step: JSONValue, _ columns: DataFrame, batch: Int, memory: Int64? = nil
    ) throws -> FittedTransform {
        let type = TableType(columns.columns.map { Column($0.name, $0.type) })
        return try FittedTransform.fit(
            steps: [step], target: nil, type, rows: columns.count, memory: memory, threads: batch % 2 + 1
        ) { names, body in
            #expect(Set(names).isSubset(of: columns.names))
            try Self.eachBatch(of: columns, batch) { try body($0, $1) }
        }
    }

    private static func eachBatch(
        of frame: DataFrame, _ size: Int, _ body: (DataFrame, Int) throws -> Void
    ) rethrows {
        var start = 0
        repeat {
            let end = min(start + size, frame.count)
            try body(frame.gather(Array(start..<end)), start)
            start = end
        } while start < frame.count
    }

    /// An error tells which column it is about.
    private func names(_ columns: DataFrame, _ error: StageError) -> Bool {
        columns.names.contains { error.message.contains("'\($0)'") }
    }

    @Test(arguments: steps)
    func `what types allow is fitted or says why not, the same however rows are cut`(
        name: String, members: JSONValue
    ) throws {
        try each(name, members) { step, columns, place in
            let declared = try #require(DeclaredStep(step), "\(place)")
            let inputs = columns.columns.map { Column($0.name, $0.type) }
            let outputs: [Column]
            do {
                outputs = try declared.step.outputs(of: inputs)
            } catch {
                #expect(throws: StageError.self, "\(place)") { try fit(step, columns, batch: 1000) }
                return
            }
            let transform: FittedTransform
            do {
                transform = try fit(step, columns, batch: 1000)
            } catch let error as StageError {
                // Nothing to learn from, or nothing finite.
                #expect(names(columns, error), "\(place): \(error.message)")
                for batch in [1, 7] {
                    let again = #expect(throws: StageError.self, "\(place)") {
                        try fit(step, columns, batch: batch)
                    }
                    #expect(again == error, "\(place)")
                }
                return
            }
            #expect(transform.outputs.map(\.name) == outputs.map(\.name), "\(place)")
            #expect(transform.outputs.map(\.type) == outputs.map(\.type), "\(place)")
            for (batch, memory) in [(1000, nil), (1, nil), (7, nil), (7, 1)] as [(Int, Int64?)] {
                let again = try fit(step, columns, batch: batch, memory: memory)
                #expect(
                    again.json.canonicalBytes == transform.json.canonicalBytes,
                    "\(place), \(batch) rows at once")
            }
            let read = try FittedTransform(json: JSONValue(parsing: transform.json.canonicalText))
            #expect(read == transform && read.outputs == transform.outputs, "\(place)")
        }
    }

    @Test func `every kind fits some column`() throws {
        for kind in FeatureSteps.kinds {
            let fits = Self.settings(kind).contains { members in
                var fits = false
                each(kind.name, members) { step, columns, _ in
                    fits = fits || (try? fit(step, columns, batch: 1000)) != nil
                }
                return fits
            }
            #expect(fits, "\(kind.name)")
        }
    }

    @Test(arguments: steps)
    func `what was fitted is applied to any table of its types, the same however rows are cut`(
        name: String, members: JSONValue
    ) throws {
        try each(name, members) { step, columns, place in
            guard let transform = try? fit(step, columns, batch: 1000) else { return }
            for (table, frame) in Self.tables {
                guard columns.names.allSatisfy({ frame[$0] != nil }) else { continue }
                let other = DataFrame(checked: columns.names.map { frame[$0]! })
                let place = "\(place), applied to \(table)"
                let whole: DataFrame
                do {
                    whole = try transform.apply(other)
                } catch let error as StageError {
                    // A level that was not there is an error where it is told to be one.
                    #expect(names(columns, error), "\(place): \(error.message)")
                    let again = #expect(throws: StageError.self, "\(place)") {
                        try Self.eachBatch(of: other, 7) { _ = try transform.apply($0, first: $1) }
                    }
                    #expect(again == error, "\(place)")
                    continue
                }
                // Of no levels nothing is left.
                #expect(whole.count == (whole.names.isEmpty ? 0 : other.count), "\(place)")
                #expect(whole.names == transform.outputs.flatMap(\.outputNames), "\(place)")
                var rows = DataFrameBuilder()
                try Self.eachBatch(of: other, 7) {
                    rows.append(try transform.apply($0, first: $1), 0..<$0.count)
                }
                // NaN is not equal to itself.
                #expect("\(rows.take())" == "\(whole)", "\(place)")
                let matrix = try transform.matrix(other)
                #expect(matrix.columns == transform.outputNames, "\(place)")
                #expect(matrix.values.count == other.count * matrix.columns.count, "\(place)")
            }
        }
    }

    @Test(arguments: kinds)
    func `a column of another type is refused with the types that are taken`(name: String) throws {
        let kind = try #require(FeatureSteps.kind(name))
        for members in Self.settings(kind) {
            for type in ColumnType.allCases {
                var members = members
                self.name(kind.isJoint ? ["x", "y"] : ["x"], in: &members, of: kind)
                let step = try #require(DeclaredStep(.object([name: members])))
                do throws(StageLibraryFinding) {
                    _ = try step.step.outputs(of: step.columns.map { Column($0, type) })
                } catch {
                    if case .columnType(_, _, _, let takes) = error {
                        #expect(!takes.contains(type) && error.message.contains(type.rawValue))
                    }
                }
            }
        }
    }
}
