import TensorKernels

/// Random cuts until rows are apart or the tree is as deep as trees of its size are on average.
public struct IsolationTree: Sendable, Equatable {
    public struct Node: Sendable, Equatable {
        /// -1 for a leaf.
        public var column: Int32
        /// The node of the rows at or below the cut; the others' follows it.
        public var child: Int32
        /// Where missing values go.
        public var missingIsLow: Bool
        /// The cut; of a leaf the length of the path there, with what its rows would take to be told apart.
        public var value: Double

        public init(column: Int32, child: Int32, missingIsLow: Bool, value: Double) {
            self.column = column
            self.child = child
            self.missingIsLow = missingIsLow
            self.value = value
        }
    }

    /// The first one is the root.
    public let nodes: [Node]

    public init(nodes: [Node]) { self.nodes = nodes }

    /// Whether every path from the root ends in a leaf, over columns there are.
    func isSound(columns: Int) -> Bool {
        !nodes.isEmpty
            && nodes.enumerated().allSatisfy { place, node in
                if node.column < 0 { return node.value.isFinite }
                return Int(node.column) < columns && Int(node.child) > place
                    && Int(node.child) + 1 < nodes.count
            }
    }

    /// How many steps tell a row from so many others on average: c(n) of the paper, equation 1.
    static func expectedPath(_ rows: Int) -> Double {
        if rows <= 2 { return rows == 2 ? 1 : 0 }
        let others = Double(rows - 1)
        return 2 * (Elementary.log(others) + 0.577_215_664_901_532_9) - 2 * others / Double(rows)
    }

    init(of x: [Double], columns: Int, sample: Int, tree: UInt32, seed: UInt64) {
        var draws = Draws(tree: tree, seed: seed)
        var deepest = 0
        while 1 << deepest < max(2, sample) { deepest += 1 }
        var nodes = [Node(column: -1, child: 0, missingIsLow: true, value: 0)]
        var open = [(node: 0, rows: draws.rows(sample, of: x.count / columns), depth: 0)]
        while let (node, rows, depth) = open.popLast() {
            guard depth < deepest, rows.count > 1,
                let cut = Self.cut(x, columns, rows, &draws)
            else {
                nodes[node].value = Double(depth) + Self.expectedPath(rows.count)
                continue
            }
            var (low, high, lacking): ([Int], [Int], [Int]) = ([], [], [])
            for row in rows {
                let value = x[row * columns + cut.column]
                if value.isNaN {
                    lacking.append(row)
                } else if value <= cut.value {
                    low.append(row)
                } else {
                    high.append(row)
                }
            }
            let missingIsLow = low.count >= high.count
            if missingIsLow { low += lacking } else { high += lacking }
            nodes[node] = Node(
                column: Int32(cut.column), child: Int32(nodes.count), missingIsLow: missingIsLow,
                value: cut.value)
            open.append((nodes.count, low, depth + 1))
            open.append((nodes.count + 1, high, depth + 1))
            let leaf = Node(column: -1, child: 0, missingIsLow: true, value: 0)
            nodes += [leaf, leaf]
        }
        self.nodes = nodes
    }

    /// A column that differs among the rows, and a place between its least and greatest value; nil if none differs.
    private static func cut(
        _ x: [Double], _ columns: Int, _ rows: [Int], _ draws: inout Draws
    ) -> (column: Int, value: Double)? {
        var ranges: [(column: Int, low: Double, high: Double)] = []
        for column in 0..<columns {
            var (low, high) = (Double.infinity, -Double.infinity)
            for row in rows {
                let value = x[row * columns + column]
                low = value < low ? value : low
                high = value > high ? value : high
            }
            if low < high { ranges.append((column, low, high)) }
        }
        guard !ranges.isEmpty else { return nil }
        let (column, low, high) = ranges[draws.number(below: ranges.count)]
        let share = draws.share()
        let value = low * (1 - share) + high * share
        // Rounding must leave something on both sides.
        return (column, value >= low && value < high ? value : low)
    }

    /// Adds each row's path to the sums.
    func addPaths(
        _ x: UnsafeBufferPointer<Double>, _ columns: Int, _ rows: Range<Int>,
        to sums: UnsafeMutableBufferPointer<Double>
    ) {
        nodes.withUnsafeBufferPointer { nodes in
            for row in rows {
                var node = nodes[0]
                while node.column >= 0 {
                    let value = x[row * columns + Int(node.column)]
                    let isHigh = value > node.value || (value.isNaN && !node.missingIsLow)
                    node = nodes[Int(node.child) + (isHigh ? 1 : 0)]
                }
                sums[row] += node.value
            }
        }
    }

    /// The random numbers of one tree, one after the other.
    private struct Draws {
        private let philox: Philox
        private let tree: UInt32
        private var next: UInt32 = 0

        init(tree: UInt32, seed: UInt64) {
            philox = Philox(seed: seed)
            self.tree = tree
        }

        private mutating func word() -> UInt64 {
            let words = philox(SIMD4(next, 0, tree, RandomStream.isolationForest.rawValue))
            next += 1
            return UInt64(words[0]) << 32 | UInt64(words[1])
        }

        mutating func number(below bound: Int) -> Int {
            Int(word().multipliedFullWidth(by: UInt64(bound)).high)
        }

        /// In [0, 1).
        mutating func share() -> Double { Double(word() >> 11) * 0x1p-53 }

        /// So many of the first `total` numbers, each at most once.
        ///
        /// Source: Bentley and Floyd, "A sample of brilliance", Communications of the ACM 30 (1987).
        mutating func rows(_ count: Int, of total: Int) -> [Int] {
            var rows: [Int] = []
            var taken: Set<Int> = []
            for last in total - count..<total {
                let row = number(below: last + 1)
                let chosen = taken.insert(row).inserted ? row : last
                taken.insert(chosen)
                rows.append(chosen)
            }
            return rows
        }
    }
}
