import CanonicalJSON
import Charts
import TableTypes

extension FittedTransform {
    /// A line for each feature: name, type, what happens to it. For `sluice show`.
    public var steps: [(column: String, type: String, text: String)] {
        features.map { feature in
            let texts = feature.steps.map { Self.text($0) }
            return (
                feature.name, feature.type.rawValue,
                texts.isEmpty ? "as it is" : texts.joined(separator: ", ")
            )
        }
    }

    private static func text(_ step: FittedColumn.Step) -> String {
        switch step {
        case .impute(let value, _):
            return "null becomes \(value.number.map(short) ?? value.canonicalText)"
        case .scale(let center, let divisor):
            return "minus \(short(center)), divided by \(short(divisor))"
        case .encode(let levels, let unknown):
            let shown = levels.prefix(6).map { "'\($0)'" }.joined(separator: ", ")
            let more = levels.count > 6 ? ", ..." : ""
            let others = unknown == .ignore ? "others are none of them" : "others are an error"
            return
                "one of \(levels.count) level\(levels.count == 1 ? "" : "s"): \(shown)\(more); \(others)"
        }
    }

    /// Four decimals are enough to recognise a number; whole ones stay whole.
    private static func short(_ value: Double) -> String {
        value == value.rounded() ? NumberText.shortest(value) : NumberText.fixed(value, 4)
    }
}
