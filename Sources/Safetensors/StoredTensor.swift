/// The element types that are read and written; the raw value is the format's name.
public enum ElementType: String, Sendable, CaseIterable {
    case double = "F64"
    case float = "F32"
    case int64 = "I64"
    case int32 = "I32"
    case uint8 = "U8"
    /// One byte, 0 or 1.
    case bool = "BOOL"

    /// Bytes an element.
    public var size: Int {
        switch self {
        case .double, .int64: 8
        case .float, .int32: 4
        case .uint8, .bool: 1
        }
    }
}

/// A named tensor: little-endian elements in row-major order.
public struct StoredTensor: Sendable, Equatable {
    public let name: String
    public let type: ElementType
    /// Empty for a scalar.
    public let shape: [Int]
    public let bytes: [UInt8]

    /// For the reader, which has checked that the bytes fit the shape.
    init(name: String, type: ElementType, shape: [Int], bytes: [UInt8]) {
        self.name = name
        self.type = type
        self.shape = shape
        self.bytes = bytes
    }

    /// - Precondition (of all five): the shape's product is the number of values.
    public init(name: String, shape: [Int], floats: [Float]) {
        self.init(name, .float, shape, floats.count, floats.withUnsafeBytes { Array($0) })
    }

    public init(name: String, shape: [Int], doubles: [Double]) {
        self.init(name, .double, shape, doubles.count, doubles.withUnsafeBytes { Array($0) })
    }

    public init(name: String, shape: [Int], int64s: [Int64]) {
        self.init(name, .int64, shape, int64s.count, int64s.withUnsafeBytes { Array($0) })
    }

    public init(name: String, shape: [Int], int32s: [Int32]) {
        self.init(name, .int32, shape, int32s.count, int32s.withUnsafeBytes { Array($0) })
    }

    public init(name: String, shape: [Int], uint8s: [UInt8]) {
        self.init(name, .uint8, shape, uint8s.count, uint8s)
    }

    public init(name: String, shape: [Int], bools: [Bool]) {
        self.init(name, .bool, shape, bools.count, bools.map { $0 ? 1 : 0 })
    }

    private init(_ name: String, _ type: ElementType, _ shape: [Int], _ count: Int, _ bytes: [UInt8]) {
        precondition(
            shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == count, "\(count) values for shape \(shape)")
        self.init(name: name, type: type, shape: shape, bytes: bytes)
    }

    /// The values of a tensor of that type, else nil.
    public var floats: [Float]? { values(.float) }
    public var doubles: [Double]? { values(.double) }
    public var int64s: [Int64]? { values(.int64) }
    public var int32s: [Int32]? { values(.int32) }
    public var uint8s: [UInt8]? { type == .uint8 ? bytes : nil }
    public var bools: [Bool]? { type == .bool ? bytes.map { $0 == 1 } : nil }

    private func values<Element: BitwiseCopyable>(_ wanted: ElementType) -> [Element]? {
        guard type == wanted else { return nil }
        return bytes.withUnsafeBytes { raw in
            stride(from: 0, to: raw.count, by: MemoryLayout<Element>.size).map {
                raw.loadUnaligned(fromByteOffset: $0, as: Element.self)
            }
        }
    }
}
