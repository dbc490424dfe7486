import Platform
import TensorKernels

/// Makes counts of terms into rows of values.
struct RowWeigher {
    let width: Int
    let norm: TermWeighting.Norm
    private let sublinear: Bool
    /// By column; nil where each is 1.
    private let factors: [Double]?
    /// What the first counts become.
    private let weights: [Double]

    init(width: Int, _ weighting: TermWeighting, factors: [Double]?) {
        self.width = width
        norm = weighting.norm
        sublinear = weighting.sublinear
        self.factors = factors
        weights = (0..<256).map {
            weighting.sublinear && $0 > 0 ? 1 + Elementary.log(Double($0)) : Double($0)
        }
    }

    private func weight(_ count: UInt32) -> Double {
        sublinear ? 1 + Elementary.log(Double(count)) : Double(count)
    }

    /// The rows of all parts, one after another.
    func rows<Value: BinaryFloatingPoint & Sendable>(
        _ parts: [CountedRows], _ pool: WorkerPool
    ) -> SparseRows<Value> {
        var sizes = [Int](repeating: 0, count: parts.count)
        sizes.withUnsafeMutableBufferPointer { sizes in
            pool.runEach(parts.count) { sizes[$0] = parts[$0].size() }
        }
        // Where each part's rows and entries begin.
        var (firstRows, firstEntries) = ([0], [0])
        for (part, size) in zip(parts, sizes) {
            firstRows.append(firstRows[firstRows.count - 1] + part.rows.count)
            firstEntries.append(firstEntries[firstEntries.count - 1] + size)
        }
        let (count, size) = (firstRows[parts.count], firstEntries[parts.count])
        var values: [Value] = []
        var columns: [Int32] = []
        let offsets = [Int](unsafeUninitializedCapacity: count + 1) { offsets, offsetCount in
            offsets[0] = 0
            columns = [Int32](unsafeUninitializedCapacity: size) { columns, columnCount in
                values = [Value](unsafeUninitializedCapacity: size) { values, valueCount in
                    pool.runEach(parts.count) { number in
                        fill(
                            parts[number], firstEntries[number],
                            UnsafeMutableBufferPointer(rebasing: offsets[(firstRows[number] + 1)...]),
                            columns, values)
                    }
                    valueCount = size
                }
                columnCount = size
            }
            offsetCount = count + 1
        }
        return SparseRows(width: width, offsets: offsets, columns: columns, values: values)
    }

    /// Writes the rows of one part from an entry on.
    private func fill<Value: BinaryFloatingPoint>(
        _ part: CountedRows, _ first: Int, _ ends: UnsafeMutableBufferPointer<Int>,
        _ columns: UnsafeMutableBufferPointer<Int32>, _ values: UnsafeMutableBufferPointer<Value>
    ) {
        let view = part.view
        let identity = part.columns == nil
        (part.columns ?? []).withUnsafeBufferPointer { renumbered in
            weights.withUnsafeBufferPointer { weights in
                (factors ?? []).withUnsafeBufferPointer { factors in
                    // Column above, count below: one word to sort by.
                    var row = GrowingBuffer<UInt64>()
                    var weighed = GrowingBuffer<Double>()
                    var end = first
                    for (index, number) in part.rows.enumerated() {
                        let entries = view.entries(number)
                        row.count = 0
                        row.makeRoom(entries.count)
                        weighed.count = 0
                        weighed.makeRoom(entries.count)
                        for place in entries {
                            let entry = view.start[place]
                            let column = identity ? entry.number : renumbered[Int(entry.number)]
                            row.start[row.count] =
                                UInt64(UInt32(bitPattern: column)) << 32 | UInt64(entry.count)
                            row.count &+= column < 0 ? 0 : 1
                        }
                        sort(row.start, row.count)
                        weigh(row.elements, weighed.start, weights, factors)
                        for place in 0..<row.count {
                            columns[end &+ place] = Int32(truncatingIfNeeded: row.start[place] >> 32)
                            values[end &+ place] = Value(weighed.start[place])
                        }
                        end &+= row.count
                        ends[index] = end
                    }
                }
            }
        }
    }

    /// Rows of texts are short: few are sorted by putting each to its place.
    @inline(__always)
    private func sort(_ row: UnsafeMutablePointer<UInt64>, _ count: Int) {
        if count > 48 {
            var whole = UnsafeMutableBufferPointer(start: row, count: count)
            whole.sort()
            return
        }
        var end = 1
        while end < count {
            let entry = row[end]
            var place = end
            while place > 0, row[place &- 1] > entry {
                row[place] = row[place &- 1]
                place &-= 1
            }
            row[place] = entry
            end &+= 1
        }
    }

    /// - Parameter factors: Empty where each is 1.
    @inline(__always)
    private func weigh(
        _ row: UnsafeBufferPointer<UInt64>, _ weighed: UnsafeMutablePointer<Double>,
        _ weights: UnsafeBufferPointer<Double>, _ factors: UnsafeBufferPointer<Double>
    ) {
        var size = 0.0
        for (place, entry) in row.enumerated() {
            let count = UInt32(truncatingIfNeeded: entry)
            var value = count < 256 ? weights[Int(count)] : weight(count)
            if !factors.isEmpty { value *= factors[Int(entry >> 32)] }
            weighed[place] = value
            size += norm == .l2 ? value * value : value
        }
        guard norm != .none, size > 0 else { return }
        if norm == .l2 { size = size.squareRoot() }
        for place in 0..<row.count { weighed[place] /= size }
    }
}
