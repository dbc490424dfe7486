/// A number for each axis of a tensor, at most eight: its sizes, or its strides.
///
/// They lie in the value itself: an array would be memory of its own, asked for and counted several times
/// in each operation, and a step of a small model is made of hundreds.
public struct Axes: Hashable, Sendable {
    /// How many axes there can be.
    public static let limit = 8

    /// `limit` of them.
    private var numbers = InlineArray<8, Int>(repeating: 0)
    public private(set) var count = 0

    public init() {}

    /// - Precondition: There are at most `limit`.
    public init(repeating number: Int, count: Int) {
        precondition(count <= Self.limit, "a tensor has at most \(Self.limit) axes, not \(count)")
        self.count = count
        for axis in 0..<count { numbers[axis] = number }
    }

    /// - Precondition: There are at most `limit`.
    public init(_ numbers: some Sequence<Int>) { for number in numbers { append(number) } }

    public mutating func append(_ number: Int) {
        precondition(count < Self.limit, "a tensor has at most \(Self.limit) axes")
        numbers[count] = number
        count += 1
    }

    public static func == (one: Axes, other: Axes) -> Bool {
        guard one.count == other.count else { return false }
        for axis in 0..<one.count where one.numbers[axis] != other.numbers[axis] { return false }
        return true
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for number in self { hasher.combine(number) }
    }
}

extension Axes: RandomAccessCollection, MutableCollection, RangeReplaceableCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    public subscript(axis: Int) -> Int {
        get {
            precondition(axis < count, "no axis \(axis) of \(count)")
            return numbers[axis]
        }
        set {
            precondition(axis < count, "no axis \(axis) of \(count)")
            numbers[axis] = newValue
        }
    }

    public mutating func replaceSubrange(_ range: Range<Int>, with new: some Collection<Int>) {
        var result = Axes()
        for axis in 0..<range.lowerBound { result.append(numbers[axis]) }
        for number in new { result.append(number) }
        for axis in range.upperBound..<count { result.append(numbers[axis]) }
        self = result
    }
}

extension Axes: ExpressibleByArrayLiteral, CustomStringConvertible {
    public init(arrayLiteral numbers: Int...) { self.init(numbers) }

    public var description: String { "\(Array(self))" }
}
