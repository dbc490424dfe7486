/// Elements of one type in a shape. A value: what one tensor is told to become
/// never shows in another, though views share their memory.
public struct Tensor: @unchecked Sendable {
    /// What a tensor is, behind one reference: tensors are handed from call to
    /// call many times for each time one is made, and each part of its own would
    /// be counted each time.
    private final class Body {
        let dtype: DType
        let layout: Layout
        /// Set once; variable so that it can be asked whether others refer to it.
        @exclusivity(unchecked) var storage: Storage
        let context: TensorContext

        init(_ dtype: DType, _ layout: Layout, _ storage: Storage, _ context: TensorContext) {
            self.dtype = dtype
            self.layout = layout
            self.storage = storage
            self.context = context
        }
    }

    private var body: Body

    public var dtype: DType { body.dtype }
    public var layout: Layout { body.layout }
    var storage: Storage { body.storage }
    public var context: TensorContext { body.context }

    public var shape: Shape { body.layout.shape }
    public var count: Int { body.layout.shape.count }

    init(_ dtype: DType, _ layout: Layout, _ storage: Storage, _ context: TensorContext) {
        body = Body(dtype, layout, storage, context)
    }

    /// Whether no other tensor, and no view, sees its memory.
    var isAlone: Bool {
        mutating get { isKnownUniquelyReferenced(&body) && isKnownUniquelyReferenced(&body.storage) }
    }

    /// Elements of any content, which the caller is about to write.
    init(unwritten shape: Shape, _ dtype: DType, in context: TensorContext) {
        self.init(dtype, Layout(shape), Storage(shape.count * dtype.size, from: context.memory), context)
    }

    // MARK: Making

    /// - Parameter values: In row-major order.
    public init<Element: TensorElement>(
        _ values: [Element], _ shape: Shape, in context: TensorContext
    ) throws(TensorError) {
        guard values.count == shape.count else { throw .values(values.count, shape: shape) }
        self.init(unwritten: shape, Element.dtype, in: context)
        values.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { storage.base.copyMemory(from: base, byteCount: bytes.count) }
        }
    }

    /// One element, in every place.
    public init<Element: TensorElement>(
        repeating value: Element, _ shape: Shape = [], in context: TensorContext
    ) {
        self.init(unwritten: shape, Element.dtype, in: context)
        let start = storage.base.bindMemory(to: Element.self, capacity: count)
        start.initialize(repeating: value, count: count)
    }

    // MARK: Reading

    /// The elements in row-major order.
    ///
    /// - Complexity: O(count).
    public func values<Element: TensorElement>(
        _ type: Element.Type = Element.self
    ) throws(TensorError) -> [Element] {
        guard Element.dtype == dtype else { throw .dtype(dtype, expected: Element.dtype) }
        let dense = contiguous()
        return withExtendedLifetime(dense) {
            Array(UnsafeBufferPointer(start: dense.pointer(to: Element.self), count: count))
        }
    }

    /// The first element, where the offset is.
    func pointer<Element: TensorElement>(to type: Element.Type) -> UnsafeMutablePointer<Element> {
        storage.base.assumingMemoryBound(to: Element.self) + layout.offset
    }

    // MARK: Views

    private func view(_ layout: Layout) -> Tensor { Tensor(dtype, layout, storage, context) }

    /// The axes in another order: axis `i` of the result is axis `order[i]`.
    public func permuted(_ order: [Int]) throws(TensorError) -> Tensor { view(try layout.permuted(order)) }

    /// Two axes change places; the last two, as matrices are turned.
    public func transposed(_ first: Int = -2, _ second: Int = -1) throws(TensorError) -> Tensor {
        view(try layout.transposed(first, second))
    }

    /// Every `step`th element of a range along an axis.
    public func sliced(_ axis: Int, _ range: Range<Int>, by step: Int = 1) throws(TensorError) -> Tensor {
        view(try layout.sliced(axis, from: range.lowerBound, to: range.upperBound, by: step))
    }

    /// Repeated without being copied.
    public func expanded(to shape: Shape) throws(TensorError) -> Tensor {
        view(try layout.expanded(to: shape))
    }

    public func squeezed(_ axis: Int) throws(TensorError) -> Tensor { view(try layout.squeezed(axis)) }

    public func unsqueezed(_ axis: Int) throws(TensorError) -> Tensor { view(try layout.unsqueezed(axis)) }

    /// The same elements in the same order; copied only where no view can be.
    public func reshaped(to shape: Shape) throws(TensorError) -> Tensor {
        if let layout = try layout.reshaped(to: shape) { return view(layout) }
        let dense = contiguous()
        return Tensor(dtype, Layout(shape), dense.storage, context)
    }

    // MARK: Copies

    /// Itself where its elements lie in row-major order without gaps, else a copy that does.
    public func contiguous() -> Tensor { layout.isContiguous ? self : copied() }

    /// A copy in row-major order with memory of its own.
    public func copied() -> Tensor {
        let copy = Tensor(unwritten: shape, dtype, in: context)
        copy.write(self)
        return copy
    }

    /// Puts the elements of another of this shape and type into this one's
    /// memory, which nobody else may see.
    func write(_ other: Tensor) {
        if dtype.size == 4 { write(other, as: UInt32.self) } else { write(other, as: UInt8.self) }
    }

    /// Run by run of the last axis, or of the last axes that lie in one piece in both.
    private func write<Word: BitwiseCopyable>(_ other: Tensor, as type: Word.Type) {
        guard count > 0 else { return }
        let from = other.storage.base.assumingMemoryBound(to: Word.self) + other.layout.offset
        let to = storage.base.assumingMemoryBound(to: Word.self) + layout.offset
        var axes: [(size: Int, from: Int, to: Int)] = []
        for (axis, size) in shape.sizes.enumerated() where size != 1 {
            let here = (size: size, from: other.layout.strides[axis], to: layout.strides[axis])
            if let last = axes.last, last.from == here.from * size, last.to == here.to * size {
                axes[axes.count - 1] = (last.size * size, here.from, here.to)
            } else {
                axes.append(here)
            }
        }
        guard let inner = axes.popLast() else {
            to[0] = from[0]
            return
        }
        var place = [Int](repeating: 0, count: axes.count)
        var (source, target) = (from, to)
        while true {
            if inner.from == 1, inner.to == 1 {
                target.update(from: source, count: inner.size)
            } else {
                for i in 0..<inner.size { target[i &* inner.to] = source[i &* inner.from] }
            }
            // The next run, as an odometer counts.
            var axis = place.count - 1
            while axis >= 0 {
                place[axis] += 1
                source += axes[axis].from
                target += axes[axis].to
                if place[axis] < axes[axis].size { break }
                source -= place[axis] * axes[axis].from
                target -= place[axis] * axes[axis].to
                place[axis] = 0
                axis -= 1
            }
            if axis < 0 { return }
        }
    }
}

extension Tensor: CustomStringConvertible {
    /// `f32 [32, 64]`
    public var description: String { "\(dtype) \(shape)" }
}
