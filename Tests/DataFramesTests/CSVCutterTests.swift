import Glibc
import TableTypes
import Testing

@testable import DataFrames

@Suite struct CSVCutterTests {
    /// The records of a file, nil for one that cannot be cut, and the number of each.
    private typealias Records = [(row: Int, fields: [String]?)]

    private func plain(_ bytes: [UInt8], _ format: CSVFormat, keepsEmptyLines: Bool) -> (Records, CSVError?) {
        var scanner = PlainCSVScanner(bytes: bytes, format: format)
        scanner.keepsEmptyLines = keepsEmptyLines
        var records: Records = []
        while scanner.next() {
            if case .unclosedQuote = scanner.fault { return (records, scanner.fault) }
            let fields = (0..<scanner.fieldCount).map { String(decoding: scanner.field($0), as: UTF8.self) }
            records.append((scanner.row, scanner.fault == nil ? fields : nil))
        }
        return (records, nil)
    }

    /// The same of bytes that come in blocks.
    private func fed(
        _ bytes: [UInt8], _ format: CSVFormat, names: [String], rows: Int, block: Int
    ) throws -> (Records, CSVError?) {
        var given = 0
        let feed = CSVFeed(format, blockBytes: block) { buffer in
            let count = min(buffer.count, bytes.count - given)
            buffer.copyBytes(from: bytes[given..<(given + count)])
            given += count
            // Now and then the end is known with the last bytes, now and then only behind them.
            return (count, count < buffer.count || block % 2 == 0 && given == bytes.count)
        }
        feed.names = names
        let chunk = CSVChunk()
        var records: Records = []
        do {
            while !feed.isAtEnd {
                try feed.cut(into: chunk, records: rows)
                var here: Records = (0..<chunk.rows).map { row in
                    (chunk.number(ofRow: row), (0..<chunk.width).map { chunk.text(row: row, column: $0) })
                }
                here += chunk.faults.map { ($0.row, nil) }
                records += here.sorted { $0.row < $1.row }
            }
        } catch let error as CSVError {
            return (records, error)
        }
        return (records, nil)
    }

    @Test func `blocks of any length give the records of the whole`() throws {
        var generator = Philox(state: 29)
        var unclosed = 0
        for round in 0..<3000 {
            // Of bytes that are UTF-8, which a feed sees to.
            let bytes = random(&generator, round % 200).filter { $0 < 0x80 }
            let format = CSVFormat(
                delimiter: UInt8(ascii: ","), quote: round % 5 == 0 ? nil : UInt8(ascii: "\""))
            let width = 1 + round % 3
            let names = (1...width).map { "column_\($0)" }
            let (expected, expectedError) = cut(
                bytes, format, keepsEmptyLines: width == 1, names: names, rows: 1000)
            if expectedError != nil { unclosed += 1 }
            for block in [1, 2, 3, 7, 64, 65, 1000] {
                let (found, error) = try fed(bytes, format, names: names, rows: 1 + round % 7, block: block)
                let text = String(decoding: bytes, as: UTF8.self).debugDescription
                // What was cut before a quote that is never closed may come in another number of pieces.
                let isSame =
                    error == expectedError
                    && (error != nil
                        || found.map(\.row) == expected.map(\.row)
                            && found.map(\.fields) == expected.map(\.fields))
                guard isSame else {
                    Issue.record("round \(round), block \(block): \(text): \(found), \(expected)")
                    return
                }
            }
        }
        #expect(unclosed > 100)
    }

    @Test func `a record longer than the limit is an error with its row, however long the file is`() {
        let bytes = Array(("a,b\n1,2\n3,\"" + String(repeating: "x", count: 10_000)).utf8)
        var given = 0
        let feed = CSVFeed(CSVFormat(), blockBytes: 64, mostBytes: 1000) { buffer in
            let count = min(buffer.count, bytes.count - given)
            buffer.copyBytes(from: bytes[given..<(given + count)])
            given += count
            return (count, count < buffer.count)
        }
        let chunk = CSVChunk()
        #expect(throws: CSVError.recordTooLong(row: 3, limit: 1000)) {
            while !feed.isAtEnd { try feed.cut(into: chunk, records: 10) }
        }
        #expect(given < 3000)
    }

    /// Records of as many fields as the first, in chunks of so many rows.
    private func cut(
        _ bytes: [UInt8], _ format: CSVFormat, keepsEmptyLines: Bool, names: [String], rows: Int
    ) -> (Records, CSVError?) {
        bytes.withUnsafeBytes { bytes in
            var cutter = CSVCutter(bytes, format)
            cutter.names = names
            cutter.keepsEmptyLines = keepsEmptyLines
            let chunk = CSVChunk()
            var records: Records = []
            var error: CSVError?
            while !cutter.isAtEnd, error == nil {
                do throws(CSVError) {
                    try cutter.cut(into: chunk, records: rows)
                } catch let found {
                    error = found
                }
                var here: Records = (0..<chunk.rows).map { row in
                    (chunk.number(ofRow: row), (0..<chunk.width).map { chunk.text(row: row, column: $0) })
                }
                here += chunk.faults.map { ($0.row, nil) }
                records += here.sorted { $0.row < $1.row }
            }
            return (records, error)
        }
    }

    /// Bytes of which most are those that mean something, so that quotes, ends and blocks meet in all ways.
    private func random(_ generator: inout Philox, _ count: Int) -> [UInt8] {
        let alphabet = Array("a\"\"\n\r\n,,;bc\u{e9}".utf8)
        let plain = Array("abcdefghij klmn".utf8)
        let isDense = generator.next() % 2 == 0
        return (0..<count).map { _ in
            let choice = generator.next()
            return isDense || choice % 8 == 0
                ? alphabet[Int(choice >> 8) % alphabet.count] : plain[Int(choice >> 8) % plain.count]
        }
    }

    private struct Philox: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            // Knuth's MMIX, whose high bits are good enough here.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 24
        }
    }

    @Test func cutsAsThePlainScannerDoes() {
        var generator = Philox(state: 11)
        var faults = 0
        var unclosed = 0
        for round in 0..<4000 {
            let bytes = random(&generator, round % 300)
            let format = CSVFormat(
                delimiter: UInt8(ascii: ","), quote: round % 5 == 0 ? nil : UInt8(ascii: "\""))
            let width = 1 + round % 3
            let keeps = width == 1
            let (expected, expectedError) = plain(bytes, format, keepsEmptyLines: keeps)
            let names = (1...width).map { "column_\($0)" }
            for rows in [1, 3, 1000] {
                let (found, error) = cut(bytes, format, keepsEmptyLines: keeps, names: names, rows: rows)
                let text = String(decoding: bytes, as: UTF8.self).debugDescription
                guard error == expectedError, found.count == expected.count else {
                    Issue.record("round \(round): \(text): \(found) \(String(describing: error))")
                    return
                }
                for (one, other) in zip(found, expected) {
                    let fields = other.fields?.count == width ? other.fields : nil
                    guard one.row == other.row, one.fields == fields else {
                        Issue.record("round \(round), rows \(rows): \(text): \(one) is not \(other)")
                        return
                    }
                    if one.fields == nil { faults += 1 }
                }
            }
            if expectedError != nil { unclosed += 1 }
        }
        #expect(faults > 1000 && unclosed > 100)
    }

    /// Calls `body` with bytes right before and right behind which nothing may be read.
    private func alone(_ bytes: [UInt8], atEnd: Bool, _ body: (UnsafeRawBufferPointer) -> Void) {
        let page = Int(getpagesize())
        let inner = (bytes.count + page - 1) / page * page
        let all = mmap(nil, inner + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
        defer { munmap(all, inner + 2 * page) }
        #expect(mprotect(all + page, inner, PROT_READ | PROT_WRITE) == 0)
        let start = all + page + (atEnd ? inner - bytes.count : 0)
        start.copyMemory(from: bytes, byteCount: bytes.count)
        body(UnsafeRawBufferPointer(start: start, count: bytes.count))
    }

    @Test func fieldsAtBothEndsOfAFileAreReadWithoutALookBeyondIt() {
        var generator = Philox(state: 23)
        let alphabet = Array("0123456789.-,,\n\"ab".utf8)
        var values = 0
        for round in 0..<1500 {
            let bytes = (0..<(1 + round % 220)).map { _ in alphabet[Int(generator.next()) % alphabet.count] }
            var scanner = PlainCSVScanner(bytes: bytes, format: CSVFormat())
            var texts: [String] = []
            while scanner.next() {
                if scanner.fault == nil, scanner.fieldCount == 2 {
                    texts += (0..<2).map { String(decoding: scanner.field($0), as: UTF8.self) }
                }
            }
            if case .unclosedQuote = scanner.fault { continue }
            for (atEnd, rows) in [(true, 1), (true, 3), (false, 2), (false, 1000)] {
                alone(bytes, atEnd: atEnd) { bytes in
                    var cutter = CSVCutter(bytes, CSVFormat())
                    cutter.names = ["a", "b"]
                    let chunk = CSVChunk()
                    let types: [ColumnType] = [.integer, .number, .text, .category, .timestamp, .boolean]
                    var builders = types.map { type in
                        (0..<2).map { FieldColumnBuilder("column_\($0)", type, missing: []) }
                    }
                    while !cutter.isAtEnd {
                        do throws(CSVError) {
                            try cutter.cut(into: chunk, records: rows)
                        } catch {
                            Issue.record("\(error)")
                            return
                        }
                        for type in types.indices {
                            for column in 0..<2 { _ = builders[type][column].append(chunk, column: column) }
                        }
                    }
                    for column in 0..<2 {
                        let told = stride(from: column, to: texts.count, by: 2).map { texts[$0] }
                        let made = builders.indices.map { builders[$0][column].take() }
                        let text = made[2]
                        #expect((0..<text.count).map { text.string($0) } == told)
                        #expect((0..<text.count).map { made[3].string($0) } == told)
                        let integers = told.map(FieldText.integer)
                        let numbers = told.map(FieldText.toldNumber)
                        if case .int64(let all) = made[0].storage {
                            #expect(all.indices.map { made[0].isValid($0) ? all[$0] : nil } == integers)
                        }
                        if case .float64(let all) = made[1].storage {
                            #expect(all.indices.map { made[1].isValid($0) ? all[$0] : nil } == numbers)
                        }
                        values += numbers.count { $0 != nil }
                    }
                }
            }
        }
        #expect(values > 3000)
    }
}
