import Diagnostics
import YAMLSyntax

/// Where the text of each stage stands in a pipeline file whose stages can be
/// read one without the other: whole lines, one stage behind the other.
public struct StageTexts: Equatable, Sendable {
    /// Where each stage's lines begin, in bytes, in file order.
    public let starts: [Int]
    /// Where the last one's lines end.
    public let end: Int

    public init(starts: [Int], end: Int) {
        self.starts = starts
        self.end = end
    }

    /// Whether a line says nothing, but for a comment.
    public static func saysNothing(_ line: ArraySlice<UInt8>) -> Bool {
        let text = line.first { !" \r\n".utf8.contains($0) }
        return text == nil || text == UInt8(ascii: "#")
    }

    public func range(of stage: Int) -> Range<Int> {
        starts[stage]..<(stage + 1 < starts.count ? starts[stage + 1] : end)
    }
}

extension Pipeline {
    /// Nil where what a stage is depends on the text of another one (an alias,
    /// an include, a matrix, a stage that is off, secrets, which no other
    /// stage's text may hold), where commands write wherever they like in the
    /// project, and where stages do not stand in lines of their own, or lines end
    /// otherwise than by a line feed.
    public var stageTexts: StageTexts? {
        guard files.count == 1, off.isEmpty, !hasAliases, stages.allSatisfy(Self.standsAlone),
            let entries = root.entries,
            let place = entries.firstIndex(where: { $0.name == "stages" }),
            let written = entries[place].value.entries, let first = written.first?.key,
            written.count == stages.count, zip(written, stages).allSatisfy({ $0.name == $1.name })
        else { return nil }
        guard let lines = TextLines(source.bytes) else { return nil }
        let keys = entries.map(\.key)
        let heading = keys[place].range.start
        guard keys.allSatisfy({ $0.range.start.column == 1 }), lines.isBlank(behind: heading, "stages:"),
            first.range.start.line > heading.line,
            ((heading.line + 1)..<first.range.start.line).allSatisfy({ lines.isBlank(Int($0)) })
        else { return nil }
        var starts: [Int] = []
        starts.reserveCapacity(written.count)
        for entry in written {
            let mark = entry.key.range.start
            let start = lines.start(of: Int(mark.line))
            guard mark.column == first.range.start.column, mark.column > 1,
                starts.last.map({ $0 < start }) ?? true,
                lines.bytes[start..<(start + Int(mark.column) - 1)].allSatisfy({ $0 == UInt8(ascii: " ") })
            else { return nil }
            starts.append(start)
        }
        let next = place + 1 < keys.count ? lines.start(of: Int(keys[place + 1].range.start.line)) : nil
        return StageTexts(starts: starts, end: next ?? lines.bytes.count)
    }

    private static func standsAlone(_ stage: Stage) -> Bool {
        guard case .command(let command) = stage.body else { return true }
        return command.secrets.isEmpty && !command.runsInProject
    }
}

/// The lines of a text, by number from 1.
struct TextLines {
    let bytes: [UInt8]
    private var starts = [0]

    /// - Returns: Nil where a line ends by something that YAML 1.1, and so libyaml,
    ///   takes for an end as well (section 5.4: CR, NEL, LS, PS).
    init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        for (place, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "\n"): starts.append(place + 1)
            case UInt8(ascii: "\r"):
                guard place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "\n") else { return nil }
            case 0xC2: if bytes[place...].starts(with: [0xC2, 0x85]) { return nil }
            case 0xE2:
                let isEnd = [0xA8, 0xA9].contains { bytes[place...].starts(with: [0xE2, 0x80, $0]) }
                if isEnd { return nil }
            default: break
            }
        }
    }

    func start(of line: Int) -> Int { line <= starts.count ? starts[line - 1] : bytes.count }

    /// Whether a line says nothing, but for a comment.
    func isBlank(_ line: Int) -> Bool { StageTexts.saysNothing(bytes[start(of: line)..<start(of: line + 1)]) }

    /// Whether a word stands at the mark and nothing behind it on its line.
    func isBlank(behind mark: Mark, _ word: StaticString) -> Bool {
        let line = bytes[start(of: Int(mark.line))..<start(of: Int(mark.line) + 1)].dropFirst(
            Int(mark.column) - 1)
        return word.withUTF8Buffer {
            line.starts(with: $0) && StageTexts.saysNothing(line.dropFirst($0.count))
        }
    }
}
