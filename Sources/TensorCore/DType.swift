/// What the elements of a tensor are.
public enum DType: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case f32, i32, u8, bool

    /// Bytes of one element.
    public var size: Int {
        switch self {
        case .f32, .i32: 4
        case .u8, .bool: 1
        }
    }

    public var description: String { rawValue }
}

/// A Swift type that a tensor's elements can be.
public protocol TensorElement: BitwiseCopyable, Hashable, Sendable {
    static var dtype: DType { get }
}

extension Float: TensorElement { public static var dtype: DType { .f32 } }
extension Int32: TensorElement { public static var dtype: DType { .i32 } }
extension UInt8: TensorElement { public static var dtype: DType { .u8 } }
extension Bool: TensorElement { public static var dtype: DType { .bool } }
