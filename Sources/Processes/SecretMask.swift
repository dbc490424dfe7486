/// Puts `***` in place of secret values in a stream, whatever pieces it comes
/// in: the result depends on the bytes alone, not on where they were cut.
///
/// Overlapping values are masked as one. At most one byte less than the
/// longest value is held back.
public struct SecretMask: Sendable {
    /// Longest first, each list under its first byte.
    private var byFirst: [[[UInt8]]] = []
    private var held: [UInt8] = []
    /// How many of the held bytes belong to a value that began before them.
    private var covered = 0
    private var isInside = false

    public init(_ secrets: [String]) {
        let values = Set(secrets.map { Array($0.utf8) }).filter { !$0.isEmpty }
        guard !values.isEmpty else { return }
        byFirst = Array(repeating: [], count: 256)
        for value in values.sorted(by: { ($1.count, $0) < ($0.count, $1) }) {
            byFirst[Int(value[0])].append(value)
        }
    }

    var isIdle: Bool { byFirst.isEmpty }

    /// What may be shown of the stream up to and with these bytes.
    mutating func mask(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        held += bytes
        return pass(isLast: false)
    }

    /// What was held back: no value can be completed any more.
    mutating func finish() -> [UInt8] { isIdle ? [] : pass(isLast: true) }

    /// A whole text, with `***` in place of what is secret.
    public func masked(_ text: String) -> String {
        guard !isIdle else { return text }
        var mask = self
        let shown = Array(text.utf8).withUnsafeBytes { mask.mask($0) }
        return String(decoding: shown + mask.finish(), as: UTF8.self)
    }

    /// Goes on to the first place where a value begins that is not whole yet.
    private mutating func pass(isLast: Bool) -> [UInt8] {
        var shown: [UInt8] = []
        shown.reserveCapacity(held.count)
        var place = 0
        scan: while place < held.count {
            for value in byFirst[Int(held[place])] {
                let count = min(value.count, held.count - place)
                if count < value.count, isLast { continue }
                guard held[place..<(place + count)].elementsEqual(value[..<count]) else { continue }
                if count < value.count { break scan }
                covered = max(covered, place + count)
                break
            }
            if place >= covered {
                isInside = false
                shown.append(held[place])
            } else if !isInside {
                isInside = true
                shown += [0x2a, 0x2a, 0x2a]
            }
            place += 1
        }
        held.removeFirst(place)
        covered = max(0, covered - place)
        return shown
    }
}

private func < (a: (Int, [UInt8]), b: (Int, [UInt8])) -> Bool {
    a.0 != b.0 ? a.0 < b.0 : a.1.lexicographicallyPrecedes(b.1)
}
