import CanonicalJSON
import Platform
import Testing

/// The data sets beside the repository, each collected by a stage of one pipeline in its real form, and held to what
/// their READMEs say. Where they are not there is nothing to collect, and no test is skipped: there are no cases.
@Suite struct SharedDataTests {
    /// What a stage must have made: rows, and numbers that the pipeline works out of them.
    struct Fact: Sendable, CustomTestStringConvertible {
        var stage: String
        var rows: Int64
        var testDescription: String { stage }
    }

    private static let pipeline = "Tests/EndToEndTests/SharedData"

    static let facts: [Fact] = {
        guard Workplace.sharedData != nil else {
            print("EndToEnd: the data sets of ../shared/data are not collected: there is no such folder")
            return []
        }
        return [
            .init(stage: "adult_train", rows: 32_561), .init(stage: "adult_test", rows: 16_281),
            .init(stage: "autos", rows: 205), .init(stage: "purchases", rows: 6919),
            .init(stage: "reviews", rows: 11_854),
            .init(stage: "cells", rows: 299), .init(stage: "cell_pictures", rows: 299),
            .init(stage: "digits", rows: 1797), .init(stage: "credit", rows: 1000),
            .init(stage: "power_train", rows: 67),
            .init(stage: "power_test", rows: 1029), .init(stage: "vowels", rows: 640),
            .init(stage: "co2", rows: 2284),
            .init(stage: "weather", rows: 18_159), .init(stage: "penguins", rows: 344),
            .init(stage: "news", rows: 70),
            .init(stage: "shuttle", rows: 49_097), .init(stage: "tweets", rows: 4200),
            .init(stage: "flow", rows: 1268),
        ]
    }()

    /// Numbers of the READMEs, by the stage that works them out.
    private static let numbers: [String: JSONValue] = [
        "facts_adult": ["missing": 4262, "rich": 7841],
        "facts_autos": ["no_price": 4, "no_losses": 41, "no_doors": 2],
        "facts_purchases": ["customers": 2357, "free": 8, "first": "1997-01-01", "last": "1998-06-30"],
        "facts_reviews": ["texts": 5852, "positive": 5562, "negative": 6292],
        "facts_cells": ["sound": 172, "broken": 82],
        "facts_cell_pictures": ["pictures": 299, "grey": 299, "least": 150, "most": 150],
        "facts_digits": ["classes": 10, "small": 1797],
        "facts_credit": ["good": 700, "bad": 300],
        "facts_co2": ["empty": 59, "first": "1958-03-29", "last": "2001-12-29"],
        "facts_weather": ["rainy": 5698],
        "facts_penguins": ["species": 3, "no_sex": 11, "no_comment": 290],
        "facts_news": ["no_date": 0, "no_title": 0],
        "facts_shuttle": ["anomalies": 3511],
        "facts_tweets": ["clear": 3432],
        "facts_flow": ["first": "2022-03-20T10:00:00Z"],
    ]

    @Test(arguments: facts.isEmpty ? [] : [0])
    func everyDataSetIsCollected(_: Int) throws {
        let shared = try #require(Workplace.sharedData)
        let place = try Workplace()
        for path in [Workplace.repository + "/" + Self.pipeline + "/.", shared + "/."] {
            let target = path.hasPrefix(shared) ? place.folder + "/shared" : place.folder
            try Files.makeDirectories(target)
            #expect(try Subprocess.output(of: ["cp", "-R", path, target], mergesErrors: true).isEmpty)
        }
        let (counts, _, result) = try place.run("all.yaml")
        try #require(result.status == 0, "\(result.err)\(result.out.suffix(2000))")
        #expect(counts.failed == 0 && counts.hits == 0)
        let lock = try place.read("all.lock")
        for fact in Self.facts {
            let block = try #require(lock.components(separatedBy: "\n  \(fact.stage):\n").last)
            let table = try #require(block.components(separatedBy: "      table:\n").dropFirst().first)
            let rows = table.components(separatedBy: "        rows: ").dropFirst().first?.prefix {
                $0.isNumber
            }
            #expect(rows.flatMap { Int64($0) } == fact.rows, "\(fact.stage)")
        }
        for (stage, expected) in Self.numbers {
            let shown = try place.sluice("show", "all.yaml", stage, "--json")
            #expect(try JSONValue(parsing: shown.out) == expected, "\(stage)")
        }
        // A second run finds all of it as it is.
        #expect(try place.run("all.yaml").ran == [])
    }

    /// What is inferred from all rows of a file holds of all of them.
    @Test(
        arguments: facts.isEmpty
            ? []
            : [
                "auto-imports/imports85.csv", "cdnow-sample/transactions.csv",
                "german-credit/german_credit.csv",
                "italy-power-demand/test.csv", "noaa-weather/weather.csv", "penguins/penguins_raw.csv",
                "shuttle-anomaly/shuttle.csv", "water-flow/water-flow.csv", "tweet-sentiment/tweets.jsonl",
                "chinese-reviews/reviews.jsonl", "japanese-vowels/train.jsonl",
            ])
    func theSchemaThatIsInferredHolds(_ path: String) throws {
        let shared = try #require(Workplace.sharedData)
        let form = path.hasSuffix(".csv") ? "csv" : "jsonl"
        let place = try Workplace(
            "stages:\n  rows: { uses: collect.\(form), with: { path: rows.\(form), schema: rows.yaml } }\n")
        try Files.copy("\(shared)/\(path)", to: "\(place.folder)/rows.\(form)")
        let inferred = try place.sluice("schema", "infer", "rows.\(form)", "-o", "rows.yaml")
        #expect(inferred.status == 0, "\(inferred.err)")
        let result = try place.sluice("run")
        #expect(result.status == 0, "\(result.err)")
    }
}
