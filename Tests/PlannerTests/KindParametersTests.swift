import CanonicalJSON
import PipelineLanguage
import Planner
import Testing

private func kind(_ parameters: [Parameter]) -> StageKind {
    StageKind(
        "clean.sample", versions: [.init(1, "first")], summary: "Cleans.", example: "clean: {}",
        inputs: [], outputs: [OutputPort("table", .table, "Rows.")], parameters: parameters, run: { _ in })
}

private let factor = Parameter("factor", .number(.above(0)), .defaulted(1.5), "How far.")
private let action = Parameter(
    "action", .choice([.init("drop", "Out."), .init("clip", "In.")]), .defaulted("clip"), "What.")
private let every = Parameter(
    "log_every", .integer(.atLeast(1)), .defaulted(1), isObserver: true, "How often.")
private let nested: [Parameter] = [
    factor,
    Parameter("outliers", .record([factor, action, every]), .optional, "Where."),
    Parameter(
        "steps", .list(.variant([.init("impute", "Fills.", [factor, every])])), .defaulted([]), "Steps."),
    Parameter("weights", .map(.record([factor])), .optional, "By class."),
    Parameter("either", .either([.text, .record([action])]), .optional, "One of two."),
]

@Suite struct KindParametersTests {
    private func keyed(_ parameters: [Parameter], _ given: JSONValue) -> JSONValue {
        let kind = kind(parameters)
        return kind.keyed(kind.filled(given))
    }

    @Test func defaultsAreFilledInAtEveryDepth() {
        #expect(
            kind(nested).filled([
                "outliers": [:], "steps": [["impute": [:]]], "weights": ["a": [:]], "either": [:],
            ]) == [
                "factor": 1.5, "outliers": ["factor": 1.5, "action": "clip", "log_every": 1],
                "steps": [["impute": ["factor": 1.5, "log_every": 1]]], "weights": ["a": ["factor": 1.5]],
                "either": ["action": "clip"],
            ])
    }

    @Test(
        arguments: [
            (["factor": 1.5], [:]),
            (["outliers": ["factor": 1.5, "action": "clip"]], ["outliers": [:]]),
            (["steps": []], [:]),
            (["steps": [["impute": ["factor": 1.5]]]], ["steps": [["impute": [:]]]]),
            (["weights": ["a": ["factor": 1.5]]], ["weights": ["a": [:]]]),
            (["either": ["action": "clip"]], ["either": [:]]),
        ] as [(JSONValue, JSONValue)])
    func aDefaultGivenExplicitlyIsTheSameKey(given: JSONValue, without: JSONValue) {
        #expect(keyed(nested, given) == keyed(nested, without))
    }

    @Test(
        arguments: [
            ["factor": 2], ["outliers": [:]], ["outliers": ["action": "drop"]], ["steps": [["impute": [:]]]],
            ["steps": [["impute": ["factor": 3]]]], ["weights": [:]], ["either": "word"],
        ] as [JSONValue])
    func anyOtherValueIsAnotherKey(given: JSONValue) {
        #expect(keyed(nested, given) != keyed(nested, [:]))
    }

    @Test func observersAreNotKeyed() {
        #expect(keyed([factor, every], ["log_every": 5]) == keyed([factor, every], [:]))
        #expect(
            keyed(nested, ["outliers": ["log_every": 5], "steps": [["impute": ["log_every": 9]]]])
                == keyed(nested, ["outliers": [:], "steps": [["impute": [:]]]]))
    }

    @Test func aNewParameterWithADefaultChangesNoKey() {
        #expect(keyed([factor], ["factor": 2]) == keyed([factor, action], ["factor": 2]))
        #expect(keyed([], [:]) == keyed(nested, [:]))
    }

    @Test func whatIsKeyedElsewhereIsLeftOut() {
        let parameters = [
            Parameter("path", .path, .required, "A file."), Parameter("schema", .schema, .optional, "Types."),
            Parameter("gates", .gates, .optional, "Bounds."), factor,
        ]
        #expect(
            keyed(parameters, ["path": "a.csv", "schema": "s.yaml", "gates": ["auc": ">= 1"], "factor": 2])
                == ["factor": 2])
    }
}
