import Charts
import Estimators

/// The pictures of an evaluation. A picture has at most six series, as many as
/// a page has colours; more classes make more pictures.
struct EvaluationFigures {
    private static let seriesLimit = 6
    private let evaluation: Evaluation
    /// Classes that have rows of their own and others beside them.
    private let drawn: [Int]

    init(_ evaluation: Evaluation) {
        self.evaluation = evaluation
        let counts = evaluation.classCounts
        let labels = evaluation.binary.map { [$0.positive] } ?? Array(evaluation.classes.indices)
        drawn = labels.filter { counts[$0] > 0 && counts[$0] < evaluation.truth.count }
    }

    /// How rows are put in order: a ROC curve and a calibration for each group
    /// of classes.
    var ranking: [Markup] {
        let groups = stride(from: 0, to: drawn.count, by: Self.seriesLimit).map { start in
            Array(drawn[start..<min(start + Self.seriesLimit, drawn.count)])
        }
        return groups.enumerated().flatMap { index, labels in
            [roc(labels, index), calibration(labels, index)]
        }
    }

    private func name(_ label: Int) -> String { evaluation.classes[label] }

    private func roc(_ labels: [Int], _ group: Int) -> Markup {
        var layers: [Plot.Layer] = [.reference(.init(0, 0), .init(1, 1))]
        var entries: [(name: String, mark: Legend.Mark, series: Int)] = []
        for (series, label) in labels.enumerated() {
            let scores = evaluation.scores(of: label)
            let points = Metrics.rocCurve(evaluation.isTrue(label), scores).map {
                Plot.Point($0.falsePositiveRate, $0.truePositiveRate)
            }
            if labels.count == 1 { layers.append(.area(points, series: series)) }
            layers.append(.line(points, series: series))
            let area = Metrics.auc(evaluation.isTrue(label), scores).map { NumberText.fixed($0, 3) } ?? "n/a"
            entries.append(("\(name(label)): area \(area)", .line, series))
        }
        entries.append(("chance", .dashed, 0))
        let what = labels.count == 1 ? "'\(name(labels[0]))'" : "each class"
        return PagePart.figure(
            Plot(
                id: "roc-\(group)", title: "ROC curve",
                description: "Share of \(what) that is found against the share of other rows taken for it by "
                    + "mistake, over all thresholds. The further to the upper left, the better.",
                x: .init("False positive rate", 0...1), y: .init("True positive rate", 0...1), layers: layers),
            legend: Legend(entries))
    }

    private func calibration(_ labels: [Int], _ group: Int) -> Markup {
        var layers: [Plot.Layer] = [.reference(.init(0, 0), .init(1, 1))]
        var entries: [(name: String, mark: Legend.Mark, series: Int)] = []
        var rows: [[String]] = []
        for (series, label) in labels.enumerated() {
            let bins = Metrics.calibration(evaluation.isTrue(label), evaluation.scores(of: label))
            let points = bins.map { Plot.Point($0.meanProbability, $0.fractionPositive) }
            let most = Double(bins.map(\.count).max() ?? 1)
            layers.append(.line(points, series: series))
            layers.append(
                .dots(
                    zip(points, bins).map { ($0, 2.5 + 5 * (Double($1.count) / most).squareRoot()) },
                    series: series))
            entries.append((name(label), .dot, series))
            rows += bins.map {
                [
                    name(label), NumberText.percent($0.meanProbability),
                    NumberText.percent($0.fractionPositive),
                    NumberText.count($0.count),
                ]
            }
        }
        entries.append(("perfect", .dashed, 0))
        return PagePart.figure(
            Plot(
                id: "calibration-\(group)", title: "Calibration",
                description:
                    "What the model says against what came true, in ten equal bins; a dot's area is its "
                    + "number of rows. On the diagonal, 70% means 70%.",
                x: .init("Mean predicted probability", 0...1), y: .init("Share that is true", 0...1),
                layers: layers),
            legend: Legend(entries),
            numbers: (
                "Numbers of the picture",
                PagePart.table(
                    caption: "Calibration by bin",
                    header: [("Class", false), ("Predicted", true), ("True", true), ("Rows", true)],
                    rows: rows)
            ))
    }

    /// With two classes the positive one's probability, else that of the class
    /// each row is taken for.
    var histogram: Markup {
        let series: [(name: String, scores: [Double])]
        let title: String
        let axis: String
        if let binary = evaluation.binary {
            let scores = evaluation.scores(of: binary.positive)
            series = [binary.positive, 1 - binary.positive].map { label in
                (
                    "actually \(name(label))",
                    scores.indices.filter { evaluation.truth[$0] == label }.map { scores[$0] }
                )
            }
            title = "Scores"
            // A picture clips what is longer than it is wide.
            let positive = name(binary.positive)
            axis = "Probability of \(positive.count <= 24 ? "'\(positive)'" : "the positive class")"
        } else {
            let width = evaluation.classes.count
            let isRight = zip(evaluation.truth, evaluation.predicted).map { $0 == $1 }
            let scores = evaluation.predicted.enumerated().map { evaluation.probabilities[$0 * width + $1] }
            series = [("right", true), ("wrong", false)].map { name, wanted in
                (name, scores.indices.filter { isRight[$0] == wanted }.map { scores[$0] })
            }
            title = "Confidence"
            axis = "Probability of the class taken"
        }
        let bins = 20
        let counts = series.map { Self.counts($0.scores, bins) }
        let most = counts.joined().max() ?? 0
        var layers: [Plot.Layer] = []
        for (index, counts) in counts.enumerated() {
            let steps = counts.enumerated().flatMap { bin, count in
                [
                    Plot.Point(Double(bin) / Double(bins), Double(count)),
                    Plot.Point(Double(bin + 1) / Double(bins), Double(count)),
                ]
            }
            layers += [.area(steps, series: index), .line(steps, series: index)]
        }
        if let binary = evaluation.binary {
            layers.append(.reference(.init(binary.threshold, 0), .init(binary.threshold, Double(most))))
        }
        var entries = series.enumerated().map { (name: $1.name, mark: Legend.Mark.area, series: $0) }
        if evaluation.binary != nil { entries.append(("threshold", .dashed, 0)) }
        return PagePart.figure(
            Plot(
                id: "scores", title: title,
                description:
                    "Rows by probability, in steps of 5%. The less the shapes overlap, the clearer the "
                    + "decision.",
                x: .init(axis, 0...1), y: .init("Rows", 0...Double(most)), layers: layers),
            legend: Legend(entries))
    }

    private static func counts(_ scores: [Double], _ bins: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: bins)
        for score in scores {
            let bin = Int(score * Double(bins))
            counts[bin < bins ? bin : bins - 1] += 1
        }
        return counts
    }
}
