import TensorCore
import TensorKernels
import Testing

/// A view as a list of elements, made the slow way: by what each index means.
struct Reference: Equatable {
    var sizes: [Int]
    var values: [Int32]

    /// Every index of a shape in row-major order.
    static func indices(_ sizes: [Int]) -> [[Int]] {
        sizes.reduce([[]]) { before, size in before.flatMap { index in (0..<size).map { index + [$0] } } }
    }

    subscript(index: [Int]) -> Int32 {
        values[zip(index, sizes).reduce(0) { $0 * $1.1 + $1.0 }]
    }

    /// Another shape, whose element at an index is ours at `place(index)`.
    func mapped(_ sizes: [Int], _ place: ([Int]) -> [Int]) -> Reference {
        Reference(sizes: sizes, values: Self.indices(sizes).map { self[place($0)] })
    }
}

/// Numbers that look random and are the same in every run.
struct Dice {
    private let philox: Philox
    private var count: UInt32 = 0

    init(seed: UInt64) { philox = Philox(seed: seed) }

    mutating func roll(_ sides: Int) -> Int {
        count += 1
        return Int(philox(SIMD4(count, 0, 0, 0))[0]) % sides
    }
}

@Suite struct LayoutTests {
    let context = TensorContext()

    private func numbered(_ sizes: [Int]) throws -> (Tensor, Reference) {
        let values = (0..<Int32(sizes.reduce(1, *))).map { $0 }
        return (try Tensor(values, Shape(sizes), in: context), Reference(sizes: sizes, values: values))
    }

    /// Views of views of views hold what their indices say, and are copied as such.
    @Test func viewsHoldWhatTheirIndicesSay() throws {
        var dice = Dice(seed: 1)
        for _ in 0..<2000 {
            var (tensor, reference) = try numbered((0..<dice.roll(5)).map { _ in dice.roll(5) })
            for _ in 0..<(1 + dice.roll(4)) {
                (tensor, reference) = try someView(of: tensor, reference, &dice)
                #expect(Array(tensor.shape.sizes) == reference.sizes)
                #expect(try tensor.values() == reference.values)
            }
            #expect(tensor.contiguous().layout.isContiguous)
            #expect(try tensor.copied().values() == reference.values)
        }
    }

    private func someView(
        of tensor: Tensor, _ reference: Reference, _ dice: inout Dice
    ) throws -> (Tensor, Reference) {
        let sizes = reference.sizes
        let rank = sizes.count
        switch dice.roll(6) {
        case 0:
            var order = Array(0..<rank)
            for place in order.indices { order.swapAt(place, dice.roll(rank)) }
            let view = reference.mapped(order.map { sizes[$0] }) { index in
                (0..<rank).map { axis in index[order.firstIndex(of: axis)!] }
            }
            return (try tensor.permuted(order), view)
        case 1 where rank > 0:
            let axis = dice.roll(rank)
            let lower = dice.roll(sizes[axis] + 1)
            let upper = lower + dice.roll(sizes[axis] - lower + 1)
            let step = 1 + dice.roll(3)
            var cut = sizes
            cut[axis] = Array(stride(from: lower, to: upper, by: step)).count
            let view = reference.mapped(cut) { index in
                var index = index
                index[axis] = lower + index[axis] * step
                return index
            }
            return (try tensor.sliced(axis - (dice.roll(2) == 0 ? 0 : rank), lower..<upper, by: step), view)
        case 2 where rank < Axes.limit:
            let axis = dice.roll(rank + 1)
            var more = sizes
            more.insert(1, at: axis)
            return (try tensor.unsqueezed(axis), Reference(sizes: more, values: reference.values))
        case 3 where sizes.contains(1):
            let axis = sizes.firstIndex(of: 1)!
            var fewer = sizes
            fewer.remove(at: axis)
            return (try tensor.squeezed(axis), Reference(sizes: fewer, values: reference.values))
        case 4 where sizes.reduce(1, *) < 200 && rank < Axes.limit:
            let target = (0..<dice.roll(2)).map { _ in 2 } + sizes.map { $0 == 1 ? 1 + dice.roll(3) : $0 }
            let view = reference.mapped(target) { index in
                zip(index.suffix(rank), sizes).map { $0.1 == 1 ? 0 : $0.0 }
            }
            return (try tensor.expanded(to: Shape(target)), view)
        default:
            let target = factors(of: sizes.reduce(1, *), &dice)
            return (
                try tensor.reshaped(to: Shape(target)), Reference(sizes: target, values: reference.values)
            )
        }
    }

    /// Some shape of so many elements.
    private func factors(of count: Int, _ dice: inout Dice) -> [Int] {
        if count == 0 { return [3, 0] }
        var (rest, sizes) = (count, [Int]())
        for factor in [2, 3, 5, 2, 3] where rest % factor == 0 && dice.roll(2) == 0 {
            sizes.append(factor)
            rest /= factor
        }
        return sizes + (dice.roll(2) == 0 ? [1, rest] : [rest])
    }

    /// Against Swift's arrays: what parts of them become when they are replaced, and which are equal.
    @Test func axesAreWhatArraysAre() {
        var dice = Dice(seed: 2)
        for _ in 0..<500 {
            let array = (0..<dice.roll(9)).map { _ in dice.roll(4) - 1 }
            var (axes, changed) = (Axes(array), array)
            #expect(Array(axes) == array && axes == Axes(array) && "\(axes)" == "\(array)")
            let lower = dice.roll(array.count + 1)
            let range = lower..<(lower + dice.roll(array.count - lower + 1))
            let new = (0..<dice.roll(Axes.limit - array.count + range.count + 1)).map { _ in dice.roll(4) }
            axes.replaceSubrange(range, with: new)
            changed.replaceSubrange(range, with: new)
            #expect(Array(axes) == changed && (axes == Axes(array)) == (changed == array))
            if axes == Axes(array) { #expect(axes.hashValue == Axes(array).hashValue) }
            #expect(axes.count < Axes.limit ? Array(axes + [7]) == changed + [7] : true)
        }
    }

    /// Whether another shape is a view, as NumPy decides it.
    @Test func anotherShapeIsAViewWhereStridesCanGiveIt() throws {
        func isView(_ tensor: Tensor, _ shape: Shape) throws -> Bool {
            try tensor.layout.reshaped(to: shape) != nil
        }
        let (tensor, _) = try numbered([4, 3, 2])
        #expect(try isView(tensor, [12, 2]) && isView(tensor, [24]) && isView(tensor, [2, 2, 3, 1, 2]))
        let turned = try tensor.permuted([1, 2, 0])
        #expect(try isView(turned, [3, 2, 2, 2]) && isView(turned, [6, 4]) && isView(turned, [3, 1, 2, 4]))
        #expect(
            try !isView(turned, [24]) && !isView(turned, [3, 8])
                && !isView(turned, [2, 3, 4, 1].reversedShape))
        let cut = try tensor.sliced(1, 0..<2)
        #expect(try isView(cut, [2, 2, 4]) && !isView(cut, [8, 2]))
        #expect(try isView(try tensor.sliced(0, 1..<3), [12]))
        let repeated = try tensor.sliced(0, 0..<1).expanded(to: [5, 3, 2])
        #expect(try isView(repeated, [5, 6]) && !isView(repeated, [30]))
    }

    @Test func mistakesNameTheShapesAndTheRule() throws {
        let tensor = try numbered([2, 3]).0
        func message(_ work: () throws -> Void) -> String {
            do {
                try work()
                return "none"
            } catch { return "\(error)" }
        }
        #expect(
            message { _ = try tensor.sliced(2, 0..<1) }
                == "shape [2, 3] has no axis 2; axes go from -2 to 1")
        #expect(
            message { _ = try numbered([]).0.squeezed(0) } == "a scalar has no axis 0")
        #expect(
            message { _ = try tensor.sliced(1, 1..<4) }
                == "1..<4 by 1 is no part of axis 1 of shape [2, 3]: bounds must lie in 0...3 and the step must be positive"
        )
        #expect(
            message { _ = try tensor.reshaped(to: [4]) }
                == "shape [2, 3] has 6 elements and [4] has 4; they must be as many")
        #expect(
            message { _ = try tensor.expanded(to: [2, 2, 4]) }
                == "shape [2, 3] cannot be repeated to [2, 2, 4]: from the last axis on, each size must be the same or 1"
        )
        #expect(
            message { _ = try tensor.squeezed(-1) }
                == "axis 1 of shape [2, 3] has 3 elements; only an axis of one can be left out")
        #expect(
            message { _ = try numbered([1, 1, 1, 2, 1, 1, 1, 1]).0.unsqueezed(0) }
                == "shape [1, 1, 1, 2, 1, 1, 1, 1] has as many axes as a tensor can have; none can be added")
        #expect(
            message {
                _ = try Tensor([1, 2] as [Float], [2, 1], in: context).rows(
                    numbered([1, 1, 1, 1, 1, 1, 1, 1]).0)
            }
                == "shape [1, 1, 1, 1, 1, 1, 1, 1] has as many axes as a tensor can have; none can be added")
        #expect(
            message { _ = try tensor.permuted([0, 0]) }
                == "[0, 0] is no order of the axes of shape [2, 3]: each of [0, 1] must stand in it once")
        #expect(
            message { _ = try Shape([2, 3]).broadcast(with: [2]) }
                == "shapes [2, 3] and [2] do not fit each other: from the last axis on, sizes must be equal or 1"
        )
        #expect(
            message { _ = try Tensor([1, 2] as [Float], [3], in: context) }
                == "shape [3] needs 3 values; got 2")
        #expect(
            message { let _: [Float] = try tensor.values() } == "the elements are i32; f32 is needed")
        #expect(
            message { _ = try tensor.product(with: tensor) } == "the elements are i32; f32 is needed")
        let floats = Tensor(repeating: 1 as Float, [2, 3], in: context)
        #expect(
            message { _ = try floats.product(with: floats) }
                == "shapes [2, 3] and [2, 3] cannot be multiplied: the last axis of the left must be as long as the "
                + "last but one of the right, and the axes before must be equal or 1")
    }

    @Test func aStepBeyondTheEndTakesTheFirstElement() throws {
        let tensor = try numbered([4]).0
        #expect(try tensor.sliced(0, 1..<4, by: .max).values() == [1 as Int32])
        #expect(try tensor.sliced(0, 2..<2, by: .max).values() == [] as [Int32])
    }

    @Test func shapesAreRepeatedToWhatFitsBoth() throws {
        #expect(try Shape([2, 1, 4]).broadcast(with: [3, 1]) == [2, 3, 4])
        #expect(try Shape([]).broadcast(with: [2, 0]) == [2, 0])
        #expect(try Shape([]).broadcast(with: []) == [])
        #expect(try Shape([1]).broadcast(with: [0]) == [0])
    }
}

extension [Int] {
    fileprivate var reversedShape: Shape { Shape(reversed()) }
}
