/// Tokens of texts, end to end: those of text `i` are `ids[offsets[i]..<offsets[i + 1]]`.
public struct TokenRows: Sendable, Equatable {
    public internal(set) var offsets: [Int] = [0]
    public internal(set) var ids: [Int32] = []

    public var count: Int { offsets.count - 1 }

    public subscript(row: Int) -> ArraySlice<Int32> { ids[offsets[row]..<offsets[row + 1]] }
}

/// Makes texts into tokens: in each piece the pair whose merge was learned first is merged first, from the left.
///
/// Tokens of pieces it has met are kept, up to a bound.
public final class BytePairEncoder {
    private let vocabulary: BytePairVocabulary
    private var cutter = PieceCutter()
    private var known = TermTable()
    private var knownTokens = TokenRows()
    /// Pieces whose tokens are kept at most.
    private static let mostKnown = 1 << 16

    public init(_ vocabulary: BytePairVocabulary) { self.vocabulary = vocabulary }

    public func encode(_ batch: TextBatch) -> TokenRows {
        var rows = TokenRows()
        for row in 0..<batch.count {
            cutter.cut(batch[row])
            let bytes = cutter.bytes
            for piece in cutter.pieces.elements { append(bytes + piece.start, piece.count, to: &rows.ids) }
            rows.offsets.append(rows.ids.count)
        }
        return rows
    }

    private func append(_ piece: UnsafePointer<UInt8>, _ count: Int, to ids: inout [Int32]) {
        if known.count == Self.mostKnown {
            known = TermTable()
            knownTokens = TokenRows()
        }
        let number = Int(known.insert(piece, count))
        if number == knownTokens.count {
            knownTokens.ids += tokens(UnsafeBufferPointer(start: piece, count: count))
            knownTokens.offsets.append(knownTokens.ids.count)
        }
        ids += knownTokens[number]
    }

    /// - Complexity: O(units squared) at worst; a piece has no more than `PieceCutter.mostCharacters` characters.
    private func tokens(_ piece: UnsafeBufferPointer<UInt8>) -> [Int32] {
        var symbols: [Int32] = []
        vocabulary.appendUnits(piece, to: &symbols)
        guard symbols.count > 1 else { return symbols }
        // Of each symbol the rank of its merge with the next.
        func rank(_ place: Int) -> Int32 {
            vocabulary.ranks[BytePairVocabulary.pair(symbols[place], symbols[place + 1])] ?? .max
        }
        var ranks = (0..<symbols.count - 1).map(rank)
        while let least = ranks.min(), least < .max, let place = ranks.firstIndex(of: least) {
            symbols[place] = vocabulary.firstMerged + least
            symbols.remove(at: place + 1)
            ranks.remove(at: place)
            if place < ranks.count { ranks[place] = rank(place) }
            if place > 0 { ranks[place - 1] = rank(place - 1) }
        }
        return symbols
    }
}
