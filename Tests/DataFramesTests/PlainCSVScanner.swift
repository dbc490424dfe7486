import DataFrames

/// Cuts bytes into records byte by byte: what `CSVCutter` is held to.
struct PlainCSVScanner {
    private let bytes: [UInt8]
    private let format: CSVFormat
    private var position = 0
    /// Lines without a character are no records, unless a record is one field.
    var keepsEmptyLines = false
    /// Of the current record, from 1.
    private(set) var row = 0
    /// What is wrong with the current record; its fields mean nothing then.
    private(set) var fault: CSVError?
    /// The current record's fields, end to end, and where each ends.
    private var content: [UInt8] = []
    private var ends: [Int] = []

    init(bytes: [UInt8], format: CSVFormat) {
        self.bytes = bytes
        self.format = format
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    var fieldCount: Int { ends.count }

    func field(_ index: Int) -> ArraySlice<UInt8> {
        content[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// Goes to the next record; false at the end of the file.
    mutating func next() -> Bool {
        if !keepsEmptyLines {
            while let length = lineEnd() { position += length }
        }
        guard position < bytes.count else { return false }
        row += 1
        fault = nil
        content.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        while true {
            takeField()
            if fault != nil {
                while position < bytes.count, lineEnd() == nil { position += 1 }
            }
            ends.append(content.count)
            if fault == nil, position < bytes.count, bytes[position] == format.delimiter {
                position += 1
                continue
            }
            position += lineEnd() ?? 0
            return true
        }
    }

    /// Bytes of the line end that starts here; nil if none does.
    private func lineEnd() -> Int? {
        guard position < bytes.count else { return nil }
        if bytes[position] == 0x0A { return 1 }
        return bytes[position] == 0x0D && position + 1 < bytes.count && bytes[position + 1] == 0x0A ? 2 : nil
    }

    private mutating func takeField() {
        guard let quote = format.quote, position < bytes.count, bytes[position] == quote else {
            return takeBareField()
        }
        let column = ends.count + 1
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte != quote {
                content.append(byte)
            } else if position < bytes.count, bytes[position] == quote {
                content.append(byte)
                position += 1
            } else {
                if position < bytes.count, bytes[position] != format.delimiter, lineEnd() == nil {
                    fault = .textAfterQuote(row: row, column: column)
                }
                return
            }
        }
        fault = .unclosedQuote(row: row, column: column)
    }

    private mutating func takeBareField() {
        let start = position
        while position < bytes.count, bytes[position] != format.delimiter, lineEnd() == nil {
            guard bytes[position] != format.quote else {
                fault = .quoteInBareField(row: row, column: ends.count + 1)
                return
            }
            position += 1
        }
        content.append(contentsOf: bytes[start..<position])
    }
}
