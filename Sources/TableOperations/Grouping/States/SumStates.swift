import DataFrames
import TableTypes

/// Rows of each group that hold a value.
struct CountState: AggregateState {
    private(set) var sizes: [Int64] = []

    mutating func take(_ values: Vector?, _ groups: Groups, pass: Int) {
        groups.fold(into: &sizes, 0, valid: values?.valid) { sizes, group, _ in sizes[group] += 1 }
    }

    func result() -> Vector { Vector(.integer(sizes)) }

    /// Groups with more values than so many; nil where that is all of them.
    func isAbove(_ count: Int64) -> [Bool]? {
        let isAbove = sizes.map { $0 > count }
        return isAbove.contains(false) ? isAbove : nil
    }
}

/// A sum of numbers or a mean.
struct SumState: AggregateState {
    let isMean: Bool
    private var sums: [Double] = []
    private(set) var sizes = CountState()

    init(isMean: Bool) { self.isMean = isMean }

    mutating func take(_ values: Vector?, _ groups: Groups, pass: Int) {
        guard let values else { return }
        sizes.take(values, groups, pass: pass)
        let numbers = values.asNumbers
        numbers.withUnsafeBufferPointer { numbers in
            groups.fold(into: &sums, 0, valid: values.valid) { sums, group, row in
                sums[group] += numbers[row]
            }
        }
    }

    /// 0 for a group without a value.
    var means: [Double] {
        sums.indices.map { sizes.sizes[$0] == 0 ? 0 : sums[$0] / Double(sizes.sizes[$0]) }
    }

    func result() -> Vector { Vector(.number(isMean ? means : sums), valid: sizes.isAbove(0)) }
}

/// A sum of integers, exact; one that fits no 64 bits ends the run.
struct IntegerSumState: AggregateState {
    let span: Span
    /// Of up to 2^63 integers, so that only what all of them come to must fit.
    private var sums: [Int128] = []
    private var sizes = CountState()
    /// Of groups whose sum does not fit: the row from which on it never did again, whatever pieces the rows come in.
    private var leaves: [Int: Int] = [:]
    private var rows = 0

    init(span: Span) { self.span = span }

    mutating func take(_ values: Vector?, _ groups: Groups, pass: Int) {
        guard let values else { return }
        sizes.take(values, groups, pass: pass)
        let integers = values.asIntegers
        let before = sums
        integers.withUnsafeBufferPointer { integers in
            groups.fold(into: &sums, 0, valid: values.valid) { sums, group, row in
                sums[group] += Int128(integers[row])
            }
        }
        let beyond = sums.indices.filter { Int64(exactly: sums[$0]) == nil }
        if beyond.isEmpty {
            leaves = [:]
        } else {
            follow(beyond, integers, values.valid, groups, from: before)
        }
        rows += groups.numbers.count
    }

    /// Goes over the last rows once more, for the groups whose sums do not fit behind them.
    private mutating func follow(
        _ beyond: [Int], _ integers: [Int64], _ valid: [Bool]?, _ groups: Groups, from before: [Int128]
    ) {
        let last = leaves
        leaves = [:]
        var running: [Int: Int128] = [:]
        for group in beyond {
            running[group] = group < before.count ? before[group] : 0
            leaves[group] = last[group]
        }
        for (row, group) in groups.numbers.enumerated() where valid?[row] ?? true {
            guard let sum = running[Int(group)] else { continue }
            let next = sum + Int128(integers[row])
            running[Int(group)] = next
            if Int64(exactly: next) == nil, Int64(exactly: sum) != nil { leaves[Int(group)] = rows + row }
        }
    }

    func result() throws(RowFailure) -> Vector {
        var fitting: [Int64] = []
        fitting.reserveCapacity(sums.count)
        for (group, sum) in sums.enumerated() {
            guard let sum = Int64(exactly: sum) else {
                throw RowFailure(
                    row: leaves[group] ?? 0,
                    message: "the sum of its group is no 64-bit integer from here on", span: span)
            }
            fitting.append(sum)
        }
        return Vector(.integer(fitting), valid: sizes.isAbove(0))
    }
}

/// Variance or standard deviation of a sample (n - 1), in two passes; null below two values.
struct SpreadState: AggregateState {
    let isRoot: Bool
    private var sums = SumState(isMean: true)
    private var means: [Double] = []
    private var squares: [Double] = []

    init(isRoot: Bool) { self.isRoot = isRoot }

    var passes: Int { 2 }

    mutating func take(_ values: Vector?, _ groups: Groups, pass: Int) {
        guard pass > 0, let values else { return sums.take(values, groups, pass: pass) }
        if means.isEmpty { means = sums.means }
        let numbers = values.asNumbers
        let means = means
        numbers.withUnsafeBufferPointer { numbers in
            groups.fold(into: &squares, 0, valid: values.valid) { squares, group, row in
                let distance = numbers[row] - means[group]
                squares[group] += distance * distance
            }
        }
    }

    func result() -> Vector {
        let sizes = sums.sizes.sizes
        let spreads = squares.indices.map { group -> Double in
            guard sizes[group] > 1 else { return 0 }
            let variance = squares[group] / Double(sizes[group] - 1)
            return isRoot ? variance.squareRoot() : variance
        }
        return Vector(.number(spreads), valid: sums.sizes.isAbove(1))
    }
}
