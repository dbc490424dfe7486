import CDataFrames

/// What stands before each value of a row, and at its end.
public struct TextSeams: Sendable {
    fileprivate let texts: StringStorage

    public init(before: [[UInt8]], end: [UInt8]) {
        var texts = StringStorage()
        for text in before + [end] { texts.append(text) }
        // Texts are copied in whole blocks.
        texts.append(repeatElement(0, count: PaddedField.behind))
        self.texts = texts
    }

    /// Columns.
    fileprivate var count: Int { texts.count - 2 }
    fileprivate var bytesOfRow: Int { texts.offsets[count + 1] }
}

extension TextBytes {
    /// Appends rows whose values were made a column at a time.
    ///
    /// - Parameters:
    ///   - values: All of the first column, then all of the next.
    ///   - ends: Where each of them ends.
    /// - Complexity: O(bytes).
    public mutating func append(rows: Int, _ values: inout TextBytes, ends: [Int], _ seams: TextSeams) {
        let columns = seams.count
        precondition(ends.count == rows * columns, "\(ends.count) values of \(rows) rows")
        values.append(most: PaddedField.behind) { _ in 0 }
        let most = values.count + rows * seams.bytesOfRow + PaddedField.behind
        append(most: most) { place in
            var place = place
            let start = place
            values.withBytes { values in
                seams.texts.bytes.withUnsafeBufferPointer { marks in
                    let values = values.assumingMemoryBound(to: UInt8.self).baseAddress!
                    let marks = marks.baseAddress!
                    func copy(_ from: UnsafePointer<UInt8>, _ count: Int) {
                        sluice_copy_field(place, from, count)
                        place += count
                    }
                    for row in 0..<rows {
                        var value = row
                        for column in 0..<columns {
                            let mark = seams.texts.offsets[column]
                            copy(marks + mark, seams.texts.offsets[column + 1] - mark)
                            let from = value == 0 ? 0 : ends[value - 1]
                            copy(values + from, ends[value] - from)
                            value += rows
                        }
                        let mark = seams.texts.offsets[columns]
                        copy(marks + mark, seams.texts.offsets[columns + 1] - mark)
                    }
                }
            }
            return place - start
        }
    }
}
