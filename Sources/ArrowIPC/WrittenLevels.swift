import DataFrames

/// The levels of one category while its rows are written.
///
/// They stand before the rows in the file, so at its first batch those met so far are taken for all. As long as no other
/// comes, indices are written as they are to stay. From then on they are written as they are met, and the file is made
/// again in the end.
struct WrittenLevels {
    /// Its place among the table's columns.
    let field: Int
    private let areSorted: Bool
    /// In the order they were met.
    private(set) var met: [String] = []
    /// Of all of them.
    private(set) var bytes = 0
    private var guess: Guess?
    /// Batches that were written by the guess.
    private var guessedBatches = 0

    private struct Guess {
        let count: Int
        let sorted: SortedLevels?
        let isLarge: Bool
    }

    init(field: Int, areSorted: Bool) {
        self.field = field
        self.areSorted = areSorted
    }

    mutating func take(_ levels: [String]) {
        guard levels.count > met.count else { return }
        bytes += levels[met.count...].reduce(0) { $0 + $1.utf8.count }
        met = levels
    }

    /// What the file is begun with.
    mutating func guess(isLarge: Bool) -> [String] {
        let sorted = areSorted ? SortedLevels(met) : nil
        guess = Guess(count: met.count, sorted: sorted, isLarge: isLarge)
        return sorted?.levels ?? met
    }

    /// Whether the file was begun with what turned out to be all levels.
    func isAsGuessed(isLarge: Bool) -> Bool {
        guess.map { $0.count == met.count && $0.isLarge == isLarge } ?? false
    }

    /// What each index of the next batch is written as; nil is itself.
    mutating func placesOfNextBatch() -> [Int32]? {
        guard let guess, guess.count == met.count else { return nil }
        guessedBatches += 1
        return guess.sorted?.places
    }

    /// All levels as they are to stand in the file, and for the number of a batch what each of its indices becomes; nil
    /// is itself.
    var final: (levels: [String], places: (Int) -> [Int32]?) {
        guard let begun = guess?.sorted else { return (met, { _ in nil }) }
        let all = SortedLevels(met)
        var moved = [Int32](repeating: 0, count: begun.levels.count)
        for (number, place) in begun.places.enumerated() { moved[Int(place)] = all.places[number] }
        let guessed = guessedBatches
        return (all.levels, { [moved] batch in batch < guessed ? moved : all.places })
    }
}
