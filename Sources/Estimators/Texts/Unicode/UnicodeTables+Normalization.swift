extension UnicodeTables {
    /// Full compatibility decompositions, but for Hangul syllables.
    static let decompositions = Decompositions()

    struct Decompositions: Sendable {
        /// Where a scalar's decomposition lies and how long it is; 0 where it has none.
        private let places: ScalarTable
        let scalars: [UInt32]
        /// Those that have one, ascending.
        fileprivate let owners: [UInt32]

        fileprivate init() {
            var entries: [(UInt32, Int32)] = []
            // The first place is nobody's.
            var scalars: [UInt32] = [0]
            var numbers = PackedNumbers(UnicodeData.decompositions)
            var (scalar, near) = (0, 0)
            while let step = numbers.next(), let length = numbers.next() {
                scalar += step
                entries.append((UInt32(scalar), Int32(scalars.count << 5 | length)))
                for _ in 0..<length {
                    near += numbers.nextSigned() ?? 0
                    scalars.append(UInt32(near))
                }
            }
            places = ScalarTable(entries)
            self.scalars = scalars
            owners = entries.map(\.0)
        }

        /// Where a scalar's decomposition lies in `scalars`; empty where it has none.
        @inline(__always)
        subscript(scalar: UInt32) -> Range<Int> {
            let entry = Int(places[scalar])
            return (entry >> 5)..<(entry >> 5 + entry & 31)
        }
    }

    /// Of a scalar and one behind it the one that both make, but for Hangul.
    static let compositions: [UInt64: UInt32] = {
        var composed: [UInt64: UInt32] = [:]
        var numbers = PackedNumbers(UnicodeData.compositions)
        var (first, second, whole) = (0, 0, 0)
        while let a = numbers.nextSigned(), let b = numbers.nextSigned(), let c = numbers.nextSigned() {
            (first, second, whole) = (first + a, second + b, whole + c)
            composed[pair(UInt32(first), UInt32(second))] = UInt32(whole)
        }
        return composed
    }()

    /// A key of `compositions`: 21 bits each.
    static func pair(_ first: UInt32, _ second: UInt32) -> UInt64 { UInt64(first) << 21 | UInt64(second) }

    /// 1 for scalars that normalization form KC may change, alone or with what stands beside them.
    static let changing: ScalarTable = {
        var changing = Set(decompositions.owners)
        for key in compositions.keys {
            changing.insert(UInt32(key >> 21))
            changing.insert(UInt32(key & 0x1F_FFFF))
        }
        changing.formUnion(runs(UnicodeData.classes).map(\.scalar))
        changing.formUnion(0x1100...0x11FF)
        changing.formUnion(Hangul.syllables)
        return ScalarTable(changing.sorted().map { ($0, 1) })
    }()
}

/// Hangul syllables and their parts. Source: The Unicode Standard, section 3.12.
enum Hangul {
    private static let (leads, vowels, tails): (UInt32, UInt32, UInt32) = (19, 21, 28)
    private static let (lead, vowel, tail): (UInt32, UInt32, UInt32) = (0x1100, 0x1161, 0x11A7)

    static let syllables: Range<UInt32> = 0xAC00..<0xD7A4

    /// Two or three parts of a syllable.
    static func parts(_ scalar: UInt32) -> (UInt32, UInt32, UInt32?) {
        let index = scalar - syllables.lowerBound
        let end = index % tails
        return (
            lead + index / (vowels * tails), vowel + index % (vowels * tails) / tails,
            end == 0 ? nil : tail + end
        )
    }

    static func compose(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if first &- lead < leads, second &- vowel < vowels {
            return syllables.lowerBound + ((first - lead) * vowels + second - vowel) * tails
        }
        let isOpen = syllables.contains(first) && (first - syllables.lowerBound) % tails == 0
        return isOpen && second > tail && second < tail + tails ? first + second - tail : nil
    }
}
