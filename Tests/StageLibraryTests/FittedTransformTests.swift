import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes
import Testing

@Suite struct FittedTransformTests {
    private func fit(_ steps: JSONValue, target: String? = nil, on frame: DataFrame) throws -> FittedTransform
    {
        try FittedTransform.fit(steps: steps, target: target, on: frame)
    }

    private func message(_ steps: JSONValue, target: String? = nil, on frame: DataFrame) -> StageError? {
        #expect(throws: StageError.self) { try fit(steps, target: target, on: frame) }
    }

    private func step(_ name: String, _ columns: [String], _ words: JSONValue) -> JSONValue {
        var words = words
        words["columns"] = .strings(columns)
        return [.object([name: words])]
    }

    /// Goldens/make_transform.py names the peer's version and the input's digest.
    @Test func `what is learned from german credit is what scikit-learn learns`() throws {
        let golden = try JSONValue(parsing: Files.read(goldens + "/transform.json"))
        let whole = try germanCredit()
        let rows = (0..<whole.count).filter { $0 % 5 != 0 }
        for (name, expected) in try #require(golden["numeric"]?.object) {
            let column = try #require(whole[name])
            let blanked = try DataFrame([
                .numbers(name, (0..<1000).map { $0 % 7 == 3 ? nil : column.numbers?[$0] })
            ])
            let training = blanked.gather(rows)
            for strategy in ["median", "mean", "most_frequent"] {
                let steps = step("impute", [name], ["strategy": .string(strategy)])
                let filled = try fit(steps, on: training).matrix(blanked).values
                #expect(
                    abs(filled[3] - (expected[strategy]?.number ?? .nan)) <= 1e-12 * abs(filled[3]),
                    "\(name) \(strategy)")
                #expect(filled[4] == column.numbers?[4])
            }
            let scale = step("scale", [name], ["method": "standard"])
            let learned = try fit(scale, on: training).json["steps"]?.array?[0]["scale"]
            let peer = expected["standard"]?.array?.compactMap(\.number) ?? []
            #expect(abs((learned?["center"]?.number ?? .nan) - peer[0]) <= 1e-12 * abs(peer[0]))
            #expect(abs((learned?["divisor"]?.number ?? .nan) - peer[1]) <= 1e-12 * abs(peer[1]))
            let both = JSONValue.array(
                (step("impute", [name], ["strategy": "median"]).array ?? []) + (scale.array ?? []))
            try close(fit(both, on: training).matrix(blanked).values, expected["imputed_then_standard"])
            let unit = step("scale", [name], ["method": "min_max"])
            try close(fit(unit, on: whole.gather(rows)).matrix(whole), of: name, expected["min_max"])
        }
    }

    private func close(_ ours: [Double], _ theirs: JSONValue?) throws {
        let theirs = theirs?.array?.compactMap(\.number) ?? []
        #expect(theirs.count == 20)
        for (a, b) in zip(ours, theirs) { #expect(abs(a - b) < 1e-12) }
    }

    private func close(
        _ ours: (columns: [String], values: [Double]), of name: String, _ theirs: JSONValue?
    ) throws {
        let place = try #require(ours.columns.firstIndex(of: name))
        let column = stride(from: place, to: ours.values.count, by: ours.columns.count).map {
            ours.values[$0]
        }
        try close(column, theirs)
    }

    @Test func `levels of german credit are those of scikit-learn, row by row`() throws {
        let golden = try JSONValue(parsing: Files.read(goldens + "/transform.json"))
        let whole = try germanCredit()
        let training = whole.gather((0..<whole.count).filter { $0 % 5 != 0 })
        let expected = try #require(golden["categorical"]?.object)
        #expect(expected.count == 13)
        for (name, peer) in expected {
            let levels = try #require(peer["levels"]?.strings)
            let column = try #require(training[name])
            let only = try DataFrame([column])
            let transform = try fit(step("encode", [name], ["unknown": "ignore"]), on: only)
            #expect(transform.outputNames == levels.map { "\(name)=\($0)" })
            let values = try transform.matrix(whole).values
            let rows = (0..<whole.count).map { row in
                values[row * levels.count..<(row + 1) * levels.count].firstIndex(of: 1)
                    .map { String($0 - row * levels.count) } ?? "-"
            }
            #expect(rows.joined() == peer["rows"]?.string, "\(name)")
            let filled = try fit(step("impute", [name], ["strategy": "most_frequent"]), on: only)
            #expect(
                filled.json["steps"]?.array?[0]["impute"]?["value"]
                    == peer["most_frequent"])
        }
    }

    @Test func `a transform survives its JSON, and applies and gives the matrix in table order`() throws {
        let table = try frame(
            .integers("id", [7, 8, 9]), .categories("c", ["b", nil, "a"], levels: ["b", "a", "z"]),
            .integers("i", [1, nil, 4]), .texts("t", ["x", "y", nil]),
            .categories("y", ["no", "yes", "no"], levels: ["no", "yes"]))
        let transform = try FittedTransform.fit(
            steps: [
                ["impute": ["columns": ["i"], "strategy": "mean"]],
                ["scale": ["columns": ["i"], "method": "min_max"]],
                ["encode": ["columns": ["c"]]],
            ], target: "y", roles: ["id": .id], on: table)
        #expect(
            transform.json.canonicalText
                == #"{"format":2,"inputs":[{"name":"c","type":"category"},{"name":"i","type":"integer"}],"outputs":["c=a","c=b","i"],"#
                + #""steps":[{"impute":{"as":"number","columns":["i"],"value":2.5}},{"scale":{"center":1,"columns":["i"],"divisor":3}},"#
                + #"{"encode":{"columns":["c"],"levels":["a","b"],"unknown":"error"}}],"target":"y"}"#)
        let read = try FittedTransform(json: JSONValue(parsing: transform.json.canonicalText))
        #expect(read == transform)
        #expect(read.inputColumns == ["c", "i"])
        let matrix = try read.matrix(table)
        #expect(matrix.columns == ["c=a", "c=b", "i"])
        #expect(matrix.values == [0, 1, 0, 0, 0, 0.5, 1, 0, 1])
        let applied = try read.apply(table)
        #expect(
            try applied
                == frame(
                    .integers("id", [7, 8, 9]), DataColumn("c=a", .boolean, .boolean([false, false, true])),
                    DataColumn("c=b", .boolean, .boolean([true, false, false])),
                    .numbers("i", [0, 0.5, 1]), .texts("t", ["x", "y", nil]),
                    .categories("y", ["no", "yes", "no"], levels: ["no", "yes"])))
    }

    @Test func `every fill keeps or changes the type it says`() throws {
        let table = try frame(
            .integers("i", [3, nil, 3, 5]), .numbers("n", [0.5, nil, .nan, 0.5]),
            .texts("t", ["b", nil, "a", nil]),
            .categories("c", [nil, "q", "q", "p"], levels: ["q", "p"]),
            DataColumn(
                "b", .boolean, .boolean([true, true, false, false]),
                validity: ValidityBitmap([true, false, true, true])))
        func filled(_ column: String, _ words: JSONValue) throws -> DataColumn? {
            try fit(step("impute", [column], words), on: table).apply(table)[column]
        }
        #expect(try filled("i", ["strategy": "most_frequent"]) == .integers("i", [3, 3, 3, 5]))
        #expect(try filled("i", ["strategy": "median"]) == .numbers("i", [3, 3, 3, 5]))
        #expect(try filled("n", ["strategy": "constant", "value": 9]) == .numbers("n", [0.5, 9, 9, 0.5]))
        #expect(try filled("t", ["strategy": "most_frequent"]) == .texts("t", ["b", "a", "a", "a"]))
        #expect(
            try filled("c", ["strategy": "constant", "value": "none"])
                == .categories("c", ["none", "q", "q", "p"], levels: ["q", "p", "none"]))
        #expect(
            try filled("b", ["strategy": "most_frequent"])
                == DataColumn("b", .boolean, .boolean([true, false, false, false])))
    }

    @Test func `equal values are only shifted, though their mean is rounded`() throws {
        let table = try frame(.numbers("n", [Double](repeating: 0.1, count: 1000)))
        let values = try fit(step("scale", ["n"], ["method": "standard"]), on: table).matrix(table).values
        #expect(values.allSatisfy { abs($0) < 1e-13 })
        #expect(
            try fit(step("scale", ["n"], ["method": "min_max"]), on: table).matrix(table).values
                == [Double](repeating: 0, count: 1000))
    }

    @Test func `what cannot be learned or applied says which column and why`() throws {
        let table = try frame(
            .texts("city", ["Ulm", "Bonn"]), .numbers("void", [nil, nil]), .numbers("huge", [-1e308, 1e308]),
            .integers("y", [0, 1]))
        #expect(
            message(step("scale", ["city"], [:]), on: table)
                == StageError(
                    "scale by standard cannot take column 'city' of type text",
                    notes: [("expected", "integer, number")], fix: "leave 'city' out, or encode it"))
        #expect(
            message(step("scale", ["ciy"], [:]), on: table)
                == StageError(
                    "the table has no column 'ciy'", notes: [("columns", "city, void, huge, y")],
                    fix: "did you mean 'city'?"))
        #expect(
            message(step("impute", ["void"], ["strategy": "median"]), on: table)?.message
                == "impute by median: column 'void' has no value to learn from")
        #expect(
            message(step("scale", ["huge"], ["method": "min_max"]), on: table)?.message
                == "scale by min_max: the values of column 'huge' are infinite or too large")
        #expect(
            message(step("scale", ["y"], [:]), target: "y", on: table)?.message
                == "scale by standard cannot take the target 'y'")
        #expect(
            message(step("impute", ["y"], ["strategy": "constant", "value": 1.5]), on: table)?.message
                == "the constant 1.5 does not fit column 'y' of type integer")
        #expect(
            message(step("impute", ["y"], ["strategy": "constant"]), on: table)?.message
                == "impute by constant needs 'value'")
        #expect(
            message([["encode": ["columns": ["city"]]], ["encode": ["columns": ["city"]]]], on: table)?
                .message
                == "encode by one_hot cannot take column 'city' after a step has encoded it")
        let clash = try frame(.texts("a", ["b"]), .numbers("a=b", [1]))
        #expect(
            message(step("encode", ["a"], [:]), on: clash)?.message
                == "two columns of the result would be called 'a=b'")

        let transform = try fit(step("encode", ["city"], ["unknown": "error"]), on: table)
        let other = try frame(
            .texts("city", ["Ulm", "Kiel"]), .numbers("void", [1, 2]), .numbers("huge", [1, 2]),
            .integers("y", [0, 1]))
        let unknown = #expect(throws: StageError.self) { try transform.matrix(other) }
        #expect(unknown?.message == "row 2, column 'city': the level 'Kiel' was not there when fitting")
        let changed = #expect(throws: StageError.self) {
            try transform.apply(
                frame(
                    .integers("city", [1]), .numbers("void", [1]), .numbers("huge", [1]), .integers("y", [0]))
            )
        }
        #expect(changed?.message == "column 'city' is of type integer; the transform was fitted on text")
    }

    @Test(arguments: [
        (#"{"format":1}"#, "expected format 2"),
        (#"{"format":2}"#, "inputs: expected a list"),
        (#"{"format":2,"inputs":[]}"#, "steps: expected a list"),
        (#"{"format":2,"inputs":[],"steps":[],"outputs":["x"]}"#, "outputs: do not agree with the steps"),
        (
            #"{"format":2,"inputs":[],"steps":[],"outputs":[],"target":1}"#,
            "target: expected the name of a column"
        ),
        (
            #"{"format":2,"inputs":[{"name":"a","type":"text"},{"name":"a","type":"text"}],"steps":[]}"#,
            "inputs[1]: not the name and the type of a column"
        ),
        (
            #"{"format":2,"inputs":[{"name":"a","type":"text"}],"steps":[{"scale":{"columns":["a"],"center":0,"divisor":1}}]}"#,
            "steps[0]: cannot take what the steps before it make"
        ),
        (
            #"{"format":2,"inputs":[{"name":"a","type":"text"}],"steps":[{"encode":{"columns":["a"],"levels":[],"unknown":"error"}},"#
                + #"{"impute":{"columns":["a"],"value":"x"}}]}"#,
            "steps[1]: cannot take what the steps before it make"
        ),
        (
            #"{"format":2,"inputs":[{"name":"a","type":"integer"}],"steps":[{"scale":{"columns":["a"],"center":0,"divisor":0}}]}"#,
            "steps[0]: not a fitted step"
        ),
    ])
    func `a transform that no fit has written is refused`(text: String, place: String) throws {
        let json = try JSONValue(parsing: text)
        let error = #expect(throws: StageError.self) { try FittedTransform(json: json) }
        #expect(error?.message == "the transform cannot be read: \(place)")
    }
}
