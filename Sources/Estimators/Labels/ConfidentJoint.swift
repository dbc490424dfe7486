/// How many rows of each class are labelled as each other, estimated from probabilities that a model gives rows it was not
/// trained on.
///
/// Source: C. G. Northcutt, L. Jiang, I. L. Chuang, "Confident learning: estimating uncertainty in dataset labels", Journal
/// of Artificial Intelligence Research 70, 2021, equations 1 to 3; where several classes are confident, and where none
/// is, as cleanlab 2 has it.
public struct ConfidentJoint: Sendable, Equatable {
    public let classes: Int
    /// Of each class the mean probability of its own rows: from there on a model is confident of it.
    public let thresholds: [Double]
    /// By [given label][suggested label]; rows of which the model is confident, at least one of each class as labelled.
    public let confident: [[Int]]
    /// The same for all rows: each line sums to the rows of its label.
    public let calibrated: [[Int]]

    /// Below it a threshold would let everything in; cleanlab's.
    private static let leastThreshold = 2e-6
    /// Rounding must not take a row from its threshold; cleanlab's.
    private static let slack = 1e-6

    /// - Parameters:
    ///   - labels: In `0..<classes`, each there at least once.
    ///   - probabilities: Rows x classes, row by row.
    public init(labels: [Int], probabilities: [Double], classes: Int) throws(EstimatorError) {
        guard probabilities.count == labels.count * classes else {
            throw .shape(values: probabilities.count, rows: labels.count, columns: classes)
        }
        var (sums, rows) = ([Double](repeating: 0, count: classes), [Int](repeating: 0, count: classes))
        for (row, label) in labels.enumerated() {
            guard (0..<classes).contains(label) else { throw .label(label, row: row, classes: classes) }
            sums[label] += probabilities[row * classes + label]
            rows[label] += 1
        }
        if let missing = rows.firstIndex(of: 0) { throw .missingClass(missing) }
        if let bad = probabilities.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(row: bad / classes, column: bad % classes)
        }
        let thresholds = zip(sums, rows).map { max(Self.leastThreshold, $0 / Double($1)) }
        var joint = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
        for (row, label) in labels.enumerated() {
            let own = Array(probabilities[row * classes..<(row + 1) * classes])
            let sure = own.indices.filter { own[$0] >= thresholds[$0] - Self.slack }
            guard let only = sure.first else { continue }
            joint[label][sure.count == 1 ? only : Self.largest(own)] += 1
        }
        for label in 0..<classes { joint[label][label] = max(1, joint[label][label]) }
        self.classes = classes
        self.thresholds = thresholds
        confident = joint
        calibrated = zip(joint, rows).map(Self.scaled)
    }

    /// The place of the largest, the first of equals.
    static func largest(_ values: [Double]) -> Int {
        values.indices.dropFirst().reduce(0) { values[$1] > values[$0] ? $1 : $0 }
    }

    /// A line that sums to `total`, rounded so that it still does: what rounding to the nearest has left over or taken too
    /// much goes to the largest remainders, the later of equals first, as cleanlab has it.
    private static func scaled(_ line: [Int], to total: Int) -> [Int] {
        let sum = Double(line.reduce(0, +))
        let exact = line.map { Double($0) / sum * Double(total) }
        var whole = exact.map { Int($0.rounded(.toNearestOrEven)) }
        let ascending = exact.indices.sorted {
            (exact[$0] - Double(whole[$0]), $0) < (exact[$1] - Double(whole[$1]), $1)
        }
        let lack = total - whole.reduce(0, +)
        for place in ascending.reversed().prefix(max(0, lack)) { whole[place] += 1 }
        for place in ascending.prefix(max(0, -lack)) { whole[place] -= 1 }
        return whole
    }

    /// Rows that are labelled as another class than they are of, by the estimate.
    public var estimatedIssues: Int {
        (0..<classes).reduce(0) { sum, label in
            sum + calibrated[label].reduce(0, +) - calibrated[label][label]
        }
    }
}
