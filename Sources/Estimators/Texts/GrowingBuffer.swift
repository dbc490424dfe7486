import Glibc

/// Memory that grows, whose elements are written without a look at bounds: who writes makes room first.
///
/// Grown by `realloc`, which moves large memory without copying it.
struct GrowingBuffer<Element: BitwiseCopyable>: ~Copyable {
    private(set) var start: UnsafeMutablePointer<Element>
    private(set) var capacity: Int
    /// Elements that count; the owner says how many.
    var count = 0

    init(capacity: Int = 64) {
        self.capacity = capacity
        start = Self.memory(nil, capacity)
    }

    deinit { free(start) }

    /// So that there is room for so many more behind those that count.
    @inline(__always)
    mutating func makeRoom(_ more: Int) {
        if capacity &- count < more { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        capacity = max(2 * capacity, count + more)
        start = Self.memory(start, capacity)
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        makeRoom(1)
        start[count] = element
        count &+= 1
    }

    var elements: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: start, count: count) }

    private static func memory(
        _ old: UnsafeMutablePointer<Element>?, _ count: Int
    ) -> UnsafeMutablePointer<Element> {
        guard let memory = realloc(old, max(1, count) * MemoryLayout<Element>.stride) else {
            fatalError("no memory for \(count) elements")
        }
        return memory.bindMemory(to: Element.self, capacity: count)
    }
}
