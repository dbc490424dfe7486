/// Tokens made of pairs of tokens that stood side by side most often. Made by `BytePairLearner`.
///
/// Source: Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword units", ACL 2016; by bytes:
/// Radford et al., "Language models are unsupervised multitask learners", 2019.
public struct BytePairVocabulary: Sendable, Equatable {
    public enum Unit: String, Sendable, CaseIterable {
        /// Tokens 0 to 255 are the bytes: every text has tokens, and tokens give back the text.
        case bytes
        /// Token 0 stands for all characters that were not learned; those that were come next, in their order.
        case characters
    }

    public struct Merge: Sendable, Equatable {
        public let left: Int32
        public let right: Int32
    }

    public let unit: Unit
    /// The characters of the tokens from 1 on; empty where units are bytes.
    public let alphabet: [Unicode.Scalar]
    /// In the order in which they were learned; each makes the next token.
    public let merges: [Merge]
    /// What each token stands for.
    public let tokens: TextList
    /// Merges by their pair.
    let ranks: [UInt64: Int32]
    let characters: [UInt32: Int32]

    /// Bytes of a token at most.
    static let longest = 4 * PieceCutter.mostCharacters

    /// - Throws: `EstimatorError.architecture` where a merge is of tokens that do not come before it, comes twice or makes
    ///   one that is too long.
    init(_ unit: Unit, _ alphabet: [Unicode.Scalar], _ merges: [Merge]) throws(EstimatorError) {
        var tokens = TextList()
        var characters: [UInt32: Int32] = [:]
        switch unit {
        case .bytes:
            for byte in UInt8.min...UInt8.max { tokens.append(CollectionOfOne(byte)) }
        case .characters:
            tokens.append([])
            for scalar in alphabet {
                guard characters.updateValue(Int32(tokens.count), forKey: scalar.value) == nil else {
                    throw .architecture(key: "alphabet", expected: "characters that differ")
                }
                tokens.append(String(scalar).utf8)
            }
        }
        let least = unit == .bytes ? 0 : 1
        var ranks: [UInt64: Int32] = [:]
        for (rank, merge) in merges.enumerated() {
            let (left, right) = (Int(merge.left), Int(merge.right))
            guard left >= least, left < tokens.count, right >= least, right < tokens.count else {
                throw .architecture(
                    key: "merges", expected: "pairs of tokens that come before the one they make")
            }
            let whole = tokens.bytes(of: left) + tokens.bytes(of: right)
            guard whole.count <= Self.longest else {
                throw .architecture(key: "merges", expected: "pairs that make at most \(Self.longest) bytes")
            }
            guard ranks.updateValue(Int32(rank), forKey: Self.pair(merge.left, merge.right)) == nil else {
                throw .architecture(key: "merges", expected: "pairs that differ")
            }
            tokens.append(whole)
        }
        (self.unit, self.alphabet, self.merges) = (unit, alphabet, merges)
        (self.tokens, self.ranks, self.characters) = (tokens, ranks, characters)
    }

    /// Tokens before those that merges make.
    var firstMerged: Int32 { unit == .bytes ? 256 : Int32(alphabet.count) + 1 }

    static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// Appends the tokens of single bytes or characters.
    func appendUnits(_ piece: UnsafeBufferPointer<UInt8>, to symbols: inout [Int32]) {
        guard let bytes = piece.baseAddress else { return }
        guard unit == .characters else {
            symbols.append(contentsOf: piece.lazy.map(Int32.init))
            return
        }
        var place = 0
        while place < piece.count {
            let (scalar, count) = UTF8Scalars.read(bytes, place, piece.count)
            symbols.append(characters[scalar] ?? 0)
            place += count
        }
    }

    /// The bytes that tokens stand for; a token that the vocabulary lacks stands for nothing.
    public func decode(_ ids: some Sequence<Int32>) -> [UInt8] {
        var bytes: [UInt8] = []
        for id in ids where id >= 0 && id < tokens.count { bytes += tokens.bytes(of: Int(id)) }
        return bytes
    }
}
