import DataFrames
import Testing

@Suite("Values as bytes") struct ValueBytesTests {
    /// SplitMix64, so that each run sees the same.
    private struct Bits {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            return z ^ z >> 31
        }
    }

    private func text(_ write: (inout TextBytes) -> Void) -> String {
        var text = TextBytes(capacity: 1)
        write(&text)
        return text.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// Nil where there is none; then nothing may be appended.
    private func moment(_ write: (inout TextBytes) -> Bool) -> String? {
        var hasText = false
        let text = text { hasText = write(&$0) }
        return hasText ? text : text.isEmpty ? nil : "nothing, but '\(text)'"
    }

    private func expectDescription(_ value: Double, usual places: [Int]) {
        for places in places {
            let found = text { $0.append(number: value, usualPlaces: places) }
            #expect(found == "\(value)", "\(places) places tried first")
        }
    }

    @Test("Numbers have the text of their description, whichever places are tried first")
    func numbers() {
        let edges: [Double] = [
            0, 1, 10, 0.1, 0.3, 0.1 + 0.2, 1e-4, 1e-5, 0.00012345678901234, 9.999999999999999e-5, 123_456.789,
            999_999_999_999_999, 999_999_999_999_999.9, 1e15, 1e15 - 0.125, 1e16, 0x1p53, 0x1p54, 0x1p53 - 1,
            99_999_999_999_999.95, 0.1 * 3, 1 / 3, 2 / 3, .pi, .leastNonzeroMagnitude, .leastNormalMagnitude,
            .greatestFiniteMagnitude, .leastNonzeroMagnitude, 4.35, 0.000123, 100.25, 1e14, 1e14 + 0.5,
            8.5e14, 0.5,
            72_057_594.037927936,
        ]
        for value in edges {
            for value in [value, -value, value.nextUp, value.nextDown] {
                expectDescription(value, usual: [0, 1, 2, 6, 12])
            }
        }
        var bits = Bits(state: 7)
        for _ in 0..<20_000 {
            // Decimal texts of all lengths, their neighbours, and any bits.
            let (digits, places) = (
                Int64(bitPattern: bits.next()) >> Int64(bits.next() % 64), bits.next() % 22
            )
            let decimal = Double("\(digits)e-\(places)")!
            expectDescription(decimal, usual: [Int(bits.next() % 13)])
            expectDescription(decimal.nextUp, usual: [Int(places % 13)])
            let any = Double(bitPattern: bits.next())
            if any.isFinite { expectDescription(any, usual: [4]) }
            expectDescription(Double(Int64(bitPattern: bits.next()) >> 8) / 4096, usual: [3])
        }
    }

    @Test("The places that a column's first numbers need are tried first")
    func places() {
        #expect(ValueBytes.usualPlaces([]) == 0)
        #expect(ValueBytes.usualPlaces([1, -2.5, 0.125, 100]) == 3)
        #expect(ValueBytes.usualPlaces([.pi, .nan, .infinity]) == 0)
    }

    @Test("Integers have the text of their description")
    func integers() {
        var powers: [Int64] = [0, .min, .max]
        for power in sequence(first: Int64(1), next: { $0 < 1_000_000_000_000_000_000 ? $0 * 10 : nil }) {
            powers += [power, power - 1, power + 1]
        }
        var bits = Bits(state: 3)
        for _ in 0..<2000 { powers.append(Int64(bitPattern: bits.next()) >> Int64(bits.next() % 64)) }
        for value in powers.flatMap({ [$0, 0 &- $0] }) {
            #expect(text { $0.append(integer: value) } == "\(value)")
        }
    }

    @Test("Dates and times read back as they were, and have no text outside the years 1 to 9999")
    func moments() {
        var bits = Bits(state: 5)
        for _ in 0..<5000 {
            let days = Int32(truncatingIfNeeded: Int64(bits.next() % 3_652_059) - 719_162)
            #expect(moment { $0.append(days: days) }.flatMap(FieldText.date) == days)
            let time = Int64(days) * 86_400_000_000 + Int64(bits.next() % 86_400_000_000)
            for time in [time, time / 1_000_000 * 1_000_000] {
                #expect(moment { $0.append(microseconds: time) }.flatMap(FieldText.timestamp) == time)
            }
        }
        #expect(moment { $0.append(days: -719_162) } == "0001-01-01")
        #expect(moment { $0.append(microseconds: -1) } == "1969-12-31T23:59:59.999999Z")
        #expect(moment { $0.append(microseconds: 0) } == "1970-01-01T00:00:00Z")
        for (days, time) in [(Int32(-719_163), Int64.min), (2_932_897, .max)] {
            #expect(moment { $0.append(days: days) } == nil)
            #expect(moment { $0.append(microseconds: time) } == nil)
        }
    }

    @Test("Texts of all lengths are copied unless a stop is in them, wherever it is")
    func texts() {
        let stops = TextStops(below: 0x0E, UInt8(ascii: ","), UInt8(ascii: "\""))
        for count in 0...40 {
            let plain = String("0123456789éabcdefghijklmnopqrstuvwxyzABCDE".prefix(count))
            let storage = StringStorage(["before,", plain, ",behind"])
            var text = TextBytes(capacity: 1)
            let areCopied = (
                text.append(storage, 1, quoted: false, unless: stops),
                text.append(storage, 1, quoted: true, unless: stops)
            )
            #expect(areCopied == (true, true))
            #expect(text.withBytes { String(decoding: $0, as: UTF8.self) } == "\(plain)\"\(plain)\"")
            for place in 0..<plain.utf8.count {
                for stop in [0, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: "\"")] {
                    var bytes = [UInt8](repeating: 0x7F, count: count)
                    bytes[min(place, count - 1)] = stop
                    var marked = StringStorage()
                    marked.append(bytes)
                    let isCopied = text.append(marked, 0, quoted: true, unless: stops)
                    #expect(!isCopied, "\(stop) at \(place) of \(count)")
                }
            }
            #expect(text.count == 2 * plain.utf8.count + 2)
        }
    }

    @Test("Rows are put together of values made a column at a time")
    func rows() {
        var values = TextBytes(capacity: 1)
        var ends: [Int] = []
        let long = String(repeating: "long ", count: 30)
        for text in ["1", "2", "", long] {
            values.append(Array(text.utf8))
            ends.append(values.count)
        }
        let seams = TextSeams(before: [Array("a=".utf8), Array(";b=".utf8)], end: [0x0A])
        let rows = text { $0.append(rows: 2, &values, ends: ends, seams) }
        #expect(rows == "a=1;b=\na=2;b=\(long)\n")
        #expect(text { $0.append(rows: 0, &values, ends: [], seams) } == "")
    }
}
