import PipelineLanguage
import Platform

/// What an edit made of a pipeline file, where it is known how the stages stood
/// in its text before.
///
/// Texts are compared, not understood. Which stages changed is therefore only
/// a claim until what is left of the text (`text(keeping:)`) was read, and gave
/// just the stages kept, each at its `line`.
public struct StageEdit: Sendable {
    /// Stages whose text is another one, ascending.
    public let changed: [Int]
    /// How they stand in the new text.
    public let texts: StageTexts
    private let new: [UInt8]

    /// - Returns: Nil when more than the text of stages has changed.
    public init?(from old: ArraySlice<UInt8>, _ texts: StageTexts, to new: [UInt8]) {
        let stages = texts.starts.count
        guard stages > 0 else { return nil }
        func oldText(_ range: Range<Int>) -> ArraySlice<UInt8> {
            old[(old.startIndex + range.lowerBound)..<(old.startIndex + range.upperBound)]
        }
        let (head, tail) = (oldText(0..<texts.starts[0]), oldText(texts.end..<old.count))
        let end = new.count - tail.count
        guard head.count <= end, new.holds(head, at: 0), new.holds(tail, at: end) else { return nil }
        var starts: [Int] = []
        starts.reserveCapacity(stages)
        var changed: [Int] = []
        var place = head.count
        for stage in 0..<stages {
            starts.append(place)
            let text = oldText(texts.range(of: stage))
            let isLast = stage + 1 == stages
            let after = place + text.count
            if after <= end, new.holds(text, at: place),
                isLast ? after == end : Self.isName(new[after..<end].line, indent: text.indent)
            {
                place = after
                continue
            }
            let next =
                isLast ? end : new.start(ofLine: oldText(texts.range(of: stage + 1)).line, in: place..<end)
            guard let next, Self.isWithin(new[place..<next], indent: text.indent) else { return nil }
            changed.append(stage)
            place = next
        }
        self.changed = changed
        self.texts = StageTexts(starts: starts, end: end)
        self.new = new
    }

    /// Whether a stage may begin on a line.
    private static func isName(_ line: ArraySlice<UInt8>, indent: Int) -> Bool {
        line.indent == indent && !StageTexts.saysNothing(line)
    }

    /// Whether no line of a stage but its first one stands where the stages'
    /// names do, or before them.
    private static func isWithin(_ text: ArraySlice<UInt8>, indent: Int) -> Bool {
        guard isName(text.line, indent: indent) else { return false }
        var rest = text.dropFirst(text.line.count)
        while !rest.isEmpty {
            let line = rest.line
            guard line.indent > indent || StageTexts.saysNothing(line) else { return false }
            rest = rest.dropFirst(line.count)
        }
        return true
    }

    /// The file with each line of all other stages a bare comment, so that
    /// every line keeps its number. (Empty lines could end a text above them.)
    public func text(keeping isKept: (Int) -> Bool) -> [UInt8] {
        var text = Array(new[..<texts.starts[0]])
        for stage in texts.starts.indices {
            let lines = new[texts.range(of: stage)]
            if isKept(stage) {
                text += lines
            } else {
                for byte in lines where byte == UInt8(ascii: "\n") {
                    text.append(UInt8(ascii: "#"))
                    text.append(byte)
                }
            }
        }
        return text + new[texts.end...]
    }

    /// The line each stage begins on, from 1.
    public var lines: [Int] {
        var line = 1
        var place = 0
        return texts.starts.map { start in
            line += new[place..<start].count { $0 == UInt8(ascii: "\n") }
            place = start
            return line
        }
    }
}

extension [UInt8] {
    fileprivate func holds(_ part: ArraySlice<UInt8>, at place: Int) -> Bool {
        place + part.count <= count && self[place..<(place + part.count)].isSame(as: part)
    }

    /// Where a line that is the same as `line` begins.
    fileprivate func start(ofLine line: ArraySlice<UInt8>, in range: Range<Int>) -> Int? {
        var place = range.lowerBound
        while place < range.upperBound {
            let next = self[place..<range.upperBound].line
            if next.isSame(as: line) { return place }
            place += next.count
        }
        return nil
    }
}

extension ArraySlice<UInt8> {
    /// The first line, with its end.
    fileprivate var line: ArraySlice<UInt8> {
        firstIndex(of: UInt8(ascii: "\n")).map { self[startIndex...$0] } ?? self
    }

    /// The spaces in front.
    fileprivate var indent: Int { prefix { $0 == UInt8(ascii: " ") }.count }
}
