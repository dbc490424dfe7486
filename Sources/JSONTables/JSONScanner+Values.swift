import CanonicalJSON

/// Numbers, words, and what lies within.
extension JSONScanner {
    /// The number that begins here.
    @inline(__always)
    mutating func number() throws(JSONFault) -> JSONNumber {
        let from = position
        let isNegative = take(UInt8(ascii: "-"))
        let digits = position
        var mantissa: UInt64 = 0
        var kept = 0
        var isComplete = true
        func add(_ byte: UInt8) {
            if kept < 19 {
                mantissa = mantissa &* 10 &+ UInt64(byte &- 0x30)
                if mantissa != 0 { kept += 1 }
            } else {
                isComplete = false
            }
        }
        while byte &- 0x30 < 10 {
            add(byte)
            position += 1
        }
        guard position > digits else { throw fault(.expected(.value), at: from) }
        if start[digits] == 0x30, position > digits + 1 { throw fault(.leadingZero, at: from) }
        var exponent = 0
        var isWhole = true
        if byte == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            let fraction = position
            while byte &- 0x30 < 10 {
                add(byte)
                position += 1
            }
            guard position > fraction else { throw fault(.expected(.value)) }
            exponent = fraction - position
        }
        if byte | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            position += 1
            let isDown = byte == UInt8(ascii: "-")
            if isDown || byte == UInt8(ascii: "+") { position += 1 }
            let power = position
            var written = 0
            while byte &- 0x30 < 10 {
                // Beyond this it is out of range or zero whatever follows.
                written = min(written * 10 + Int(byte - 0x30), 1 << 20)
                position += 1
            }
            guard position > power else { throw fault(.expected(.value)) }
            exponent += isDown ? -written : written
        }
        return JSONNumber(
            isNegative: isNegative, mantissa: mantissa, exponent: exponent, isWhole: isWhole,
            isComplete: isComplete,
            text: UnsafeBufferPointer(start: start + from, count: position - from))
    }

    /// Takes `true`, `false` or `null`, of which the first letter stands here.
    @inline(__always)
    mutating func word(_ word: StaticString) throws(JSONFault) {
        let count = word.utf8CodeUnitCount
        guard end - position >= count else { throw fault(.expected(.value)) }
        for index in 0..<count where start[position + index] != word.utf8Start[index] {
            throw fault(.expected(.value))
        }
        position += count
    }

    // MARK: What lies within

    /// Goes past the object or array that begins here by its brackets alone.
    mutating func passNested() throws(JSONFault) {
        var depth = 0
        repeat {
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                guard depth <= JSONFault.depthLimit else { throw fault(.tooDeep) }
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                position += 1
            case 0x22: _ = try string()
            case 0x0A where endsAtLineBreak: throw fault(.expected(.value))
            default:
                guard position < end else { throw fault(.expected(.value)) }
                position += 1
            }
        } while depth > 0
    }

    /// The object or array that begins here.
    ///
    /// - Complexity: O(its bytes); it is the one thing that is built as a tree.
    mutating func nested() throws(JSONFault) -> JSONValue {
        let from = position
        try passNested()
        do {
            return try JSONValue(
                parsing: Array(UnsafeBufferPointer(start: start + from, count: position - from)))
        } catch {
            throw fault(.nested(error.message), at: from + error.offset)
        }
    }

    /// Goes past the value here, whatever it is; it must be JSON.
    mutating func skipValue() throws(JSONFault) {
        switch byte {
        case 0x22: _ = try string()
        case UInt8(ascii: "{"), UInt8(ascii: "["): _ = try nested()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: _ = try number()
        }
    }
}
