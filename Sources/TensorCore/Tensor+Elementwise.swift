import CTensorKernels
import TensorKernels

/// What is done with two elements.
enum Combination { case add, subtract, multiply, divide }

extension Tensor {
    /// Each element with the one in its place; shapes are repeated to fit each
    /// other (docs of `Shape.broadcast`).
    public static func + (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try combine(.add, a, b) }
    public static func - (a: Tensor, b: Tensor) throws(TensorError) -> Tensor {
        try combine(.subtract, a, b)
    }
    public static func * (a: Tensor, b: Tensor) throws(TensorError) -> Tensor {
        try combine(.multiply, a, b)
    }
    public static func / (a: Tensor, b: Tensor) throws(TensorError) -> Tensor { try combine(.divide, a, b) }

    private static func combine(
        _ combination: Combination, _ a: Tensor, _ b: Tensor
    ) throws(TensorError) -> Tensor {
        try a.require(.f32)
        try b.require(.f32)
        let result = Tensor(unwritten: try a.shape.broadcast(with: b.shape), .f32, in: a.context)
        try Runs(combination, a, b, into: result).combine()
        return result
    }

    /// This and another of the same shape, in this one's memory where nobody else sees it.
    public consuming func adding(_ other: Tensor) throws(TensorError) -> Tensor {
        try other.require("what is added", shape)
        self = try dense()
        let terms = try other.dense()
        let result = Tensor.unwritten(shape, replacing: &self)
        let (to, a, b, add) = (result.target, floats, terms.floats, context.kernels.add)
        context.share(count, work: 1, step: 16) { _, range in
            let start = range.lowerBound
            add(to + start, a + start, b + start, range.count)
        }
        return withExtendedLifetime((self, terms)) { result }
    }

    /// s x
    public func scaled(by s: Float) throws(TensorError) -> Tensor {
        let scale = context.kernels.scale
        return try mapped { y, x, count in scale(y, x, s, count) }
    }

    /// x + s
    public func shifted(by s: Float) throws(TensorError) -> Tensor {
        let add = context.kernels.addScalar
        return try mapped { y, x, count in add(y, x, s, count) }
    }

    /// f(x) by a kernel whose result does not depend on what lies beside an element.
    func mapped(
        work: Int = 1, _ kernel: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
    ) throws(TensorError) -> Tensor {
        let x = try dense()
        let y = Tensor(unwritten: shape, .f32, in: context)
        let (from, to) = (x.floats, y.target)
        context.share(count, work: work, step: 16) { _, range in
            kernel(to + range.lowerBound, from + range.lowerBound, range.count)
        }
        return withExtendedLifetime(x) { y }
    }

    /// Each element as another type: what is cut off is cut towards zero, a bool
    /// is 0 or 1, and anything but 0 is true.
    ///
    /// - Complexity: O(count), one element at a time.
    public func converted(to other: DType) throws(TensorError) -> Tensor {
        if other == dtype { return self }
        switch dtype {
        case .f32: return try converted(values(Float.self), to: other)
        case .i32: return try converted(values(Int32.self).map(Float.init), to: other)
        case .u8: return try converted(values(UInt8.self).map(Float.init), to: other)
        case .bool: return try converted(values(Bool.self).map { $0 ? 1 : 0 }, to: other)
        }
    }

    private func converted(_ values: [Float], to other: DType) throws(TensorError) -> Tensor {
        switch other {
        case .f32: return try Tensor(values, shape, in: context)
        case .bool: return try Tensor(values.map { $0 != 0 }, shape, in: context)
        case .i32, .u8:
            let limits: ClosedRange<Float> = other == .u8 ? 0...255 : -2_147_483_648...2_147_483_520
            if let bad = values.first(where: { !limits.contains($0.rounded(.towardZero)) }) {
                throw .value("\(bad)", dtype: other)
            }
            return other == .u8
                ? try Tensor(values.map { UInt8($0) }, shape, in: context)
                : try Tensor(values.map { Int32($0) }, shape, in: context)
        }
    }
}

/// Two operands of any layouts as runs that a kernel does in one call.
///
/// Axes over which both operands go on evenly are one axis; of what is left the
/// last, or the last two, are a run, and those before are counted through.
private struct Runs {
    private typealias Axis = (size: Int, a: Int, b: Int)

    private let combination: Combination
    private let a: Tensor
    private let b: Tensor
    private let result: Tensor
    private let axes: [Axis]

    init(
        _ combination: Combination, _ a: Tensor, _ b: Tensor, into result: Tensor
    ) throws(TensorError) {
        self.combination = combination
        self.result = result
        let axes = try Self.axes(a, b, result.shape)
        // A kernel walks an operand in steps of one element, or stays where it is in one of them.
        let inner = axes.last ?? (1, 1, 1)
        let (copiesA, copiesB) = (inner.a > 1 || inner.a == 0 && inner.b == 0, inner.b > 1)
        self.a = copiesA ? try a.expanded(to: result.shape).copied() : a
        self.b = copiesB ? b.copied() : b
        self.axes = copiesA || copiesB ? try Self.axes(self.a, self.b, result.shape) : axes
    }

    private static func axes(_ a: Tensor, _ b: Tensor, _ shape: Shape) throws(TensorError) -> [Axis] {
        let (a, b) = (try a.layout.expanded(to: shape), try b.layout.expanded(to: shape))
        var axes: [Axis] = []
        for (axis, size) in shape.sizes.enumerated() where size != 1 {
            let here = Axis(size, a.strides[axis], b.strides[axis])
            if let last = axes.last, last.a == here.a * size, last.b == here.b * size {
                axes[axes.count - 1] = (last.size * size, here.a, here.b)
            } else {
                axes.append(here)
            }
        }
        return axes
    }

    func combine() {
        guard result.count > 0 else { return }
        guard let inner = axes.last else { return run(1, 1, 1, 0, 0, 0) }
        let rest = axes.dropLast()
        guard let outer = rest.last else {
            result.context.share(inner.size, work: 1, step: 16) { _, range in
                let start = range.lowerBound
                run(range.count, inner.a, inner.b, start * inner.a, start * inner.b, start)
            }
            return
        }
        let rows = rest.reduce(1) { $0 * $1.size }
        // Rows that all meet the same row go to the kernel together.
        let isRow = inner.a == 1 && inner.b == 1 && outer.b == 0 && outer.a == inner.size
        let together = isRow ? outer.size : 1
        result.context.share(rows / together, work: inner.size * together) { _, range in
            for number in range {
                let row = number * together
                var (rest, aStart, bStart) = (row, 0, 0)
                for axis in axes.dropLast().reversed() {
                    let place = rest % axis.size
                    rest /= axis.size
                    aStart += place * axis.a
                    bStart += place * axis.b
                }
                if isRow {
                    self.rows(together, inner.size, aStart, bStart, row * inner.size)
                } else {
                    run(inner.size, inner.a, inner.b, aStart, bStart, row * inner.size)
                }
            }
        }
    }

    private func rows(_ rows: Int, _ columns: Int, _ aStart: Int, _ bStart: Int, _ start: Int) {
        let (a, b, y) = (a.floats + aStart, b.floats + bStart, result.target + start)
        let kernels = result.context.kernels
        switch combination {
        case .add: kernels.addRow(y, a, b, rows, columns)
        case .subtract: kernels.subtractRow(y, a, b, rows, columns)
        case .multiply: kernels.multiplyRow(y, a, b, rows, columns)
        case .divide: kernels.divideRow(y, a, b, rows, columns)
        }
    }

    /// `count` elements; an operand with a step of 0 is one element throughout.
    private func run(
        _ count: Int, _ aStep: Int, _ bStep: Int, _ aStart: Int, _ bStart: Int, _ start: Int
    ) {
        let (a, b, y) = (a.floats + aStart, b.floats + bStart, result.target + start)
        let kernels = result.context.kernels
        switch (combination, aStep, bStep) {
        case (.add, 1, 1): kernels.add(y, a, b, count)
        case (.subtract, 1, 1): kernels.subtract(y, a, b, count)
        case (.multiply, 1, 1): kernels.multiply(y, a, b, count)
        case (.divide, 1, 1): kernels.divide(y, a, b, count)
        case (.add, _, 0): kernels.addScalar(y, a, b[0], count)
        case (.subtract, _, 0): kernels.addScalar(y, a, -b[0], count)
        case (.multiply, _, 0): kernels.scale(y, a, b[0], count)
        case (.divide, _, 0): kernels.divideByScalar(y, a, b[0], count)
        case (.add, _, _): kernels.addScalar(y, b, a[0], count)
        case (.subtract, _, _): kernels.subtractFromScalar(y, b, a[0], count)
        case (.multiply, _, _): kernels.scale(y, b, a[0], count)
        case (.divide, _, _): kernels.divideScalar(y, b, a[0], count)
        }
    }
}
