import TableTypes

/// Numbers with another decimal point, with groups of digits, or with other characters around them.
struct NumberForm: Sendable {
    private let decimal: [UInt8]
    private let group: [UInt8]
    private let isBare: Bool
    private let isWhole: Bool

    /// Nil where numbers are spelt as usual.
    init?(_ spelling: TableSchema.Spelling, isWhole: Bool) throws(FieldForm.Problem) {
        func isDigit(_ text: String) -> Bool {
            text.isEmpty || text.utf8.contains { $0 &- 0x30 <= 9 || $0 == 0x2D || $0 == 0x2B }
        }
        if let text = spelling.decimal, isDigit(text) {
            throw .property("decimalChar", expected: "what is neither empty nor a digit or sign, such as ','")
        }
        if let text = spelling.group, isDigit(text) {
            throw .property("groupChar", expected: "what is neither empty nor a digit or sign, such as '.'")
        }
        if (spelling.decimal ?? ".") == spelling.group {
            throw .property(
                "groupChar", expected: "another text than the decimal point, '\(spelling.decimal ?? ".")'")
        }
        let isUsual =
            (isWhole || (spelling.decimal ?? ".") == ".") && spelling.group == nil && spelling.isBare
        if isUsual { return nil }
        decimal = Array((spelling.decimal ?? ".").utf8)
        group = Array((spelling.group ?? "").utf8)
        isBare = spelling.isBare
        self.isWhole = isWhole
    }

    func integer(_ field: FieldBytes.Bytes, _ count: Int) -> Int64? {
        usual(field, count).withUnsafeBufferPointer { usual in
            usual.baseAddress.flatMap { FieldBytes.integer($0, usual.count) }
        }
    }

    func number(_ field: FieldBytes.Bytes, _ count: Int) -> Double? {
        usual(field, count).withUnsafeBufferPointer { usual in
            usual.baseAddress.flatMap { FieldBytes.toldNumber($0, usual.count) }
        }
    }

    /// The number as it is spelt usually; nothing where a group stands at either end.
    private func usual(_ field: FieldBytes.Bytes, _ count: Int) -> [UInt8] {
        var bytes = UnsafeBufferPointer(start: field, count: count)[...]
        var usual: [UInt8] = []
        if !isBare {
            // A sign in front of all is the number's: -$5.
            if let sign = bytes.first, isSign(sign), bytes.count > 1, !startsNumber(bytes.dropFirst(), nil) {
                usual.append(sign)
                bytes.removeFirst()
            }
            // What stands before and behind the number is no part of it.
            var before = usual.first
            while let first = bytes.first, !isSign(first), !startsNumber(bytes, before) {
                before = bytes.removeFirst()
            }
            while let last = bytes.last, last &- 0x30 > 9 { bytes.removeLast() }
        }
        var digits = 0
        while !bytes.isEmpty {
            if !group.isEmpty, bytes.starts(with: group) {
                bytes = bytes.dropFirst(group.count)
                guard digits > 0, bytes.first.map({ $0 &- 0x30 <= 9 }) == true else { return [] }
            } else if !isWhole, bytes.starts(with: decimal) {
                bytes = bytes.dropFirst(decimal.count)
                usual.append(UInt8(ascii: "."))
            } else if decimal != [UInt8(ascii: ".")], bytes.first == UInt8(ascii: ".") {
                return []
            } else {
                let byte = bytes.removeFirst()
                if byte &- 0x30 <= 9 { digits += 1 }
                usual.append(byte)
            }
        }
        return usual
    }

    private func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") }

    /// Whether a digit comes next, or a decimal point with one behind it. A point behind a letter ends a word, as in
    /// Rs.50.
    private func startsNumber(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ before: UInt8?) -> Bool {
        if bytes.first.map({ $0 &- 0x30 <= 9 }) == true { return true }
        let isLetter = before.map { ($0 | 0x20) &- 0x61 < 26 } ?? false
        return !isLetter && bytes.starts(with: decimal)
            && bytes.dropFirst(decimal.count).first.map { $0 &- 0x30 <= 9 } == true
    }
}
