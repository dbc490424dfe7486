import TensorKernels

/// Where classes in the order of a column's values are cut best.
struct ClassSplits {
    let labels: [Int]
    let classes: Int
    let criterion: TreeBins.Criterion

    /// Nil if the leaf is pure or cannot be cut.
    func best(_ values: [Double], _ rows: Range<Int>, _ leastRows: Int) -> TreeSplit? {
        var above = [Int](repeating: 0, count: classes)
        for row in rows { above[labels[row]] += 1 }
        let whole = impurity(above, rows.count)
        guard whole > .ulpOfOne, rows.count >= 2 * leastRows else { return nil }
        var below = [Int](repeating: 0, count: classes)
        var best: TreeSplit?
        var most = -Double.infinity
        for cut in rows.dropFirst() {
            below[labels[cut - 1]] += 1
            above[labels[cut - 1]] -= 1
            let (left, right) = (cut - rows.lowerBound, rows.upperBound - cut)
            guard values[cut] > values[cut - 1], left >= leastRows, right >= leastRows else { continue }
            let worth = -Double(right) * impurity(above, right) - Double(left) * impurity(below, left)
            if worth > most {
                most = worth
                best = TreeSplit(rows: rows, cut: cut, gain: Double(rows.count) * whole + worth)
            }
        }
        return best
    }

    private func impurity(_ counts: [Int], _ rows: Int) -> Double {
        let total = Double(rows)
        var sum = 0.0
        switch criterion {
        case .gini:
            for count in counts { sum += Double(count) * Double(count) }
            return 1 - sum / (total * total)
        case .entropy:
            for count in counts where count > 0 {
                let share = Double(count) / total
                sum -= share * (Elementary.log(share) / Self.logOfTwo)
            }
            return sum
        }
    }

    private static let logOfTwo = Elementary.log(2)
}

/// Where numbers in the order of a column's values are cut best: by the squares of what is left of them.
struct NumberSplits {
    let target: [Double]

    /// Nil if the leaf is pure or cannot be cut.
    func best(_ values: [Double], _ rows: Range<Int>, _ leastRows: Int) -> TreeSplit? {
        var sum = 0.0
        var isPure = true
        for row in rows {
            sum += target[row]
            if target[row] != target[rows.lowerBound] { isPure = false }
        }
        guard !isPure, rows.count >= 2 * leastRows else { return nil }
        var below = 0.0
        var best: TreeSplit?
        var most = -Double.infinity
        for cut in rows.dropFirst() {
            below += target[cut - 1]
            let (left, right) = (cut - rows.lowerBound, rows.upperBound - cut)
            guard values[cut] > values[cut - 1], left >= leastRows, right >= leastRows else { continue }
            let above = sum - below
            let worth = below * below / Double(left) + above * above / Double(right)
            if worth > most {
                most = worth
                best = TreeSplit(rows: rows, cut: cut, gain: worth - sum * sum / Double(rows.count))
            }
        }
        return best
    }
}
