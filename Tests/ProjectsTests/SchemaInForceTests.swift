import CanonicalJSON
import ContentStore
import PipelineLanguage
import Planner
import Projects
import TableTypes
import Testing

private let source = """
    stages:
      rows:
        uses: collect.csv
        with: { path: rows.csv }
      split: { uses: split.rows, in: rows }

    """
private let made = """
    stages:
      made:
        run: cp ${in.rows} ${out.table}
        in: { rows: { file: rows.csv } }
        out: { table: { table: made.csv } }
      features:
        uses: features.fit
        in: made
        with: { target: y, steps: [scale: { columns: [aa] }] }

    """

private func schema(_ fields: (String, TableSchema.FieldType)...) -> TableSchema {
    TableSchema(fields.map { TableSchema.Field($0.0, $0.1) })
}

private func lock(_ stage: String, _ schema: TableSchema?, table: TableSchema? = nil) -> String {
    let digest = Digest.of([1])
    let output = LockFile.Output(digest: digest, size: 1, schema: table)
    let lock = LockFile([
        stage: .init(key: digest, recipe: digest, outputs: ["table": output], schema: schema)
    ])
    return String(decoding: lock.bytes, as: UTF8.self)
}

extension LoadedPipeline {
    fileprivate func types(_ stage: String) -> [String] {
        guard let number = plan.index(of: stage), let schema = plan.stages[number].schema.schema else {
            return []
        }
        return schema.fields.map { "\($0.name): \($0.type.rawValue)" }
    }

    fileprivate func isOpen(_ stage: String) throws -> Bool {
        plan.stages[try #require(plan.index(of: stage))].needsActualTypes
    }
}

@Suite struct SchemaInForceTests {
    @Test func withoutDeclarationAndLockItIsInferred() throws {
        let project = try SmallProject(source)
        try project.write("rows.csv", "a,b\n1,x\n2,y\n")
        #expect(try project.plan().types("rows") == ["a: integer", "b: string"])
    }

    @Test func inferenceLooksAtTheFirstTenThousandRows() throws {
        let project = try SmallProject(source)
        let numbers = (1...10_000).map { "\($0)" }.joined(separator: "\n")
        try project.write("rows.csv", "a\n\(numbers)\n0.5\n")
        #expect(try project.plan().types("rows") == ["a: integer"])
        try project.write("rows.csv", "a\n0.5\n\(numbers)\n")
        #expect(try project.plan().types("rows") == ["a: number"])
    }

    @Test func whatTheLockPinsOutlivesChangesOfTheFile() throws {
        let project = try SmallProject(source)
        try project.write("rows.csv", "a,b\nnow,text\n")
        try project.write("p.lock", lock("rows", schema(("a", .integer), ("b", .string))))
        #expect(try project.plan().types("rows") == ["a: integer", "b: string"])
    }

    @Test func aDeclaredSchemaComesBeforeThePinnedOne() throws {
        let project = try SmallProject(
            source.split(separator: "\n").map(String.init).joined(separator: "\n")
                .replacing("rows.csv }", with: "rows.csv, schema: { fields: [{ name: a, type: number }] } }"))
        try project.write("rows.csv", "a\n1\n")
        try project.write("p.lock", lock("rows", schema(("a", .string))))
        #expect(try project.plan().types("rows") == ["a: number"])
    }

    @Test func aStageToInferIsLookedAtWhateverTheLockPins() throws {
        let project = try SmallProject(source)
        try project.write("rows.csv", "a,c\n0.5,2024-12-31\n1.5,2025-01-01\n")
        try project.write("p.lock", lock("rows", schema(("a", .integer), ("b", .string))))
        let loaded = try project.plan(.init(inferAnew: ["rows"]))
        #expect(loaded.types("rows") == ["a: number", "c: date"])
        #expect(
            loaded.inferredDifferences(LockFile()) == [
                "rows: inferred anew", "  a: integer -> number", "  b: string -> gone",
                "  c: not there -> date",
            ])
        let same = try project.plan(.init(inferAnew: ["r*"]))
        #expect(same.types("rows") == ["a: number", "c: date"])
        try project.write("p.lock", lock("rows", schema(("a", .number), ("c", .date))))
        #expect(
            try project.plan(.init(inferAnew: ["rows"])).inferredDifferences(LockFile())
                == ["rows: the schema is as it was"])
    }

    @Test func aStageToInferMustBeThereAndInfer() throws {
        let project = try SmallProject(source)
        try project.write("rows.csv", "a\n1\n")
        #expect(
            project.load(.init(inferAnew: ["rowz"])).text == """
                error: no stage is called 'rowz'
                  stages: rows, split
                  fix: did you mean 'rows'?

                """)
        #expect(
            project.load(.init(inferAnew: ["split"])).text == """
                p.yaml:5:3: error: stage 'split' has no schema that was inferred
                  split: { uses: split.rows, in: rows }
                  ^~~~~
                  fix: change the declared schema, or leave --infer out

                """)
    }

    @Test func aCommandsTableIsOpenUntilTheLockPinsIt() throws {
        let project = try SmallProject(made)
        try project.write("rows.csv", "a,y\n1,2\n")
        #expect(try project.plan().isOpen("features"))
        try project.write("p.lock", lock("made", nil, table: schema(("aa", .integer), ("y", .integer))))
        #expect(try !project.plan().isOpen("features"))
        try project.write("p.lock", lock("made", nil, table: schema(("a", .integer), ("y", .integer))))
        #expect(
            project.load().text == """
                p.yaml:9:51: error: table 'made' has no column 'aa'
                    with: { target: y, steps: [scale: { columns: [aa] }] }
                                                                  ^~
                  columns: a, y
                  fix: did you mean 'a'?

                """)
        #expect(try project.plan(.init(inferAnew: ["made"])).isOpen("features"))
    }

    @Test func anEncodedTableIsOpen() throws {
        let project = try SmallProject(
            """
            stages:
              rows: { uses: collect.csv, with: { path: rows.csv, schema: { fields: [{ name: a, type: integer }, { name: c, type: category }] } } }
              features: { uses: features.fit, in: rows, with: { steps: [scale: { columns: numeric }] } }
              encoding: { uses: features.fit, in: rows, with: { steps: [encode: { columns: categorical }] } }
              scaled: { uses: features.apply, in: { table: rows, features: features } }
              encoded: { uses: features.apply, in: { table: rows, features: encoding } }
              closed: { uses: features.fit, in: scaled, with: { steps: [scale: { columns: all, method: min_max }, scale: { columns: numeric }] } }
              open: { uses: features.fit, in: encoded, with: { steps: [scale: { columns: numeric }] } }

            """.replacing("columns: all", with: "columns: [a]"))
        try project.write("rows.csv", "a,c\n1,x\n")
        let loaded = try project.plan()
        #expect(try !loaded.isOpen("closed"))
        #expect(try loaded.isOpen("open"))
    }

    @Test func aStageThatIsOffIsNotPlanned() throws {
        let project = try SmallProject(
            """
            stages:
              rows: { uses: collect.csv, with: { path: rows.csv } }
              off: { uses: collect.csv, with: { path: nowhere.csv }, when: "1 == 2" }

            """)
        try project.write("rows.csv", "a\n1\n")
        let plan = try project.plan().plan
        #expect(plan.stages.map(\.stage.name) == ["rows"] && plan.off == ["off"])
    }
}

extension String {
    fileprivate func replacing(_ piece: String, with other: String) -> String {
        var text = self
        if let range = text.firstRange(of: piece) { text.replaceSubrange(range, with: other) }
        return text
    }
}
