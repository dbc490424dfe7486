/// What takes the values of rows.
protocol ValueSink {
    /// The column of a name; nil if there is none and shall be none.
    mutating func column(named name: String) -> Int?
    /// Takes the value that stands at the scanner.
    mutating func take(_ scanner: inout JSONScanner, into column: Int) throws(JSONFault)
    /// A value that belongs into no column was passed.
    mutating func passed(_ name: String)
    /// - Parameter number: The line, or the element, from 1.
    mutating func endRow(_ number: Int)
    /// Forgets what was taken since the last row ended.
    mutating func dropRow()
}

/// Reads objects, each a row, into a sink.
struct RowReader<Sink: ValueSink> {
    var scanner: JSONScanner
    var sink: Sink
    /// Whether objects within a row are columns `a.b` of it.
    let flattens: Bool
    /// The keys of the rows.
    let shape = KeyShape()
    /// Rows begun, whole or not.
    private var begun = 0

    init(_ sink: Sink, flattens: Bool) {
        scanner = JSONScanner()
        self.sink = sink
        self.flattens = flattens
    }

    /// Goes to the start of a text.
    mutating func open(_ bytes: UnsafeRawBufferPointer, endsAtLineBreak: Bool) {
        scanner.open(bytes, endsAtLineBreak: endsAtLineBreak)
    }

    /// The object at the scanner as a row; on a fault nothing is left of it.
    @inline(__always)
    mutating func row() throws(JSONFault) {
        beginRow()
        do throws(JSONFault) {
            guard scanner.byte == UInt8(ascii: "{") else {
                // What is no JSON at all says so itself.
                let from = scanner.position
                try scanner.skipValue()
                throw scanner.fault(.expected(.object), at: from)
            }
            try object(shape, depth: 1)
        } catch {
            sink.dropRow()
            throw error
        }
    }

    mutating func beginRow() { begun += 1 }

    private mutating func object(_ shape: KeyShape, depth: Int) throws(JSONFault) {
        guard depth <= JSONFault.depthLimit else { throw scanner.fault(.tooDeep) }
        scanner.position += 1
        scanner.skipSpace()
        if scanner.take(UInt8(ascii: "}")) { return }
        var expected = 0
        while true {
            guard scanner.byte == 0x22 else { throw scanner.fault(.expected(.key)) }
            let place = try shape.take(&scanner, expected: expected)
            expected = place + 1
            scanner.skipSpace()
            guard scanner.take(UInt8(ascii: ":")) else { throw scanner.fault(.expected(.colon)) }
            scanner.skipSpace()
            try member(shape, place, depth: depth)
            scanner.skipSpace()
            if scanner.take(UInt8(ascii: ",")) {
                scanner.skipSpace()
                continue
            }
            guard scanner.take(UInt8(ascii: "}")) else { throw scanner.fault(.expected(.commaOrBrace)) }
            return
        }
    }

    /// The value of a key.
    @inline(__always)
    mutating func member(_ shape: KeyShape, _ place: Int, depth: Int) throws(JSONFault) {
        if flattens {
            try mark(shape, place)
            if scanner.byte == UInt8(ascii: "{") {
                return try object(shape.child(place), depth: depth + 1)
            }
        }
        var column = shape.keys[place].column
        if column == nil {
            column = sink.column(named: shape.keys[place].name) ?? -1
            shape.keys[place].column = column
        }
        guard let column, column >= 0 else {
            if !flattens { try mark(shape, place) }
            try scanner.skipValue()
            return sink.passed(shape.keys[place].name)
        }
        try sink.take(&scanner, into: column)
    }

    /// A key that no column guards against a second value.
    private func mark(_ shape: KeyShape, _ place: Int) throws(JSONFault) {
        guard shape.keys[place].row != begun else {
            throw scanner.fault(.duplicateKey(shape.keys[place].name))
        }
        shape.keys[place].row = begun
    }
}

extension RowReader {
    /// Reads JSON lines: an object a line, lines without a character skipped.
    ///
    /// - Parameters:
    ///   - limit: Rows after which the rest is not looked at.
    ///   - rowEnded: Is given the number of the line, from 1, and what was
    ///     wrong with it.
    mutating func lines(rows limit: Int = .max, _ rowEnded: (Int, JSONFault?) -> Void) {
        var line = 0
        var rows = 0
        while scanner.position < scanner.end, rows < limit {
            line += 1
            let from = scanner.position
            scanner.skipSpace()
            var fault: JSONFault?
            var isEmpty = false
            if scanner.position == scanner.end || scanner.byte == 0x0A {
                isEmpty = true
            } else {
                do throws(JSONFault) {
                    try row()
                    scanner.skipSpace()
                    if scanner.position < scanner.end, scanner.byte != 0x0A {
                        sink.dropRow()
                        throw scanner.fault(.expected(.endOfLine))
                    }
                    sink.endRow(line)
                    rows += 1
                } catch {
                    fault = error
                    fault?.offset -= from
                }
            }
            scanner.skipLine()
            if !isEmpty { rowEnded(line, fault) }
        }
    }
}
