import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import TableTypes

/// `clean.profile`: what a table holds, to look at and to set gates on.
enum CleanProfile {
    static let kind = StageKind(
        "clean.profile",
        versions: [.init(1, "first")],
        summary: "Reports what a table holds: values, gaps, repeats, relations, and drift from a reference.",
        documentation: """
            Of each column: rows without a value (null, or NaN), different values, the most frequent one; of numbers and times mean, deviation (by
            n - 1), quantiles as numpy has them, a histogram and the values outside Tukey's fences (1.5 times the quartiles' distance); of booleans and
            categories all levels; of texts lengths and those that come again. Infinite numbers are counted by themselves and nowhere else.

            Between columns: Pearson's and Spearman's correlation of numbers over the rows that have both (ranks are a column's own, as in pandas'
            df.rank().corr()), Cramér's V of booleans and categories of at most 100 levels, not corrected for its bias, and the correlation ratio (eta) of numbers
            by levels; the first 128 columns of numbers and 64 of levels.

            With `reference`: the population stability index (PSI) over the deciles of the reference or the levels, a missing value being a bin of its
            own and a share of nothing 0.0001; and the test of Kolmogorov and Smirnov or the chi-square test. From a PSI of 0.1 on a column has moved some, from 0.2 on it
            has drifted. With many rows a test finds the smallest difference, so that the verdict is by PSI.

            Rows repeat where all values equal those of a row before (told by 64-bit hashes). Of more than 2,097,152 rows as many are sampled for quantiles, pictures,
            relations and drift; counts, means, extremes and repeats are of all rows. The table is read batch by batch, once a column and once for all.

            Metrics, for gates: rows, columns, missing_cells, missing_share, incomplete_rows, repeated_rows, repeated_share, constant_columns,
            near_constant_columns (one value has 99%), and with a reference drifted_columns and largest_psi.
            """,
        example: """
            profile:
              uses: clean.profile
              in: { in: applications }
              with: { gates: { repeated_share: "<= 0.01" } }
              publish: { report: //reports/profile.html }
            """,
        inputs: [
            InputPort("in", .table, "The table."),
            InputPort(
                "reference", .table, isRequired: false,
                "A table of the same columns to measure drift from, such as the training rows."),
        ],
        outputs: [
            OutputPort("report", .report, "One HTML file, complete in itself."),
            OutputPort("profile", .metrics, "The numbers of the whole table, for gates and comparison."),
            OutputPort("columns", .table, "A row a column: its counts, quantiles and drift."),
        ],
        parameters: [
            Parameter("title", .text, .defaulted("Data profile"), "The title of the page."),
            Parameter("gates", .gates, .optional, "Bounds on the metrics."),
        ],
        libraries: ["charts": 1, "profile": 1], check: check, run: run)

    private static func check(_ check: inout StageCheck) {
        let known =
            ProfiledTable.metricNames + (check.type(of: "reference") == nil ? [] : ProfiledTable.driftNames)
        let gates = (check.parameters["gates"]?.object ?? [:]).keys
        for name in gates.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        where !known.contains(name) {
            check.report(
                ProfiledTable.driftNames.contains(name)
                    ? ProfileFinding.metricOfReference(name) : .unknownMetric(name, known: known),
                at: ["gates", name])
        }
        check.outputs["report"] = .report
        check.outputs["profile"] = .metrics(names: known.sorted())
        check.outputs["columns"] = .table(ProfiledTable.columnsType)
    }

    private static func run(_ run: StageRun) throws {
        let table = try Profiling(run).profile()
        let title = run.parameters["title"]?.string ?? "Data profile"
        try Files.write(ProfilePage(title: title, table: table).html.utf8, to: run.output("report"))
        try Files.write(table.metrics.canonicalBytes, to: run.output("profile"))
        try run.write(ArrowTable(frame: table.columnsFrame), to: "columns")
        for name in ProfiledTable.metricNames + ProfiledTable.driftNames {
            if let value = table.metrics[name] { run.tell(.fact(port: "profile", name: name, value)) }
        }
    }
}
