/// What a run of bytes is as UTF-8. Overlong forms, surrogates and what lies
/// beyond U+10FFFF are not UTF-8 (Unicode 15, table 3-7).
public enum UTF8Scan: Equatable, Sendable {
    case ascii
    case valid
    /// The offset of the first byte that does not fit.
    case invalid(at: Int)

    /// - Complexity: O(bytes), eight at a time while they are ASCII.
    public init(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        var isASCII = true
        let count = bytes.count
        while index < count {
            if count - index >= 8,
                bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                index += 8
                continue
            }
            let first = bytes[index]
            if first < 0x80 {
                index += 1
                continue
            }
            isASCII = false
            var second: ClosedRange<UInt8> = 0x80...0xBF
            let length: Int
            switch first {
            case 0xC2...0xDF: length = 2
            case 0xE0...0xEF:
                length = 3
                if first == 0xE0 { second = 0xA0...0xBF }
                if first == 0xED { second = 0x80...0x9F }
            case 0xF0...0xF4:
                length = 4
                if first == 0xF0 { second = 0x90...0xBF }
                if first == 0xF4 { second = 0x80...0x8F }
            default:
                self = .invalid(at: index)
                return
            }
            guard length <= count - index, second.contains(bytes[index + 1]),
                length < 3 || bytes[index + 2] & 0xC0 == 0x80,
                length < 4 || bytes[index + 3] & 0xC0 == 0x80
            else {
                self = .invalid(at: index)
                return
            }
            index += length
        }
        self = isASCII ? .ascii : .valid
    }
}

/// Whether every byte fits the pattern of GB18030: ASCII, two bytes, or four.
public func isGB18030(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var scan = GB18030Scan()
    scan.take(bytes)
    return scan.isWhole
}

/// The same of bytes that come piece by piece.
public struct GB18030Scan: Sendable {
    /// Bytes of the character at hand that have come.
    private var begun = 0
    /// Whether a byte did not fit.
    public private(set) var isBroken = false

    public init() {}

    /// Whether all bytes fit, and the last character is whole.
    public var isWhole: Bool { !isBroken && begun == 0 }

    public mutating func take(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            switch begun {
            case 0:
                if byte >= 0x80 {
                    guard (0x81...0xFE).contains(byte) else {
                        isBroken = true
                        return
                    }
                    begun = 1
                }
            case 1:
                if (0x40...0xFE).contains(byte), byte != 0x7F {
                    begun = 0
                } else {
                    guard (0x30...0x39).contains(byte) else {
                        isBroken = true
                        return
                    }
                    begun = 2
                }
            case 2:
                guard (0x81...0xFE).contains(byte) else {
                    isBroken = true
                    return
                }
                begun = 3
            default:
                guard (0x30...0x39).contains(byte) else {
                    isBroken = true
                    return
                }
                begun = 0
            }
        }
    }
}
