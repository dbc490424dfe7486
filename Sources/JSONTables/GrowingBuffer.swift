import Glibc

/// Memory that values are appended to, without what an `Array` checks at each:
/// a reader of a million rows appends ten million values.
struct GrowingBuffer<Element: BitwiseCopyable> {
    private(set) var start: UnsafeMutablePointer<Element>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 64) {
        self.capacity = capacity
        start = Self.memory(nil, capacity)
    }

    /// The owner calls it once.
    func deallocate() { free(start) }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { grow(by: 1) }
        start[count] = element
        count += 1
    }

    @inline(__always)
    mutating func append(_ elements: UnsafePointer<Element>, _ added: Int) {
        if capacity - count < added { grow(by: added) }
        (start + count).update(from: elements, count: added)
        count += added
    }

    mutating func append(repeating element: Element, _ added: Int) {
        if capacity - count < added { grow(by: added) }
        (start + count).update(repeating: element, count: added)
        count += added
    }

    /// - Precondition: There are as many.
    mutating func truncate(to count: Int) {
        precondition(count <= self.count, "\(self.count) elements cut to \(count)")
        self.count = count
    }

    @inline(never)
    private mutating func grow(by added: Int) {
        capacity = max(capacity * 2, count + added)
        start = Self.memory(start, capacity)
    }

    /// Large pieces are moved by the kernel, page by page, not copied.
    private static func memory(
        _ old: UnsafeMutablePointer<Element>?, _ count: Int
    ) -> UnsafeMutablePointer<Element> {
        guard let new = realloc(old, count * MemoryLayout<Element>.stride) else {
            fatalError("no memory for \(count) values")
        }
        return new.assumingMemoryBound(to: Element.self)
    }

    var array: [Element] { Array(UnsafeBufferPointer(start: start, count: count)) }
}
