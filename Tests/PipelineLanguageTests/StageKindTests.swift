import CanonicalJSON
import PipelineLanguage
import Testing

/// A kind with every form of parameter, so that what is derived from a
/// declaration is tested apart from the kinds of any release.
let sampleKind = StageKind(
    "clean.sample",
    versions: [.init(1, "first"), .init(2, "outliers are clipped by default")],
    summary: "Cleans a table.",
    example: "clean:\n  uses: clean.sample\n  in: raw",
    inputs: [InputPort("in", .table, "The rows.")],
    outputs: [OutputPort("table", .table, "The clean rows."), OutputPort("removed", .table, "The others.")],
    parameters: [
        Parameter(
            "action", .choice([.init("drop", "Leave out."), .init("clip", "Pull in.")]), .defaulted("clip"),
            "What to do."),
        Parameter("factor", .number(.above(0)), .defaulted(1.5), "How far is too far."),
        Parameter("columns", .selector(port: "in"), .optional, "Where to look."),
        Parameter(
            "steps",
            .list(
                .variant([
                    .init("impute", "Fills gaps.", [Parameter("value", .text, .required, "With what.")])
                ])),
            .optional, "In order."),
        Parameter("gates", .gates, .optional, "Bounds."),
    ],
    isRandom: true, run: { _ in })

@Suite struct StageKindTests {
    @Test func thePageShowsPortsParametersRangesAndVersions() {
        #expect(
            sampleKind.page == """
                clean.sample  (version 2)

                Cleans a table.

                inputs
                  in: table  The rows.

                outputs
                  table: table, main  The clean rows.
                  removed: table      The others.

                parameters
                  action     What to do. (one of the words below; default "clip")
                    drop     Leave out.
                    clip     Pull in.
                  factor     How far is too far. (a number in (0.0, inf); default 1.5)
                  columns    Where to look. (a column, a list of columns, or numeric | categorical | text | all; optional)
                  steps      In order. (list of a mapping with one key; optional)
                    impute   Fills gaps.
                      value  With what. (a text; required)
                  gates      Bounds. (a mapping of metrics to bounds, such as auc: ">= 0.70"; optional)
                  seed       Number the random streams are keyed by; without it the pipeline's seed, else 0. (an integer in [0, inf); optional)

                example
                  clean:
                    uses: clean.sample
                    in: raw

                versions
                  1  first
                  2  outliers are clipped by default

                """)
    }

    @Test func theSchemaOfAParameterAllowsAReferenceInPlaceOfAValue() {
        let schema = ParameterType.number(.between(0, 1)).jsonSchema
        #expect(
            schema.canonicalText
                == ##"{"anyOf":[{"exclusiveMaximum":1,"exclusiveMinimum":0,"type":"number"},{"$ref":"#/$defs/reference"}]}"##
        )
    }

    @Test func everyKindIsACaseOfTheStageSchema() {
        let schema = PipelineSchema(StageCatalog([sampleKind])).json
        let stages = schema["$defs"]?["stage"]?["oneOf"]?.array ?? []
        #expect(stages.count == 2)
        #expect(stages[1]["properties"]?["uses"]?["const"] == "clean.sample")
        #expect(stages[1]["required"] == ["uses", "in"])
        let with = stages[1]["properties"]?["with"]
        #expect(with?["additionalProperties"] == false)
        #expect(with?["properties"]?["factor"]?["default"] == 1.5)
        #expect(with?["properties"]?["seed"] != nil)
    }

    @Test(arguments: [
        (Interval<Double>.all, "(-inf, inf)"), (.atLeast(1), "[1.0, inf)"), (.above(0), "(0.0, inf)"),
        (.within(0...1), "[0.0, 1.0]"), (.between(0, 1), "(0.0, 1.0)"),
    ])
    func anIntervalRendersItself(interval: Interval<Double>, text: String) {
        #expect(interval.description == text)
    }

    @Test func theEndsOfAnIntervalCountOnlyWhereClosed() {
        #expect(Interval<Double>.between(0, 1).contains(0.5))
        #expect(!Interval<Double>.between(0, 1).contains(0) && !Interval<Double>.between(0, 1).contains(1))
        #expect(Interval<Int64>.within(1...3).contains(1) && Interval<Int64>.within(1...3).contains(3))
        #expect(!Interval<Int64>.atLeast(1).contains(0))
    }
}
