/// What a vocabulary of byte pairs is learned by.
public struct BytePairOptions: Sendable, Equatable {
    public var unit: BytePairVocabulary.Unit
    /// Tokens at most.
    public var size: Int
    /// Pairs that come less often are not merged.
    public var leastCount: Int

    public static let sizeRange = OptionRange.whole("the size of the vocabulary", from: 256, to: 1_000_000)
    public static let leastCountRange = OptionRange.whole("the least count of a pair", from: 1, to: 1 << 52)

    public init(unit: BytePairVocabulary.Unit = .bytes, size: Int = 8192, leastCount: Int = 2) {
        self.unit = unit
        self.size = size
        self.leastCount = leastCount
    }

    func check() throws(EstimatorError) {
        try Self.sizeRange.check(size)
        try Self.leastCountRange.check(leastCount)
    }
}

/// Learns byte pairs, batch by batch: counts pieces of texts, then merges.
///
/// Of pairs that come equally often the one of earlier tokens is merged, first by its left token.
///
/// - Complexity: O(bytes) a batch; to finish O(s log s) for s units in all distinct pieces, as long as these are short. Memory:
///   all distinct pieces.
public final class BytePairLearner {
    private let options: BytePairOptions
    private var table = TermTable()
    private var counts: [Int] = []
    private var cutter = PieceCutter()

    public init(_ options: BytePairOptions = BytePairOptions()) throws(EstimatorError) {
        try options.check()
        self.options = options
    }

    public func take(_ batch: TextBatch) {
        for row in 0..<batch.count {
            cutter.cut(batch[row])
            let bytes = cutter.bytes
            for piece in cutter.pieces.elements {
                let number = Int(table.insert(bytes + piece.start, piece.count))
                if number == counts.count { counts.append(0) }
                counts[number] += 1
            }
        }
    }

    public func finish() throws(EstimatorError) -> BytePairVocabulary {
        let alphabet = options.unit == .bytes ? [] : alphabet()
        let units = try BytePairVocabulary(options.unit, alphabet, [])
        var merging = PairMerging(first: units.firstMerged, unknown: options.unit == .bytes ? nil : 0)
        for (number, count) in counts.enumerated() {
            var symbols: [Int32] = []
            units.appendUnits(table.bytes(of: number), to: &symbols)
            merging.add(symbols, count)
        }
        let room = max(0, options.size - units.tokens.count)
        return try BytePairVocabulary(
            options.unit, alphabet, merging.merges(atMost: room, leastCount: options.leastCount))
    }

    /// Those that come most often, if they are too many, in the order of code points.
    private func alphabet() -> [Unicode.Scalar] {
        var totals: [UInt32: Int] = [:]
        for (number, count) in counts.enumerated() {
            let piece = table.bytes(of: number)
            guard let bytes = piece.baseAddress else { continue }
            var place = 0
            while place < piece.count {
                let (scalar, taken) = UTF8Scalars.read(bytes, place, piece.count)
                totals[scalar, default: 0] += count
                place += taken
            }
        }
        let kept = totals.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
            .prefix(options.size - 1).map(\.key)
        return kept.sorted().compactMap(Unicode.Scalar.init)
    }
}
