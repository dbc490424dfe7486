/// Normalization form KC: characters that differ in form alone become one, and letters with their marks one scalar.
///
/// Source: Unicode Standard Annex 15, "Unicode Normalization Forms"; the algorithms of The Unicode Standard, section 3.11.
struct CompatibilityStep: TextStep {
    private var scalars: [UInt32] = []
    private var classes: [UInt8] = []
    private let compositions = UnicodeTables.compositions

    func keeps(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard !isASCII(text), let bytes = text.baseAddress else { return true }
        let changing = UnicodeTables.changing
        var place = 0
        while place < text.count {
            let (scalar, count) = UTF8Scalars.read(bytes, place, text.count)
            place += count
            // A letter of ASCII stays, unless a mark follows, which would be found itself.
            if scalar >= 0x80, changing[scalar] != 0 { return false }
        }
        return true
    }

    mutating func take(_ text: UnsafeBufferPointer<UInt8>, _ output: inout GrowingBuffer<UInt8>) {
        guard let bytes = text.baseAddress else { return }
        scalars.removeAll(keepingCapacity: true)
        classes.removeAll(keepingCapacity: true)
        let decompositions = UnicodeTables.decompositions
        var place = 0
        while place < text.count {
            let (scalar, count) = UTF8Scalars.read(bytes, place, text.count)
            place += count
            if Hangul.syllables.contains(scalar) {
                let parts = Hangul.parts(scalar)
                scalars += [parts.0, parts.1]
                if let last = parts.2 { scalars.append(last) }
                continue
            }
            let parts = decompositions[scalar]
            if parts.isEmpty { scalars.append(scalar) } else { scalars += decompositions.scalars[parts] }
        }
        order()
        compose()
        output.makeRoom(4 * scalars.count)
        for scalar in scalars { output.append(scalar: scalar) }
    }

    /// Marks of one letter by their classes; those of one class stay in their order.
    private mutating func order() {
        let table = UnicodeTables.classes
        for scalar in scalars { classes.append(UInt8(truncatingIfNeeded: table[scalar])) }
        var start = 0
        while start < scalars.count {
            guard classes[start] != 0 else {
                start += 1
                continue
            }
            var end = start + 1
            var isSorted = true
            while end < scalars.count, classes[end] != 0 {
                isSorted = isSorted && classes[end] >= classes[end - 1]
                end += 1
            }
            if !isSorted {
                // Class, place, scalar: no two are equal.
                let marks = (start..<end).map {
                    (UInt64(classes[$0]) << 32 | UInt64($0 - start), scalars[$0])
                }.sorted { $0.0 < $1.0 }
                for (offset, mark) in marks.enumerated() {
                    scalars[start + offset] = mark.1
                    classes[start + offset] = UInt8(mark.0 >> 32)
                }
            }
            start = end
        }
    }

    /// Puts each letter and the marks behind it together, as far as one scalar means both.
    private mutating func compose() {
        var end = 0
        var letter: Int?
        for place in scalars.indices {
            let (scalar, kind) = (scalars[place], classes[place])
            if let letter {
                // Between the two there is nothing, or marks of lower classes.
                let isFree = end == letter + 1 || classes[end - 1] != 0 && classes[end - 1] < kind
                if isFree, let whole = composed(scalars[letter], scalar) {
                    scalars[letter] = whole
                    continue
                }
            }
            if kind == 0 { letter = end }
            scalars[end] = scalar
            classes[end] = kind
            end += 1
        }
        scalars.removeLast(scalars.count - end)
    }

    private func composed(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if let syllable = Hangul.compose(first, second) { return syllable }
        return compositions[UnicodeTables.pair(first, second)]
    }
}

/// Full-width and half-width forms (the block U+FF00 to U+FFEF, and the ideographic space) as the usual characters.
struct WidthStep: TextStep {
    func keeps(_ text: UnsafeBufferPointer<UInt8>) -> Bool { isASCII(text) }

    func take(_ text: UnsafeBufferPointer<UInt8>, _ output: inout GrowingBuffer<UInt8>) {
        guard let bytes = text.baseAddress else { return }
        var place = 0
        var last: UInt32 = 0
        while place < text.count {
            var (scalar, count) = UTF8Scalars.read(bytes, place, text.count)
            place += count
            if 0xFF01...0xFFEF ~= scalar || scalar == 0x3000 {
                scalar = usual(scalar)
                // A voiced half-width Katakana is two, the usual one is one.
                if scalar == 0x3099 || scalar == 0x309A,
                    let whole = UnicodeTables.compositions[UnicodeTables.pair(last, scalar)]
                {
                    // Both take three bytes.
                    output.count -= 3
                    scalar = whole
                }
            }
            output.append(scalar: scalar)
            last = scalar
        }
    }

    /// Unlike form KC this leaves letters of Hangul and a macron apart from what they might join.
    private func usual(_ scalar: UInt32) -> UInt32 {
        switch scalar {
        case 0xFFA0: return 0x3164
        case 0xFFA1...0xFFBE: return scalar - 0xFFA1 + 0x3131
        case 0xFFC2...0xFFC7: return scalar - 0xFFC2 + 0x314F
        case 0xFFCA...0xFFCF: return scalar - 0xFFCA + 0x3155
        case 0xFFD2...0xFFD7: return scalar - 0xFFD2 + 0x315B
        case 0xFFDA...0xFFDC: return scalar - 0xFFDA + 0x3161
        case 0xFFE3: return 0xAF
        default:
            let decompositions = UnicodeTables.decompositions
            return decompositions[scalar].first.map { decompositions.scalars[$0] } ?? scalar
        }
    }
}
