/// What is known of Unicode scalars, unpacked when it is first asked for.
enum UnicodeTables {
    /// 1 for scalars of words: letters, all that has a number, and the low line (`\w` of Python's `re`).
    static let words: ScalarTable = {
        var entries: [(UInt32, Int32)] = []
        var numbers = PackedNumbers(UnicodeData.words)
        var place: UInt32 = 0
        while let begin = numbers.next(), let length = numbers.next() {
            place += UInt32(begin)
            for scalar in place..<place + UInt32(length) { entries.append((scalar, 1)) }
            place += UInt32(length)
        }
        return ScalarTable(entries)
    }()

    /// What is added to a scalar for its small letter.
    static let lowercase = ScalarTable(runs(UnicodeData.lowercase))

    /// Canonical combining classes.
    static let classes = ScalarTable(runs(UnicodeData.classes))

    /// Scalars and their values.
    static func runs(_ text: StaticString) -> [(scalar: UInt32, value: Int32)] {
        var entries: [(scalar: UInt32, value: Int32)] = []
        var numbers = PackedNumbers(text)
        var (scalar, value) = (0, 0)
        while let step = numbers.next(), let change = numbers.nextSigned() {
            scalar += step
            value += change
            entries.append((UInt32(scalar), Int32(value)))
        }
        return entries
    }

    /// `str.isspace` of Python, which is also what `\s` of its `re` finds.
    @inline(__always)
    static func isSpace(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return scalar == 0x20 || scalar &- 9 < 5 || scalar &- 0x1C < 4 }
        return isWideSpace(scalar)
    }

    private static func isWideSpace(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }
}
