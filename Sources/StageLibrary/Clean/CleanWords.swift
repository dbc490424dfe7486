import CanonicalJSON
import PipelineLanguage

/// The words of `clean.table`.
enum CleanWords {
    static let parameters = [duplicates, ranges, missing, rare, outliers]

    private static let duplicates = Parameter(
        "duplicates",
        .either([
            .choice([
                .init("keep", "Rows may repeat."), .init("drop", "Of equal rows only the first stays."),
            ]),
            .record([
                Parameter("by", .selector(port: "in"), .required, "The columns that tell rows apart."),
                Parameter(
                    "keep",
                    .choice([.init("first", "The first row stays."), .init("last", "The last row stays.")]),
                    .defaulted("first"), "Which of the rows with one key."),
            ]),
        ]), .defaulted("keep"),
        "What to do with a row equal to one before it in every column, or in those of a key.")

    private static let ranges = Parameter(
        "ranges",
        .list(
            .record([
                Parameter("column", .column(port: "in"), .required, "Where to look; integers or numbers."),
                Parameter("minimum", .number(.all), .optional, "The least value that is possible."),
                Parameter("maximum", .number(.all), .optional, "The greatest value that is possible."),
                Parameter(
                    "action", .choice(actions(clip: "Moves the value to the end of the range.")),
                    .required, "What to do with a value outside."),
            ])), .optional, "What to do with values that cannot be; without it they stay.")

    private static let missing = Parameter(
        "missing",
        .list(
            .record([
                Parameter("columns", .selector(port: "in"), .required, "Where values are missing."),
                Parameter(
                    "strategy",
                    .choice([
                        .init(CleanSteps.drop, "Leaves the row out."),
                        .init("median", "Fills in the median."), .init("mean", "Fills in the mean."),
                        .init("most_frequent", "Fills in the value that comes most often."),
                        .init("constant", "Fills in `value`."),
                        .init("forward_fill", "Fills in the last value before."),
                        .init("knn", "Fills in the mean of the `k` nearest rows."),
                        .init("iterative", "Fills in what the other columns predict."),
                    ]), .required, "What to do with a missing value."),
                Parameter(
                    "value", .either([.boolean, .number(.all), .text]), .optional,
                    "What strategy: constant fills in."),
                Parameter(
                    "by", .column(port: "in"), .optional,
                    "Whose last value strategy: forward_fill takes; without it any row's."),
                Parameter(
                    "k", .integer(.within(1...65_536)), .optional,
                    "How many rows strategy: knn takes; without it \(ModelFillStep.neighbors)."),
                Parameter(
                    "weights",
                    .choice([
                        .init("uniform", "Near rows count the same; so without the word."),
                        .init("distance", "The nearer a row, the more it counts."),
                    ]), .optional, "How strategy: knn weighs rows."),
                Parameter(
                    "rounds", .integer(.within(1...10_000)), .optional,
                    "How many rounds strategy: iterative makes at most; without it \(ModelFillStep.rounds)."),
            ])), .optional, "What to do where values are missing; without it they stay missing.")

    private static let rare = Parameter(
        "rare",
        .list(
            .record([
                Parameter("columns", .selector(port: "in"), .required, "Where to look; categories or texts."),
                Parameter(
                    "share", .number(.between(0, 1)), .defaulted(.number(RareStep.share)),
                    "Levels below it are rare."),
                Parameter(
                    "to", .text, .defaulted(.string(RareStep.level)), "The level that they become."),
            ])), .optional, "Which levels become one; without it all stay.")

    private static let outliers = Parameter(
        "outliers", .either([.record(rule), .list(.record(rule))]), .optional,
        "What to do with values far from the others, one rule or several; without it they stay.")

    private static let rule = [
        Parameter(
            "method",
            .choice([
                .init("iqr", "Tukey's fences, by quartiles."),
                .init("z_score", "By mean and standard deviation."),
                .init("isolation_forest", "Rows that random cuts set apart early."),
            ]), .defaulted("iqr"), "What makes an outlier."),
        Parameter(
            "factor", .number(.atLeast(0)), .defaulted(.number(CleanSteps.defaultFactor)),
            "How many times the distance of the quartiles is too far, for method: iqr."),
        Parameter(
            "threshold", .number(.above(0)), .optional,
            "How many standard deviations are too far, for method: z_score; without it 3."),
        Parameter(
            "trees", .integer(.within(1...10_000)), .optional,
            "How many method: isolation_forest grows; without it 100."),
        Parameter(
            "sample", .integer(.within(2...1_048_576)), .optional,
            "Of how many rows each of its trees is made; without it 256."),
        Parameter(
            "contamination",
            .either([
                .choice([.init("auto", "Rows of a score above 0.5; so without the word.")]),
                .number(Interval(.open(0), .closed(0.5))),
            ]), .optional, "The share of rows that method: isolation_forest finds."),
        Parameter(
            "seed", .integer(.atLeast(0)), .optional,
            "Which cuts method: isolation_forest draws; without it 0."),
        Parameter(
            "columns", .selector(port: "in"), .required, "Where to look; integers or numbers."),
        Parameter(
            "action",
            .choice(actions(clip: "Moves the value to the fence; an integer to the next beyond it.")),
            .required, "What to do with an outlier."),
    ]

    private static func actions(clip: String) -> [ParameterType.Choice] {
        [
            .init("drop", "Leaves the row out."), .init("clip", clip), .init("null", "Takes the value away."),
            .init("quarantine", "Moves the row to the output quarantine."),
        ]
    }

    /// Words that say nothing beside the strategy or method they stand with. `value` and `factor` may stand anywhere.
    static func misplaced(_ parameters: JSONValue) -> [(finding: StageLibraryFinding, path: [String])] {
        var found: [(finding: StageLibraryFinding, path: [String])] = []
        func look(_ name: String, _ choice: String, _ owners: [(String, [String])]) {
            guard let value = parameters[name] else { return }
            for (place, entry) in (value.array ?? [value]).enumerated() {
                let path = value.array == nil ? [name] : [name, String(place)]
                let own = entry[choice]?.string ?? ""
                for (owner, words) in owners where owner != own {
                    for word in words where entry[word] != nil {
                        found.append(
                            (
                                .wordOfOther(
                                    word: word, beside: "\(choice): \(own)", owner: "\(choice): \(owner)"),
                                path + [word]
                            ))
                    }
                }
            }
        }
        look(
            "missing", "strategy",
            [("forward_fill", ["by"]), ("knn", ["k", "weights"]), ("iterative", ["rounds"])])
        look(
            "outliers", "method",
            [
                ("z_score", ["threshold"]),
                (IsolationStep.name, ["trees", "sample", "contamination", "seed"]),
            ])
        return found
    }
}
