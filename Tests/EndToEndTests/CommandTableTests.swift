import Glibc
import Platform
import Testing

/// Tables that commands write, in the forms people's programs write them.
@Suite struct CommandTableTests {
    private func workplace(_ rows: String, schema: String? = nil) throws -> Workplace {
        let place = try Workplace(
            """
            stages:
              table:
                run: cat ${in.rows} > ${out.t}
                in: { rows: { file: rows.csv } }
                out: { t: { table: t.csv\(schema == nil ? "" : ", schema: schema.yaml") } }
              back:
                run: cat ${in.csv} ${in.json} > ${out.o}; head -c 6 ${in.arrow} >> ${out.o}
                in: { csv: { from: table, as: csv }, json: { from: table, as: jsonl }, arrow: table }
                out: { o: back.txt }
                publish: { o: back.txt }

            """)
        try place.write("rows.csv", rows)
        if let schema { try place.write("schema.yaml", schema) }
        return place
    }

    @Test func aTableGoesRoundThroughEveryForm() throws {
        let place = try workplace("id,name,score\n1,\"a, b\",0.5\n2,,1.25\n")
        let result = try place.sluice("run")
        try #require(result.status == 0, "\(result)")
        #expect(
            try place.read("back.txt") == """
                id,name,score
                1,"a, b",0.5
                2,,1.25
                {"id":1,"name":"a, b","score":0.5}
                {"id":2,"name":null,"score":1.25}
                ARROW1
                """)
    }

    static let schema = """
        fields:
          - { name: id, type: integer }
          - { name: score, type: number, constraints: { minimum: 0 } }

        """

    /// Rows count from the header, as an editor counts lines.
    @Test(arguments: [
        ("id,score\n1,0.5\n2,high\n", "row 3, column 'score': 'high' is not of type number"),
        ("id,score\n1,0.5\nx,1\n", "row 3, column 'id': 'x' is not of type integer"),
        ("id,score\n1,-4\n", "row 2, column 'score': -4 is below the minimum 0"),
        ("id,score\n1,2,3\n", "row 2: it has more fields than the 2 of the header"),
        ("id,points\n1,4\n", "'score'"),
        ("", ""),
    ])
    func whatDoesNotFitTheSchemaIsNamedByRowAndColumn(_ rows: String, _ problem: String) throws {
        let place = try workplace(rows, schema: Self.schema)
        let result = try place.sluice("run")
        #expect(result.status == 1, "\(result)")
        let first = result.err.prefix { $0 != "\n" }
        #expect(first.hasPrefix("p.yaml:2:3: error: stage 'table' failed: "), "\(result.err)")
        #expect(first.contains(problem), "\(result.err)")
        #expect(!place.exists("back.txt"))
    }

    @Test func anInferredSchemaIsPinned() throws {
        let place = try workplace("id,code\n1,7\n2,8\n")
        #expect(try place.sluice("run").status == 0)
        let lock = try place.read("p.lock")
        #expect(lock.contains("{\"name\":\"code\",\"type\":\"integer\"}"), "\(lock)")
        // Fits: nothing but the rows is new.
        try place.write("rows.csv", "id,code\n1,7\n2,8\n3,9\n")
        #expect(try place.sluice("run").status == 0)
        // Does not fit what was pinned: an error, not another type.
        try place.write("rows.csv", "id,code\n1,7\n2,eight\n")
        let failed = try place.sluice("run")
        #expect(failed.status == 1 && failed.err.contains("eight"), "\(failed)")
        #expect(try place.read("p.lock").contains("{\"name\":\"code\",\"type\":\"integer\"}"))
    }

    /// Nobody knows the columns of a command's table before it has run.
    @Test func aMissingColumnIsSaidWithItsTableAndWhoNeedsIt() throws {
        let place = try Workplace(
            """
            stages:
              rows: { run: "cp ${in.r} ${out.t}", in: { r: { file: rows.csv } }, out: { t: { table: t.csv } } }
              other: { run: "cp ${in.r} ${out.t}", in: { r: { file: other.csv } }, out: { t: { table: t.csv } } }
              more: { run: "cp ${in.r} ${out.t}", in: { r: { file: more.csv } }, out: { t: { table: t.csv } } }
              features: { uses: features.fit, in: rows, with: { target: y, steps: [scale: { columns: [a] }] } }
              applied: { uses: features.apply, in: { table: other, features: features } }
              model: { uses: train.model, in: { train: rows, features: features }, with: { estimator: logistic } }
              report: { uses: evaluate.model, in: { model: model, test: other } }
              second: { uses: evaluate.model, in: { model: model, test: more } }
              held:
                uses: train.model
                in: { train: rows, validation: other, features: features }
                with: { estimator: mlp, epochs: 1 }
              plain:
                uses: train.model
                in: { train: rows, validation: more }
                with: { estimator: mlp, epochs: 1, target: y }

            """)
        try place.write("rows.csv", "a,y\n1,p\n2,q\n3,p\n4,q\n")
        try place.write("other.csv", "b,c\n1,2\n")
        try place.write("more.csv", "b,y\n1,p\n")
        let result = try place.sluice("run", "-k")
        let failures = result.err.split(separator: "\n").compactMap { line in
            line.firstRange(of: "error: ").map { String(line[$0.upperBound...]) }
        }
        #expect(
            failures.sorted() == [
                "stage 'applied' failed: table 'other' has no column 'a', which transform 'features' needs",
                "stage 'held' failed: table 'other' has no column 'y', the target",
                "stage 'report' failed: table 'other' has no column 'y', which model 'model' needs",
                "stage 'second' failed: table 'more' has no column 'a', which model 'model' needs",
                // Its target is looked up before it starts, and so is this.
                "table 'more' has no column 'a', which the model learns from",
            ], "\(result)")
        #expect(result.err.contains("\n  columns: b, c\n"), "\(result)")
    }
}
