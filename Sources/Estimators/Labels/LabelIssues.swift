/// Rows whose label is likely wrong.
public struct LabelIssues: Sendable, Equatable {
    /// How rows are chosen, so many of each kind as the confident joint says.
    public enum Method: String, Sendable, CaseIterable {
        /// Of each pair of labels, the rows whose margin is largest ("prune by noise rate").
        case noiseRate = "noise_rate"
        /// Of each label, the rows with the least probability of it ("prune by class").
        case selfConfidence = "self_confidence"
        /// What both choose.
        case both
    }

    public struct Issue: Sendable, Equatable {
        public let row: Int
        public let given: Int
        /// The most probable class.
        public let suggested: Int
        /// The probability of the given label.
        public let selfConfidence: Double
        /// By how much the suggested class is more probable than the given one.
        public let margin: Double
    }

    /// By row.
    public let issues: [Issue]

    /// Of a label of so few rows none is chosen.
    private static let leastRows = 1

    /// - Parameters: As the joint was made of.
    /// - Complexity: O(rows x classes log rows).
    public init(
        labels: [Int], probabilities: [Double], joint: ConfidentJoint, method: Method = .noiseRate
    ) {
        let classes = joint.classes
        let rows = LabelledRows(labels, probabilities, classes)
        let counts = Self.pruned(joint)
        let chosen: Set<Int> =
            switch method {
            case .noiseRate: rows.byNoiseRate(counts)
            case .selfConfidence: rows.bySelfConfidence(counts)
            case .both: rows.byNoiseRate(counts).intersection(rows.bySelfConfidence(counts))
            }
        issues = chosen.sorted().compactMap { row in
            let own = Array(probabilities[row * classes..<(row + 1) * classes])
            let (given, suggested) = (labels[row], ConfidentJoint.largest(own))
            // The model agrees with the label: there is nothing to suggest.
            guard suggested != given else { return nil }
            return Issue(
                row: row, given: given, suggested: suggested, selfConfidence: own[given],
                margin: own[suggested] - own[given])
        }
    }

    /// So many rows of each label and suggestion; one row at least stays with its label.
    private static func pruned(_ joint: ConfidentJoint) -> [[Int]] {
        var counts = joint.calibrated
        for label in counts.indices where counts[label][label] == 0 {
            let most = ConfidentJoint.largest(counts[label].map(Double.init))
            counts[label][most] -= 1
            counts[label][label] = 1
        }
        return counts
    }

    private struct LabelledRows {
        let labels: [Int]
        let probabilities: [Double]
        let classes: Int
        let members: [[Int]]

        init(_ labels: [Int], _ probabilities: [Double], _ classes: Int) {
            (self.labels, self.probabilities, self.classes) = (labels, probabilities, classes)
            var members = [[Int]](repeating: [], count: classes)
            for (row, label) in labels.enumerated() { members[label].append(row) }
            self.members = members
        }

        private func p(_ row: Int, _ label: Int) -> Double { probabilities[row * classes + label] }

        /// The first rows of a label by a key, the lower row of equals.
        private func first(_ count: Int, of label: Int, by key: (Int) -> Double) -> ArraySlice<Int> {
            members[label].map { (key($0), $0) }.sorted { $0 < $1 }.map(\.1).prefix(count)
        }

        func byNoiseRate(_ counts: [[Int]]) -> Set<Int> {
            var chosen: Set<Int> = []
            for given in 0..<classes where members[given].count > LabelIssues.leastRows {
                for other in 0..<classes where other != given && counts[given][other] > 0 {
                    chosen.formUnion(
                        first(counts[given][other], of: given) { p($0, given) - p($0, other) })
                }
            }
            return chosen
        }

        func bySelfConfidence(_ counts: [[Int]]) -> Set<Int> {
            var chosen: Set<Int> = []
            for given in 0..<classes where members[given].count > LabelIssues.leastRows {
                let wrong = members[given].count - counts[given][given]
                chosen.formUnion(first(wrong, of: given) { p($0, given) })
            }
            return chosen
        }
    }
}
