/// Points of a plane in boxes, to find near ones; distances are the greater of both coordinates' differences.
///
/// Source: Bentley, "Multidimensional binary search trees used for associative searching", Communications of the ACM 18
/// (1975).
struct PlaneTree {
    private struct Box {
        var low: SIMD2<Double>
        var high: SIMD2<Double>
        /// Its points' places.
        var points: Range<Int>
        /// Of the lower half's box and the upper one's; 0 where the box is not halved.
        var children = (0, 0)

        func distance(to point: SIMD2<Double>) -> Double {
            let beyond = pointwiseMax(low - point, point - high)
            return max(0, beyond.max())
        }
    }

    private static let leaf = 16

    private let points: [SIMD2<Double>]
    /// Of each point as it was given, its place.
    private let places: [Int]
    private let boxes: [Box]

    /// - Complexity: O(n log^2 n).
    init(_ x: [Double], _ y: [Double]) {
        let given = x.indices.map { SIMD2(x[$0], y[$0]) }
        var order = Array(given.indices)
        var boxes: [Box] = []
        _ = Self.build(&boxes, &order, 0..<order.count, given)
        self.boxes = boxes
        points = order.map { given[$0] }
        var places = [Int](repeating: 0, count: order.count)
        for (place, point) in order.enumerated() { places[point] = place }
        self.places = places
    }

    /// The new box's number. Halves are equal, so it is log n deep.
    private static func build(
        _ boxes: inout [Box], _ order: inout [Int], _ range: Range<Int>, _ points: [SIMD2<Double>]
    ) -> Int {
        var (low, high) = (SIMD2(repeating: Double.infinity), SIMD2(repeating: -Double.infinity))
        for place in range {
            low = pointwiseMin(low, points[order[place]])
            high = pointwiseMax(high, points[order[place]])
        }
        let number = boxes.count
        boxes.append(Box(low: low, high: high, points: range))
        let spread = high - low
        guard range.count > leaf, spread.max() > 0 else { return number }
        let axis = spread[1] > spread[0] ? 1 : 0
        order[range].sort { (points[$0][axis], $0) < (points[$1][axis], $1) }
        let middle = range.lowerBound + range.count / 2
        let lower = build(&boxes, &order, range.lowerBound..<middle, points)
        let upper = build(&boxes, &order, middle..<range.upperBound, points)
        boxes[number].children = (lower, upper)
        return number
    }

    /// The distance from a point to its k-th nearest other one.
    ///
    /// - Precondition: There are more than k points.
    func neighborDistance(_ point: Int, _ k: Int) -> Double {
        let own = points[places[point]]
        // With the point itself, ascending.
        var nearest: [Double] = []
        visit(0, own, k + 1, &nearest)
        return nearest[k]
    }

    private func visit(_ number: Int, _ own: SIMD2<Double>, _ count: Int, _ nearest: inout [Double]) {
        let box = boxes[number]
        if nearest.count == count, box.distance(to: own) >= nearest[count - 1] { return }
        guard box.children == (0, 0) else {
            let (lower, upper) = box.children
            let isLowerFirst = boxes[lower].distance(to: own) <= boxes[upper].distance(to: own)
            visit(isLowerFirst ? lower : upper, own, count, &nearest)
            visit(isLowerFirst ? upper : lower, own, count, &nearest)
            return
        }
        for place in box.points {
            let difference = points[place] - own
            let distance = max(difference[0].magnitude, difference[1].magnitude)
            if nearest.count == count {
                if distance >= nearest[count - 1] {
                    // Equal points are many at times, and no other is nearer.
                    if nearest[count - 1] == 0 { return }
                    continue
                }
                nearest.removeLast()
            }
            nearest.insert(distance, at: SortedSearch.countUpTo(distance, nearest))
        }
    }
}
