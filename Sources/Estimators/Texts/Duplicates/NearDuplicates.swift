import Platform

/// Finds texts that are nearly the same, batch by batch: candidates by signatures, each checked by the shingles themselves.
///
/// - Complexity: O(bytes + permutations * shingles) and what is compared: all pairs of a bucket that are not yet of one
///   group. Memory: eight bytes a shingle, and eight a band of each text.
public final class NearDuplicateFinder {
    private let options: NearDuplicateOptions
    private let pool: WorkerPool
    private let rows: [Box<ShingleRows>]
    private var parts: [(rows: Int, range: Range<Int>)] = []
    private var taken: [Int]

    /// - Parameter threads: Changes no result.
    public init(
        _ options: NearDuplicateOptions = NearDuplicateOptions(), threads: Int = 1
    ) throws(EstimatorError) {
        try options.check()
        try TextBatch.threadRange.check(threads)
        self.options = options
        pool = WorkerPool(size: threads)
        let permutations = ShingleRows.Permutations(options.permutations, seed: options.seed)
        rows = (0..<threads).map { _ in Box(ShingleRows(options, permutations)) }
        taken = [Int](repeating: 0, count: threads)
    }

    /// A text without a byte is like no other.
    public func take(_ batch: TextBatch) {
        let shares = batch.parts(batch.shares(rows.count))
        for (number, share) in shares.enumerated() {
            parts.append((number, taken[number]..<taken[number] + share.count))
            taken[number] += share.count
        }
        pool.run(shares.count) { rows[$0].value.take(batch, shares[$0]) }
    }

    /// What was found. The finder must not be used afterwards.
    public func finish() -> NearDuplicates {
        let bands = options.permutations / options.rowsOfBand
        var sets = ShingleSets(rows, parts, bands: bands)
        let buckets = (0..<pool.size).map { _ in BandBuckets(sets.count) }
        // A thread does every so many-th band.
        pool.run(buckets.count) { buckets[$0].find(sets, stride(from: $0, to: bands, by: buckets.count)) }
        let isWanted = (0..<sets.count).map { text in buckets.contains { $0.isMarked[text] } }
        sets.sort(isWanted, pool)
        let threshold = options.threshold
        pool.run(buckets.count) { buckets[$0].join(sets, threshold) }
        let groups = TextGroups(sets.count)
        for bucket in buckets {
            for text in 0..<sets.count { groups.join(text, bucket.groups.first(of: text)) }
        }
        let representatives = (0..<sets.count).map { groups.first(of: $0) }
        return withExtendedLifetime(rows) {
            NearDuplicates(
                representatives: representatives,
                similarities: representatives.enumerated().map { $0 == $1 ? 1 : sets.similarity($0, $1) })
        }
    }
}

/// Groups of texts that are nearly the same, by way of others of the group where need be.
public struct NearDuplicates: Sendable, Equatable {
    /// Of each text the first of its group, itself where it is alone.
    public let representatives: [Int]
    /// Of each text the share of shingles that it has in common with the first of its group. It may lie below the threshold
    /// where the two are of one group by way of others.
    public let similarities: [Double]

    /// Whether a text is one of those that go if one of each group stays.
    public func isRepeated(_ text: Int) -> Bool { representatives[text] != text }
}
