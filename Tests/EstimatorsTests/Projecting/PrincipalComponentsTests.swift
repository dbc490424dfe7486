import CanonicalJSON
import Testing

@testable import Estimators

@Suite struct PrincipalComponentsTests {
    @Test func `components have the numbers and signs of scikit-learn's PCA`() throws {
        let golden = try ColumnGoldens.read("projecting")
        let matrices = try #require(golden["matrices"]?.array).map { ColumnGoldens.matrix($0) }
        let cases = try #require(golden["cases"]?.array)
        try #require(cases.count == 22)
        for (number, one) in cases.enumerated() {
            let x = matrices[Int(one["x"]?.number ?? 0)]
            let kept = one["kept"]?.number ?? 0
            let pca = try PrincipalComponents(
                fitting: x, columns: 16, kept: kept == 0 ? .all : kept < 1 ? .share(kept) : .count(Int(kept)),
                whitens: one["whiten"] == .boolean(true))
            #expect(difference(pca.variances, ColumnGoldens.numbers(one["variances"])) == nil, "\(number)")
            #expect(difference(pca.shares, ColumnGoldens.numbers(one["shares"])) == nil, "\(number)")
            #expect(
                Self.isNear(pca.components.flatMap { $0 }, ColumnGoldens.matrix(one["components"])),
                "\(number)")
            #expect(
                Self.isNear(try pca(Array(x.prefix(15 * 16))), ColumnGoldens.matrix(one["out"])), "\(number)")
        }
    }

    /// Within 1e-6 of the greatest.
    private static func isNear(_ found: [Double], _ golden: [Double]) -> Bool {
        let greatest = golden.reduce(0) { $1.magnitude > $0 ? $1.magnitude : $0 }
        return found.count == golden.count
            && zip(found, golden).allSatisfy { ($0 - $1).magnitude <= 1e-6 * greatest }
    }

    @Test(arguments: [3, 40, 65, 200]) func `singular values rebuild the matrix's squares`(rows: Int) {
        let columns = 12
        let x = (0..<rows * columns).map { Double(($0 * 7919 + 13) % 1009) / 1009 - 0.5 }
        let parts = SingularValues(rows: rows, columns: columns) { x[$0 * columns + $1] }
        #expect(parts.values.count == min(rows, columns))
        #expect(zip(parts.values, parts.values.dropFirst()).allSatisfy { $0 >= $1 })
        for a in 0..<columns {
            for b in 0..<columns {
                let gram = (0..<rows).reduce(0) { $0 + x[$1 * columns + a] * x[$1 * columns + b] }
                let rebuilt = parts.values.indices.reduce(0) {
                    $0 + parts.values[$1] * parts.values[$1] * parts.vectors[$1][a] * parts.vectors[$1][b]
                }
                #expect((gram - rebuilt).magnitude < 1e-12 * Double(rows))
            }
        }
    }

    @Test func `directions in which nothing varies are at right angles to the others`() throws {
        let x: [Double] = [1, 2, 3, 2, 4, 3, 3, 6, 3, 4, 8, 3]
        let pca = try PrincipalComponents(fitting: x, columns: 3)
        #expect((pca.shares[0] - 1).magnitude < 1e-12)
        for (a, one) in pca.components.enumerated() {
            for (b, other) in pca.components.enumerated() {
                let product = zip(one, other).reduce(0) { $0 + $1.0 * $1.1 }
                #expect((product - (a == b ? 1 : 0)).magnitude < 1e-12)
            }
        }
        let constant = try PrincipalComponents(fitting: [5, 5, 5, 5], columns: 2, whitens: true)
        #expect(constant.shares == [0, 0])
        #expect(try constant([5, 5]) == [0, 0])
    }

    @Test func `what has no components is an error`() throws {
        #expect(throws: EstimatorError.noRows) { try PrincipalComponents(fitting: [], columns: 2) }
        #expect(throws: EstimatorError.self) { try PrincipalComponents(fitting: [1, 2], columns: 2) }
        #expect(throws: EstimatorError.notFinite(row: 1, column: 0)) {
            try PrincipalComponents(fitting: [1, 2, .nan, 4], columns: 2)
        }
        #expect(throws: EstimatorError.tooLarge) {
            try PrincipalComponents(fitting: [1e200, 2, 3, 4], columns: 2)
        }
        #expect(
            throws: EstimatorError.option(
                "components", value: "3", expected: "at most 2, the lesser of rows and columns")
        ) {
            try PrincipalComponents(fitting: [1, 2, 3, 4], columns: 2, kept: .count(3))
        }
        let pca = try PrincipalComponents(fitting: [1, 2, 3, 4], columns: 2)
        #expect(throws: EstimatorError.shape(values: 3, rows: 1, columns: 2)) { try pca([1, 2, 3]) }
        #expect(throws: EstimatorError.notFinite(row: 0, column: 1)) { try pca([1, .nan]) }
        #expect(try pca([]) == [])
        expectRefused(
            PrincipalComponents.countRange,
            whole: {
                _ = try PrincipalComponents(fitting: [1, 2, 3, 4], columns: 2, kept: .count($0))
            })
        expectRefused(PrincipalComponents.shareRange) {
            _ = try PrincipalComponents(fitting: [1, 2, 3, 4], columns: 2, kept: .share($0))
        }
    }
}
