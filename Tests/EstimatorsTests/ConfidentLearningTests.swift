import CanonicalJSON
import Platform
import Testing

@testable import Estimators

/// Against cleanlab; Goldens/make_labels.py states the version and the digest of the data.
@Suite struct ConfidentLearningTests {
    @Test(arguments: 0..<4) func `joints and issues are those of cleanlab`(number: Int) throws {
        let golden = try #require(try Goldens.read("labels.json")["cases"]?.array?[number])
        let labels = Goldens.integers(golden["labels"])
        let probabilities = Goldens.numbers(golden["probabilities"])
        let classes = Int(golden["classes"]?.number ?? 0)
        let joint = try ConfidentJoint(labels: labels, probabilities: probabilities, classes: classes)
        for (ours, theirs) in zip(joint.thresholds, Goldens.numbers(golden["thresholds"])) {
            #expect(abs(ours - theirs) < 1e-12)
        }
        #expect(joint.confident == golden["confident"]?.array?.map(Goldens.integers))
        #expect(joint.calibrated == golden["calibrated"]?.array?.map(Goldens.integers))
        for method in LabelIssues.Method.allCases {
            let found = LabelIssues(
                labels: labels, probabilities: probabilities, joint: joint, method: method)
            #expect(found.issues.map(\.row) == Goldens.integers(golden[method.rawValue]), "\(method)")
            for issue in found.issues {
                #expect(issue.given == labels[issue.row] && issue.suggested != issue.given)
                #expect(issue.margin >= 0 && issue.selfConfidence < 0.5)
            }
        }
    }

    @Test func `what is no label or probability is refused in words`() {
        func message(_ labels: [Int], _ p: [Double], _ classes: Int = 2) -> String {
            let error = #expect(throws: EstimatorError.self) {
                try ConfidentJoint(labels: labels, probabilities: p, classes: classes)
            }
            return error.map(\.description) ?? ""
        }
        #expect(message([0], [0.5]) == "a matrix of 1 rows and 2 columns needs 2 values; got 1")
        #expect(message([0, 2], [1, 0, 0, 1]) == "row 1 has label 2; labels must be in [0, 2)")
        #expect(message([0, 0], [1, 0, 0, 1]) == "no row has label 1")
        #expect(message([0, 1], [1, 0, .nan, 1]) == "the value in row 1, column 0 is not finite")
    }

    /// Two clouds, ten rows of each with the label of the other.
    private func clouds() -> (x: [Double], labels: [Int], wrong: [Int]) {
        var (x, labels): ([Double], [Int]) = ([], [])
        for row in 0..<400 {
            let side = row % 2
            x += [Double(row &* 7919 % 101) / 50 + Double(side) * 3, Double(row &* 104_729 % 103) / 50]
            labels.append(row < 20 ? 1 - side : side)
        }
        return (x, labels, Array(0..<20))
    }

    @Test func `labels that were changed are found, whatever the threads`() throws {
        let (x, labels, wrong) = clouds()
        func found(_ threads: Int) throws -> ([Double], [Int]) {
            let p = try OutOfFold.probabilities(
                x, columns: 2, labels: labels, classes: 2, folds: 5, c: 1, seed: 3, WorkerPool(size: threads))
            let joint = try ConfidentJoint(labels: labels, probabilities: p, classes: 2)
            return (p, LabelIssues(labels: labels, probabilities: p, joint: joint).issues.map(\.row))
        }
        let (one, three) = (try found(1), try found(3))
        #expect(one == three)
        // As many are chosen as are estimated, and all that are chosen are wrong.
        #expect(Set(one.1).isSubset(of: wrong) && one.1.count >= 17, "\(one.1)")
    }

    @Test func `folds and c that are none are refused`() throws {
        let (x, labels, _) = clouds()
        func message(_ folds: Int, _ c: Double) -> String {
            let error = #expect(throws: EstimatorError.self) {
                try OutOfFold.probabilities(
                    x, columns: 2, labels: labels, classes: 2, folds: folds, c: c, seed: 0,
                    WorkerPool(size: 1))
            }
            return error.map(\.description) ?? ""
        }
        #expect(message(1, 1) == "the number of folds is 1; it must be a whole number from 2 to 50")
        #expect(message(5, 0) == "c is 0; it must be a number above 0")
        for folds in OutOfFold.foldsRange.refused where folds.isFinite && folds == folds.rounded() {
            #expect(message(Int(folds), 1).contains("the number of folds is"))
        }
        for c in OutOfFold.cRange.refused { #expect(message(5, c).contains("c is")) }
        #expect(throws: RowSplitError.classTooSmall(label: 1, rows: 1, parts: 2)) {
            try OutOfFold.probabilities(
                [1, 2, 3], columns: 1, labels: [0, 0, 1], classes: 2, folds: 2, c: 1, seed: 0,
                WorkerPool(size: 1))
        }
    }
}
