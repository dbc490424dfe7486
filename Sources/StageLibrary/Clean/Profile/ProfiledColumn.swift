import Estimators
import TableTypes

/// What is said of one column.
struct ProfiledColumn {
    var name: String
    var type: ColumnType
    var role: ColumnRole?
    var rows: Int
    /// Rows without a value; NaN is none.
    var missing: Int
    var values: Values
    /// Against the reference; nil where there is none.
    var drift: ColumnDrift?
    /// Of the reference the shares of rows, bin by bin of the histogram or level by level; empty where it was not measured.
    var before: [Double] = []

    enum Values {
        /// No row has a value that something could be said of.
        case none
        case numbers(Numbers)
        case levels(Levels)
        case texts(Texts)
    }

    /// Integers, numbers, dates as days and timestamps as microseconds.
    struct Numbers {
        var moments: Moments
        /// At 0, 5, 25, 50, 75, 95 and 100 percent.
        var quantiles: [Double]
        var distinct: Int
        var mode: Double
        var modeCount: Int
        /// Outside Tukey's fences.
        var fences: ClosedRange<Double>
        var outliers: Int
        var histogram: Histogram
        /// Values so far away that the histogram leaves them out.
        var beyond: Int
        /// Rows that the above is of, but for the moments.
        var sampled: Int
    }

    /// Booleans and categories.
    struct Levels {
        /// All levels that rows have, the most frequent first.
        var counts: [LevelCount]
    }

    struct Texts {
        /// Different ones; nil where they are too many to tell apart.
        var distinct: Int?
        /// Of those that come more than once.
        var mostFrequent: [LevelCount]
        /// In characters (Unicode scalars), of files in bytes.
        var lengths: Numbers
        var areFiles: Bool
    }

    static let probabilities = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]

    var present: Int { rows - missing }
    var missingShare: Double { rows == 0 ? 0 : Double(missing) / Double(rows) }

    var distinct: Int? {
        switch values {
        case .none: 0
        case .numbers(let numbers): numbers.sampled < present ? nil : numbers.distinct
        case .levels(let levels): levels.counts.count
        case .texts(let texts): texts.areFiles ? nil : texts.distinct
        }
    }

    /// The share of the present values that are the most frequent one.
    var largestShare: Double? {
        func share(_ count: Int, _ of: Int) -> Double? { of == 0 ? nil : Double(count) / Double(of) }
        switch values {
        case .none: return nil
        case .numbers(let numbers): return share(numbers.modeCount, numbers.sampled)
        case .levels(let levels): return share(levels.counts.first?.count ?? 0, present)
        case .texts(let texts):
            return texts.areFiles ? nil : share(texts.mostFrequent.first?.count ?? 1, present)
        }
    }

    var isConstant: Bool { present > 0 && largestShare == 1 }
    var isTime: Bool { type == .date || type == .timestamp }
}

/// How far a column has moved from the reference's of its name.
enum ColumnDrift {
    case measured(index: Double, test: Test?)
    case absent
    case otherType(ColumnType)
    /// Texts and files, and columns without values.
    case notMeasured

    enum Test {
        case kolmogorovSmirnov(statistic: Double, p: Double)
        case chiSquare(statistic: Double, degrees: Int, p: Double)
    }

    enum Verdict: String { case stable, some, drifted }

    /// As is customary: from 0.1 on a population has changed a little, from 0.2 on much.
    static let (some, much) = (0.1, 0.2)

    var index: Double? { if case .measured(let index, _) = self { index } else { nil } }

    var verdict: Verdict? {
        index.map { $0 >= Self.much ? .drifted : $0 >= Self.some ? .some : .stable }
    }
}
