import CanonicalJSON
import Charts
import Diagnostics
import Estimators
import TableTypes

/// An evaluation as a page: what it comes to in a sentence and large numbers,
/// then how the model ranks, decides and estimates, and what it is. A function
/// of the model and the test rows; it names no time, host or path.
struct EvaluationReport {
    let model: TrainedModel
    let evaluation: Evaluation

    var html: String {
        Page(
            title: "Predicting \(model.target)", eyebrow: "Evaluation report", lead: lead, tiles: tiles,
            sections: [ranking, decisions, metrics, about]
        ).html(
            footer: "Made by Sluice's evaluate.model. This page is complete in itself and asks no network.")
    }

    private var rows: Int { evaluation.truth.count }

    private var lead: String {
        let hits = evaluation.confusion.indices.reduce(0) { $0 + evaluation.confusion[$1][$1] }
        let kind = evaluation.classes.count == 2 ? "two classes" : "\(evaluation.classes.count) classes"
        return "A \(model.estimatorTitle) trained on \(NumberText.count(model.trainingRows)) rows tells "
            + "\(kind) apart. Of \(NumberText.count(rows)) test \(rows == 1 ? "row" : "rows") it gets "
            + "\(NumberText.count(hits)) right."
    }

    private var tiles: [Page.Tile] {
        let isMean = evaluation.binary == nil
        let of = isMean ? "mean over the classes" : "of '\(positiveName)'"
        return [
            .init(
                "AUC", evaluation.auc.map { NumberText.fixed($0, 3) } ?? "n/a",
                about: "0.5 is chance"),
            .init("Accuracy", NumberText.percent(evaluation.accuracy), about: "rows that are right"),
            .init("Precision", NumberText.percent(evaluation.precision), about: of),
            .init("Recall", NumberText.percent(evaluation.recall), about: of),
            .init("Log loss", NumberText.fixed(evaluation.logLoss, 3), about: "lower is better"),
            .init("Brier score", NumberText.fixed(evaluation.brier, 3), about: "lower is better"),
        ]
    }

    /// The positive class; with more than two, none.
    private var positiveName: String { evaluation.binary.map { evaluation.classes[$0.positive] } ?? "" }

    private var ranking: Page.Section {
        return Page.Section(
            id: "ranking", title: "Ranking and probabilities",
            note: "How well the model puts rows in order, and how far its probabilities can be believed.",
            contents: [PagePart.cards(EvaluationFigures(evaluation).ranking)])
    }

    private var decisions: Page.Section {
        let note =
            evaluation.binary.map {
                "A row is taken for '\(positiveName)' from a probability of "
                    + "\(NumberText.shortest($0.threshold)) on."
            } ?? "A row is taken for its most probable class."
        let byClass = evaluation.classes.indices.map { label in
            let scores = Metrics.scores(of: label, in: evaluation.confusion)
            return [
                evaluation.classes[label], NumberText.count(evaluation.classCounts[label]),
                NumberText.percent(scores.precision), NumberText.percent(scores.recall),
                NumberText.fixed(scores.f1, 3),
            ]
        }
        let scores = EvaluationFigures(evaluation).histogram
        let matrix = ConfusionTable.markup(levels: evaluation.classes, counts: evaluation.confusion)
        let table = PagePart.table(
            caption: "Each class against all others.",
            header: [
                ("Class", false), ("Rows", true), ("Precision", true), ("Recall", true), ("F1", true),
            ], rows: byClass)
        let contents: [Markup]
        if evaluation.classes.count <= 3 {
            contents = [
                PagePart.cards([
                    scores,
                    PagePart.card(
                        title: "Confusion matrix", [matrix, .element("h3", [:], "By class"), table]),
                ])
            ]
        } else {
            // A matrix of many classes has the whole width.
            contents = [
                PagePart.cards([scores, PagePart.card(title: "By class", [table])]),
                PagePart.cards([PagePart.card(title: "Confusion matrix", [matrix])]),
            ]
        }
        return Page.Section(id: "decisions", title: "Decisions", note: note, contents: contents)
    }

    private var metrics: Page.Section {
        let meanings = [
            "accuracy": "Share of rows that are taken for their class.",
            "auc": evaluation.binary == nil
                ? "Mean over the classes of the chance that a row of the class ranks above another."
                : "Chance that a row of '\(positiveName)' ranks above another.",
            "brier": evaluation.binary == nil
                ? "Mean over the rows of the squared errors of all probabilities, 0 to 2."
                : "Mean squared error of the probability of '\(positiveName)', 0 to 1.",
            "f1": "Harmonic mean of precision and recall.",
            "log_loss": "Mean of minus the logarithm of the probability of the true class.",
            "n": "Test rows.",
            "precision": "Share of rows taken for a class that are of it.",
            "recall": "Share of rows of a class that are taken for it.",
        ]
        let values = evaluation.metrics
        let lines = Evaluation.metricNames.map { name in
            let value =
                values[name].flatMap(\.number).map {
                    name == "n" ? NumberText.count(rows) : NumberText.fixed($0, 4)
                } ?? "n/a"
            return [name, value, meanings[name] ?? ""]
        }
        return Page.Section(
            id: "metrics", title: "All metrics",
            note: "As scikit-learn defines them, by the names that gates use.",
            contents: [
                PagePart.card(
                    title: nil,
                    [
                        PagePart.table(
                            caption: nil, header: [("Metric", false), ("Value", true), ("Meaning", false)],
                            rows: lines)
                    ])
            ])
    }

    private var about: Page.Section {
        let counts = { (counts: [Int]) in
            zip(evaluation.classes, counts).map { "\($0): \(NumberText.count($1))" }.joined(separator: ", ")
        }
        let layers = model.layerRows.map { "\($0.inputs) to \($0.outputs) \($0.activation)" }
        return Page.Section(
            id: "model", title: "Model and data", note: "What was trained, and the rows it was judged on.",
            contents: [
                PagePart.card(
                    title: nil,
                    [
                        PagePart.facts([
                            ("Estimator", model.estimatorTitle), ("Layers", layers.joined(separator: ", ")),
                            ("Parameters", NumberText.count(model.parameterCount)),
                            (
                                "Input columns",
                                "\(model.inputs.columns.count): \(listing(model.inputs.names, limit: 40))"
                            ),
                            ("Training rows", counts(model.classCounts)),
                            ("Test rows", counts(evaluation.classCounts)),
                        ])
                    ])
            ])
    }
}
