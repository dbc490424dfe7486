import TensorKernels

/// Shingles of the texts that one thread reads, and what their signatures are compared by.
///
/// Source: Broder, "On the resemblance and containment of documents", 1997; bands: Leskovec, Rajaraman and Ullman, "Mining
/// of Massive Datasets", section 3.4.
struct ShingleRows: ~Copyable {
    /// The permutations: x to factor * x + summand, modulo 2^32; factors are odd. With signs, since processors compare such
    /// numbers in one step.
    struct Permutations {
        let factors: [Int32]
        let summands: [Int32]

        init(_ count: Int, seed: UInt64) {
            let random = Philox(seed: seed)
            let words = (0..<count).map { random(SIMD4(UInt32($0), 0, 0, 0)) }
            factors = words.map { Int32(bitPattern: $0[0] | 1) }
            summands = words.map { Int32(bitPattern: $0[1]) }
        }
    }

    private let permutations: Permutations
    private let bands: Int
    private let rowsOfBand: Int
    private var cutter: TermCutter
    /// Hashes of shingles, text after text.
    private(set) var hashes = GrowingBuffer<UInt64>(capacity: 1 << 12)
    /// Where those of each text end.
    private(set) var ends = GrowingBuffer<Int>()
    /// One a band, text after text.
    private(set) var keys = GrowingBuffer<UInt64>()
    private var short = GrowingBuffer<Int32>()
    private var least: [Int32]

    init(_ options: NearDuplicateOptions, _ permutations: Permutations) {
        self.permutations = permutations
        rowsOfBand = options.rowsOfBand
        bands = options.permutations / rowsOfBand
        cutter = TermCutter(options.shingles)
        least = [Int32](repeating: 0, count: bands * rowsOfBand)
    }

    mutating func take(_ batch: TextBatch, _ rows: Range<Int>) {
        for row in rows {
            let first = hashes.count
            cut(batch[row])
            ends.append(hashes.count)
            if hashes.count > first {
                sign(first)
                addKeys()
            } else {
                for _ in 0..<bands { keys.append(0) }
            }
        }
    }

    private mutating func cut(_ text: UnsafeBufferPointer<UInt8>) {
        cutter.cut(text)
        let (bytes, terms) = (cutter.bytes, cutter.terms)
        hashes.makeRoom(terms.count + 1)
        var end = hashes.count
        for term in terms {
            hashes.start[end] = TermHash.of(bytes + term.start, term.count)
            end &+= 1
        }
        if terms.isEmpty, let start = text.baseAddress, !text.isEmpty {
            hashes.start[end] = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: text.count + 16) {
                room in
                room.initialize(repeating: 0)
                for index in text.indices { room[index] = start[index] }
                return room.baseAddress.map { TermHash.of($0, text.count) } ?? 0
            }
            end += 1
        }
        hashes.count = end
    }

    /// The least value of each permutation, over shingles from one on.
    private mutating func sign(_ first: Int) {
        short.count = 0
        short.makeRoom(hashes.count - first)
        for place in first..<hashes.count {
            short.append(Int32(truncatingIfNeeded: hashes.start[place] >> 32))
        }
        let shingles = short.elements
        permutations.factors.withUnsafeBufferPointer { factors in
            permutations.summands.withUnsafeBufferPointer { summands in
                least.withUnsafeMutableBufferPointer { least in
                    for index in least.indices { least[index] = .max }
                    for shingle in shingles { Self.lower(least, factors, summands, shingle) }
                }
            }
        }
    }

    @inline(__always)
    private static func lower(
        _ least: UnsafeMutableBufferPointer<Int32>, _ factors: UnsafeBufferPointer<Int32>,
        _ summands: UnsafeBufferPointer<Int32>, _ shingle: Int32
    ) {
        for index in 0..<least.count {
            let value = factors[index] &* shingle &+ summands[index]
            least[index] = value < least[index] ? value : least[index]
        }
    }

    /// What is equal in two texts, but for one chance in 2^64, if all values of the band are.
    private mutating func addKeys() {
        for band in 0..<bands {
            var key = UInt64(band) &* 0x9E37_79B9_7F4A_7C15
            for row in 0..<rowsOfBand {
                let product = (key ^ UInt64(UInt32(bitPattern: least[band * rowsOfBand + row])))
                    .multipliedFullWidth(
                        by: 0xA076_1D64_78BD_642F)
                key = (product.high ^ product.low) &+ 0x8EBC_6AF0_9C88_C6E3
            }
            keys.append(key)
        }
    }
}
