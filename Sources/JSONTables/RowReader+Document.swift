extension RowReader {
    /// Reads the rows of a document.
    ///
    /// - Parameter rowEnded: Is given the number of an element and what is
    ///   wrong with it, and says whether to go on.
    mutating func document(
        _ path: [String], _ rowEnded: (Int, JSONFault?) -> Bool
    ) throws(JSONDocumentError) {
        for key in path {
            var passed: [String] = []
            guard try syntax({ reader throws(JSONFault) in try reader.goTo(key, &passed) }) else {
                throw .noKey(key, keys: passed)
            }
        }
        scanner.skipSpace()
        let isWhole: Bool
        switch scanner.byte {
        case UInt8(ascii: "["):
            isWhole = try syntax { reader throws(JSONFault) in try reader.elements(rowEnded) }
        case UInt8(ascii: "{"): isWhole = try columns(rowEnded)
        default:
            try syntax { reader throws(JSONFault) in try reader.scanner.skipValue() }
            throw .notRows(path: path)
        }
        guard isWhole else { return }
        try syntax { reader throws(JSONFault) in try reader.finish(depth: path.count) }
    }

    /// Faults of the document with their lines.
    private mutating func syntax<Result>(
        _ read: (inout RowReader) throws(JSONFault) -> Result
    ) throws(JSONDocumentError) -> Result {
        do throws(JSONFault) {
            return try read(&self)
        } catch {
            let before = UnsafeBufferPointer(start: scanner.start, count: min(error.offset, scanner.end))
            let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
            let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
            throw .syntax(line: line, column: error.offset - lineStart + 1, error)
        }
    }

    /// Goes to the value of a key of the object here; false if there is none.
    private mutating func goTo(_ wanted: String, _ passed: inout [String]) throws(JSONFault) -> Bool {
        scanner.skipSpace()
        guard scanner.byte == UInt8(ascii: "{") else {
            try scanner.skipValue()
            return false
        }
        scanner.position += 1
        scanner.skipSpace()
        if scanner.take(UInt8(ascii: "}")) { return false }
        while true {
            let key = try key()
            if key == wanted { return true }
            passed.append(key)
            try scanner.skipValue()
            guard try isFollowed(by: UInt8(ascii: "}"), .commaOrBrace) else { return false }
        }
    }

    /// A key with its colon.
    private mutating func key() throws(JSONFault) -> String {
        guard scanner.byte == 0x22 else { throw scanner.fault(.expected(.key)) }
        let key = String(decoding: try scanner.string(), as: UTF8.self)
        try colon()
        return key
    }

    private mutating func colon() throws(JSONFault) {
        scanner.skipSpace()
        guard scanner.take(UInt8(ascii: ":")) else { throw scanner.fault(.expected(.colon)) }
        scanner.skipSpace()
    }

    /// Takes a comma, or the bracket that ends what is read.
    private mutating func isFollowed(
        by end: UInt8, _ expected: JSONFault.Expected
    ) throws(JSONFault) -> Bool {
        scanner.skipSpace()
        if scanner.take(UInt8(ascii: ",")) {
            scanner.skipSpace()
            return true
        }
        guard scanner.take(end) else { throw scanner.fault(.expected(expected)) }
        return false
    }

    /// What stands behind the rows must be JSON too: a file that was cut is not
    /// taken for a whole one.
    private mutating func finish(depth: Int) throws(JSONFault) {
        for _ in 0..<depth {
            while try isFollowed(by: UInt8(ascii: "}"), .commaOrBrace) {
                _ = try key()
                try scanner.skipValue()
            }
        }
        scanner.skipSpace()
        guard scanner.position == scanner.end else { throw scanner.fault(.expected(.endOfText)) }
    }

    /// An array of objects.
    ///
    /// - Returns: Whether all of it was read.
    private mutating func elements(_ rowEnded: (Int, JSONFault?) -> Bool) throws(JSONFault) -> Bool {
        scanner.position += 1
        scanner.skipSpace()
        if scanner.take(UInt8(ascii: "]")) { return true }
        var element = 0
        repeat {
            element += 1
            let from = scanner.position
            let isObject = scanner.byte == UInt8(ascii: "{")
            do throws(JSONFault) {
                try row()
                sink.endRow(element)
                if !rowEnded(element, nil) { return false }
            } catch {
                // Where its end can be found, the others can still be read.
                scanner.position = from
                do throws(JSONFault) {
                    if isObject { try scanner.passNested() } else { try scanner.skipValue() }
                } catch _ {
                    throw error
                }
                if !rowEnded(element, JSONFault(problem: error.problem, offset: error.offset - from)) {
                    return false
                }
            }
        } while try isFollowed(by: UInt8(ascii: "]"), .commaOrBracket)
        return true
    }

    /// An object of arrays, read side by side, a value of each at a time.
    ///
    /// - Returns: Whether all of it was read.
    private mutating func columns(_ rowEnded: (Int, JSONFault?) -> Bool) throws(JSONDocumentError) -> Bool {
        var arrays: [(place: Int, position: Int)] = []
        scanner.position += 1
        scanner.skipSpace()
        if scanner.take(UInt8(ascii: "}")) { return true }
        var isNext = true
        while isNext {
            let place = try syntax { reader throws(JSONFault) in
                guard reader.scanner.byte == 0x22 else { throw reader.scanner.fault(.expected(.key)) }
                let from = reader.scanner.position
                let place = try reader.shape.take(&reader.scanner, expected: arrays.count)
                guard !arrays.contains(where: { $0.place == place }) else {
                    throw reader.scanner.fault(.duplicateKey(reader.shape.keys[place].name), at: from)
                }
                try reader.colon()
                return place
            }
            guard scanner.byte == UInt8(ascii: "[") else {
                throw .notAnArray(column: shape.keys[place].name)
            }
            arrays.append((place, scanner.position + 1))
            isNext = try syntax { reader throws(JSONFault) in
                try reader.scanner.passNested()
                return try reader.isFollowed(by: UInt8(ascii: "}"), .commaOrBrace)
            }
        }
        let end = scanner.position
        var rows = 0
        while true {
            var ended: Int?
            var going: Int?
            for index in arrays.indices {
                scanner.position = arrays[index].position
                scanner.skipSpace()
                if scanner.byte == UInt8(ascii: "]") {
                    ended = ended ?? index
                    continue
                }
                going = going ?? index
                if rows > 0 {
                    guard scanner.take(UInt8(ascii: ",")) else {
                        let fault = scanner.fault(.expected(.commaOrBracket))
                        return try syntax { _ throws(JSONFault) in throw fault }
                    }
                    scanner.skipSpace()
                }
                arrays[index].position = scanner.position
            }
            guard let going else { break }
            if let ended {
                throw .unequalColumns(
                    shorter: shape.keys[ended].name, rows: rows, longer: shape.keys[going].name)
            }
            beginRow()
            for index in arrays.indices {
                arrays[index].position = try syntax { reader throws(JSONFault) in
                    reader.scanner.position = arrays[index].position
                    try reader.member(reader.shape, arrays[index].place, depth: 1)
                    return reader.scanner.position
                }
            }
            rows += 1
            sink.endRow(rows)
            if !rowEnded(rows, nil) { return false }
        }
        scanner.position = end
        return true
    }
}
