/// Merges the pair that stands side by side most often, again and again.
struct PairMerging {
    private struct Word {
        var symbols: [Int32]
        let count: Int
    }

    private struct Pair {
        let left: Int32
        let right: Int32
        var count = 0
        /// Words that have it, or had it.
        var words: [Int32] = []
    }

    /// A pair as it was when it was put in; it may come less often by now.
    private struct Candidate: Comparable {
        let count: Int
        let left: Int32
        let right: Int32

        static func < (a: Candidate, b: Candidate) -> Bool {
            if a.count != b.count { return a.count > b.count }
            return a.left != b.left ? a.left < b.left : a.right < b.right
        }
    }

    private var words: [Word] = []
    private var pairs: [Pair] = []
    private var numbers: [UInt64: Int] = [:]
    private var queue = LeastFirst<Candidate>()
    /// The token that the next merge makes.
    private var next: Int32
    /// The token that is merged with none.
    private let unknown: Int32?

    init(first: Int32, unknown: Int32?) {
        next = first
        self.unknown = unknown
    }

    mutating func add(_ symbols: [Int32], _ count: Int) {
        words.append(Word(symbols: symbols, count: count))
    }

    mutating func merges(atMost most: Int, leastCount: Int) -> [BytePairVocabulary.Merge] {
        for word in words.indices {
            let symbols = words[word].symbols
            for place in symbols.indices.dropLast() { count(symbols[place], symbols[place + 1], in: word) }
        }
        for pair in pairs { offer(pair) }
        var merges: [BytePairVocabulary.Merge] = []
        while merges.count < most, let top = queue.pop() {
            let number = numbers[BytePairVocabulary.pair(top.left, top.right)] ?? 0
            let current = pairs[number].count
            if current < leastCount { continue }
            if current != top.count {
                offer(pairs[number])
                continue
            }
            merges.append(BytePairVocabulary.Merge(left: top.left, right: top.right))
            merge(number)
        }
        return merges
    }

    private mutating func offer(_ pair: Pair) {
        queue.push(Candidate(count: pair.count, left: pair.left, right: pair.right))
    }

    /// Counts a pair of a word, unless it is of the unknown token.
    private mutating func count(_ left: Int32, _ right: Int32, in word: Int) {
        if left == unknown || right == unknown { return }
        let key = BytePairVocabulary.pair(left, right)
        let number = numbers[key] ?? pairs.count
        if number == pairs.count {
            numbers[key] = number
            pairs.append(Pair(left: left, right: right))
        }
        pairs[number].count += words[word].count
        if pairs[number].words.last != Int32(word) { pairs[number].words.append(Int32(word)) }
    }

    private mutating func merge(_ number: Int) {
        let (left, right) = (pairs[number].left, pairs[number].right)
        let firstNew = pairs.count
        // A word may stand there twice; the second time it has the pair no more.
        let places = pairs[number].words
        pairs[number].words = []
        for word in places { rewrite(Int(word), left, right) }
        for new in firstNew..<pairs.count { offer(pairs[new]) }
        next += 1
    }

    private mutating func rewrite(_ word: Int, _ left: Int32, _ right: Int32) {
        let old = words[word].symbols
        var new: [Int32] = []
        new.reserveCapacity(old.count)
        var place = 0
        while place < old.count {
            if place + 1 < old.count, old[place] == left, old[place + 1] == right {
                new.append(next)
                place += 2
            } else {
                new.append(old[place])
                place += 1
            }
        }
        guard new.count < old.count else { return }
        words[word].symbols = new
        for place in old.indices.dropLast() { change(old[place], old[place + 1], by: -words[word].count) }
        for place in new.indices.dropLast() {
            let (a, b) = (new[place], new[place + 1])
            if a == next || b == next { count(a, b, in: word) } else { change(a, b, by: words[word].count) }
        }
    }

    private mutating func change(_ left: Int32, _ right: Int32, by count: Int) {
        guard let number = numbers[BytePairVocabulary.pair(left, right)] else { return }
        pairs[number].count += count
    }
}

/// A binary heap: the least element comes first.
struct LeastFirst<Element: Comparable> {
    private var elements: [Element] = []

    mutating func push(_ element: Element) {
        elements.append(element)
        var place = elements.count - 1
        while place > 0, elements[place] < elements[(place - 1) / 2] {
            elements.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func pop() -> Element? {
        guard let top = elements.first, let last = elements.popLast() else { return nil }
        if elements.isEmpty { return top }
        elements[0] = last
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < elements.count && elements[child] < elements[least] {
                least = child
            }
            if least == place { return top }
            elements.swapAt(place, least)
            place = least
        }
    }
}
