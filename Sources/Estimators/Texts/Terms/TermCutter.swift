/// Cuts one text after another into terms.
struct TermCutter: ~Copyable {
    /// Where a term lies in `bytes`.
    struct Term: BitwiseCopyable {
        var start: Int
        var count: Int
    }

    let analysis: TextAnalysis
    var text = LowercaseText()
    /// Words, or terms where a term is one word.
    private var words = GrowingBuffer<Term>()
    var grams = GrowingBuffer<Term>()
    /// Where characters begin, and where the last one ends.
    var places = GrowingBuffer<Int>()
    /// The text with one space where it had several.
    var folded = GrowingBuffer<UInt8>(capacity: 256)

    init(_ analysis: TextAnalysis) { self.analysis = analysis }

    /// What terms are parts of. Behind each term are 16 bytes that may be read.
    var bytes: UnsafePointer<UInt8> {
        if case .words = analysis.unit { UnsafePointer(text.text.start) } else { UnsafePointer(folded.start) }
    }

    /// Those of the text that was cut last; shorter ones first where they are characters.
    var terms: UnsafeBufferPointer<Term> {
        if case .words = analysis.unit, analysis.lengths == 1...1 { words.elements } else { grams.elements }
    }

    @inline(__always)
    mutating func cut(_ source: UnsafeBufferPointer<UInt8>) {
        let isASCII = text.take(source, lowercase: analysis.lowercase)
        switch analysis.unit {
        case .words(let length):
            words.count = 0
            words.makeRoom(text.text.count / 2 + 1)
            if isASCII { cutWords(from: length) } else { cutWideWords(from: length) }
            if analysis.lengths != 1...1 { joinWords() }
        case .characters:
            foldSpaces()
            joinCharacters()
        case .charactersInWords:
            spaceWords()
        }
    }

    /// - Precondition: The text is ASCII.
    @inline(__always)
    private mutating func cutWords(from length: Int) {
        let count = text.text.count
        let bytes = UnsafeRawPointer(text.text.start)
        var (start, end, isOpen) = (0, 0, false)
        var last: UInt64 = 0
        var place = 0
        while place < count {
            var mask: UInt64 = 0
            for part in 0..<8 {
                let word = bytes.loadUnaligned(fromByteOffset: place &+ 8 &* part, as: UInt64.self)
                mask |= Self.wordMask(word) &<< UInt64(8 &* part)
            }
            if count &- place < 64 { mask &= (1 &<< UInt64(count &- place)) &- 1 }
            // Where words begin and end, in turn.
            var edges = mask ^ (mask &<< 1 | last)
            last = mask &>> 63
            while edges != 0 {
                let edge = place &+ edges.trailingZeroBitCount
                edges &= edges &- 1
                if isOpen {
                    words.start[end] = Term(start: start, count: edge &- start)
                    end &+= edge &- start >= length ? 1 : 0
                } else {
                    start = edge
                }
                isOpen.toggle()
            }
            place &+= 64
        }
        if isOpen, count - start >= length {
            words.start[end] = Term(start: start, count: count - start)
            end += 1
        }
        words.count = end
    }

    /// A bit for each of eight ASCII characters: whether it is one of words.
    @inline(__always)
    private static func wordMask(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // The high bit of a byte tells whether it lies between two.
        func lies(_ word: UInt64, _ low: UInt64, _ high: UInt64) -> UInt64 {
            (word &+ ones &* (0x80 &- low)) & ~(word &+ ones &* (0x7F &- high))
        }
        let highs =
            (lies(word | ones &* 0x20, 0x61, 0x7A) | lies(word, 0x30, 0x39) | lies(word, 0x5F, 0x5F))
            & (ones &* 0x80)
        return ((highs &>> 7) &* 0x0102_0408_1020_4080) &>> 56
    }

    @inline(never)
    private mutating func cutWideWords(from length: Int) {
        let bytes = UnsafePointer(text.text.start)
        let count = text.text.count
        let table = UnicodeTables.words
        var (start, characters, place) = (0, 0, 0)
        while place < count {
            let (scalar, taken) = UTF8Scalars.read(bytes, place, count)
            if table[scalar] != 0 {
                if characters == 0 { start = place }
                characters += 1
            } else {
                if characters >= length { words.append(Term(start: start, count: place - start)) }
                characters = 0
            }
            place += taken
        }
        if characters >= length { words.append(Term(start: start, count: count - start)) }
    }

    /// Moves words together, one space between two, and takes runs of them for terms.
    private mutating func joinWords() {
        let bytes = text.text.start
        var end = 0
        for index in 0..<words.count {
            let word = words.start[index]
            // Never to the right: there is a character between two words.
            (bytes + end).update(from: bytes + word.start, count: word.count)
            words.start[index].start = end
            end += word.count
            bytes[end] = 0x20
            end += 1
        }
        grams.count = 0
        for length in analysis.lengths where length <= words.count {
            grams.makeRoom(words.count - length + 1)
            for first in 0...words.count - length {
                let (start, last) = (words.start[first].start, words.start[first + length - 1])
                grams.append(Term(start: start, count: last.start + last.count - start))
            }
        }
    }
}
