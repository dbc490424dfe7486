extension TermCutter {
    /// Copies the text with one space for two or more together.
    mutating func foldSpaces() {
        beginCharacters()
        let bytes = UnsafePointer(text.text.start)
        let count = text.text.count
        var (place, end) = (0, 0)
        while place < count {
            let (scalar, taken) = UTF8Scalars.read(bytes, place, count)
            var next = place + taken
            places.append(end)
            if UnicodeTables.isSpace(scalar), skipSpaces(&next) {
                folded.start[end] = 0x20
                end += 1
            } else {
                for index in place..<next { folded.start[end + index - place] = bytes[index] }
                end += next - place
            }
            place = next
        }
        places.append(end)
    }

    /// Copies words with one space before, between and behind them, and takes runs of characters within each word and the
    /// spaces around it for terms.
    mutating func spaceWords() {
        beginCharacters()
        let bytes = UnsafePointer(text.text.start)
        let count = text.text.count
        var (place, end) = (0, 0)
        _ = skipSpaces(&place)
        while place < count {
            if end == 0 { end = addSpace(0) }
            let first = places.count - 1
            while place < count {
                let (scalar, taken) = UTF8Scalars.read(bytes, place, count)
                if UnicodeTables.isSpace(scalar) { break }
                places.append(end)
                for index in 0..<taken { folded.start[end + index] = bytes[place + index] }
                end += taken
                place += taken
            }
            end = addSpace(end)
            joinWord(first, places.count - first, end)
            _ = skipSpaces(&place)
        }
    }

    private mutating func beginCharacters() {
        grams.count = 0
        places.count = 0
        places.makeRoom(text.text.count + 3)
        folded.makeRoom(text.text.count + 2 + LowercaseText.behind)
    }

    private mutating func addSpace(_ end: Int) -> Int {
        places.append(end)
        folded.start[end] = 0x20
        return end + 1
    }

    /// Goes behind spaces, and says whether there were any.
    private func skipSpaces(_ place: inout Int) -> Bool {
        let start = place
        while place < text.text.count {
            let (scalar, taken) = UTF8Scalars.read(UnsafePointer(text.text.start), place, text.text.count)
            guard UnicodeTables.isSpace(scalar) else { break }
            place += taken
        }
        return place > start
    }

    mutating func joinCharacters() {
        let characters = places.count - 1
        for length in analysis.lengths where length <= characters {
            grams.makeRoom(characters - length + 1)
            for first in 0...characters - length {
                let start = places.start[first]
                grams.append(Term(start: start, count: places.start[first + length] - start))
            }
        }
    }

    /// Of so many characters from one on, which end at a place. A word that is no longer than a term is a term once.
    private mutating func joinWord(_ first: Int, _ characters: Int, _ end: Int) {
        func start(_ character: Int) -> Int {
            character == characters ? end : places.start[first + character]
        }
        for length in analysis.lengths {
            let runs = max(0, characters - length)
            grams.makeRoom(runs + 1)
            for character in 0...runs {
                let from = start(character)
                grams.append(Term(start: from, count: start(min(characters, character + length)) - from))
            }
            if runs == 0 { break }
        }
    }
}
